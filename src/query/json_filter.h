#pragma once

#include "query/condition.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <string_view>
#include <vector>

namespace diffo::query {

/// A TMF630 filter over plain JSON documents, for collections that are no inventory:
/// `owner=orders&priority.gte=5`. Thread rule: immutable once made.
class JsonFilter {
public:
  /// Reads a query string of conditions alone. Errors: those of parse_list_parameters; invalid for
  /// paging parameters.
  static Result<JsonFilter> parse(std::string_view raw_query);
  /// Whether all conditions hold.
  [[nodiscard]] bool matches(const json::Value& document) const;

private:
  std::vector<Condition> conditions_;
};

} // namespace diffo::query
