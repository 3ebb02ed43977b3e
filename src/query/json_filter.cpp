#include "query/json_filter.h"

#include "query/list_parameters.h"

#include <algorithm>
#include <utility>

namespace diffo::query {

Result<JsonFilter> JsonFilter::parse(std::string_view raw_query) {
  ListParameters parameters = TRY(parse_list_parameters(raw_query));
  if (parameters.paging.is_given() || !parameters.sort.empty() || !parameters.fields.empty())
    return Error{ErrorCode::invalid, "takes conditions only, no paging, sorting or fields",
                 "filter"};
  JsonFilter filter;
  filter.conditions_ =
      TRY(make_conditions(std::move(parameters.conditions),
                          [](std::span<const std::string>) { return Reading::value; }));
  return filter;
}

bool JsonFilter::matches(const json::Value& document) const {
  return std::all_of(conditions_.begin(), conditions_.end(),
                     [&document](const Condition& condition) { return condition.holds(document); });
}

} // namespace diffo::query
