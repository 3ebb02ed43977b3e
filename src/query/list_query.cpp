#include "query/list_query.h"

#include "model/schema.h"
#include "query/record_filter.h"

#include <algorithm>
#include <utility>

namespace diffo::query {

Result<ListQuery> parse_list_query(std::string_view raw_query, model::Api api,
                                   model::Version version, const graph::Schema& schema) {
  const model::Model& model = model::model_of(schema);
  ListParameters parameters = TRY(parse_list_parameters(raw_query));
  for (const ConditionText& condition : parameters.conditions) {
    if (condition.name == "at")
      return Error{ErrorCode::unsupported,
                   "lists have no past yet; an attribute of this name is asked for as at.eq=",
                   condition.name};
    TRY(check_operator(condition, api, version, model));
  }
  const std::vector<Condition> conditions =
      TRY(make_conditions(std::move(parameters.conditions), reading_of(api, version, model)));
  ListQuery list;
  list.fields = TRY(select_fields(parameters.fields, api, version, model));
  list.query.families = {model::family_of(api)};
  list.query.offset = parameters.paging.offset;
  list.query.limit = parameters.paging.limit;
  // By paths last: most of them look at rendered documents.
  list.query.filter =
      graph::all_of({record_filter(conditions, api, version, schema),
                     TRY(filter_by_paths(parameters.filters, api, version, schema, list.overrun))});
  if (!model::is_of_instances(api))
    list.query.filter =
        graph::all_of({graph::in_index(model::collection_index_name, model::collection_key(api)),
                       std::move(list.query.filter)});
  for (SortTerm& term : parameters.sort)
    list.query.order.push_back(
        term.json_path.empty()
            ? record_sort_key(std::move(term.path), term.descending, api, version, schema)
            : TRY(path_sort_key(term.json_path, term.descending, api, version, schema,
                                list.overrun)));
  list.paging = std::move(parameters.paging);
  return list;
}

Result<graph::Filter> filter_by_paths(const std::vector<std::string>& filters, model::Api api,
                                      model::Version version, const graph::Schema& schema,
                                      const Overrun& overrun) {
  std::vector<graph::Filter> all;
  all.reserve(filters.size());
  for (const std::string& text : filters)
    all.push_back(TRY(path_filter(text, api, version, schema, overrun)));
  return graph::all_of(std::move(all));
}

Result<ListQuery> parse_conditions(std::string_view raw_query, model::Api api,
                                   model::Version version, const graph::Schema& schema) {
  const ListParameters parameters = TRY(parse_list_parameters(raw_query));
  const bool asks_outstanding =
      std::any_of(parameters.conditions.begin(), parameters.conditions.end(),
                  [](const ConditionText& one) { return one.name == "outstanding"; });
  if (!parameters.fields.empty() || !parameters.sort.empty() || parameters.paging.is_given() ||
      asks_outstanding)
    return Error{
        ErrorCode::invalid,
        "must be conditions alone: fields, sort, limit, offset, cursors and outstanding are of "
        "lists"};
  return parse_list_query(raw_query, api, version, schema);
}

} // namespace diffo::query
