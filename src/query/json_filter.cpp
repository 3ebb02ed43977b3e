#include "query/json_filter.h"

#include "query/entity_path.h"
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
  for (const std::string& text : parameters.filters) {
    auto path = EntityPath::parse(text);
    if (!path)
      return Error{path.error().code, path.error().message, "filter"};
    filter.paths_.emplace_back(path->condition());
  }
  return filter;
}

bool JsonFilter::matches(const json::Value& document) const {
  return std::all_of(
             conditions_.begin(), conditions_.end(),
             [&document](const Condition& condition) { return condition.holds(document); }) &&
         std::all_of(paths_.begin(), paths_.end(), [&document](const json::PathCondition& path) {
           const auto outcome = holds(path, document);
           return outcome && *outcome;
         });
}

} // namespace diffo::query
