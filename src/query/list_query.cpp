#include "query/list_query.h"

#include "model/schema.h"
#include "query/list_parameters.h"
#include "query/record_filter.h"

#include <utility>

namespace diffo::query {

Result<ListQuery> parse_list_query(std::string_view raw_query, model::Api api,
                                   model::Version version, const graph::Schema& schema) {
  const model::Model& model = model::model_of(schema);
  ListParameters parameters = TRY(parse_list_parameters(raw_query));
  for (const ConditionText& condition : parameters.conditions)
    TRY(check_operator(condition, api, version, model));
  const std::vector<Condition> conditions =
      TRY(make_conditions(std::move(parameters.conditions), reading_of(api, version, model)));
  ListQuery list;
  list.fields = TRY(select_fields(parameters.fields, api, version, model));
  list.query.families = {model::family_of(api)};
  list.query.offset = parameters.offset;
  list.query.limit = parameters.limit;
  list.query.filter = record_filter(conditions, api, version, schema);
  for (SortTerm& term : parameters.sort)
    list.query.order.push_back(
        record_sort_key(std::move(term.path), term.descending, api, version, schema));
  return list;
}

} // namespace diffo::query
