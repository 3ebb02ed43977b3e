#pragma once

#include "query/condition.h"
#include "json/json_path.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <string_view>
#include <vector>

namespace diffo::query {

/// A TMF630 filter over plain JSON documents, for collections that are no inventory:
/// `owner=orders&priority.gte=5`, also with JSONPath, `filter=$[?(@.priority>=5)]`. Thread rule:
/// immutable once made.
class JsonFilter {
public:
  /// Reads a query string of conditions alone. Errors: those of parse_list_parameters; invalid for
  /// paging parameters.
  static Result<JsonFilter> parse(std::string_view raw_query);
  /// Whether all conditions hold; not where a path would look at more of the document than it may.
  [[nodiscard]] bool matches(const json::Value& document) const;

private:
  std::vector<Condition> conditions_;
  std::vector<json::PathCondition> paths_; ///< of `filter`
};

} // namespace diffo::query
