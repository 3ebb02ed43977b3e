#pragma once

#include "query/condition.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::query {

/// The largest page, and the page of a request that names no limit (wire.md §3 Lists).
inline constexpr std::uint64_t max_page = 1000;
inline constexpr std::size_t max_sort_terms = 8;

/// One term of `sort`.
struct SortTerm {
  std::vector<std::string> path;
  bool descending = false;
};

/// The query string of a list, read but not yet tied to an API.
struct ListParameters {
  std::vector<ConditionText> conditions;
  std::vector<std::string> fields; ///< the values of `fields`, decoded
  std::vector<SortTerm> sort;
  std::uint64_t offset = 0;
  std::uint64_t limit = max_page; ///< 0 asks for the counts alone
  bool paged_explicitly = false;  ///< `offset` or `limit` was given
};

/// Reads `fields`, `offset`, `limit` and `sort`; everything else is a filter condition. An
/// attribute of one of these names is filtered as `limit.eq=…`. Errors, each with the parameter as
/// path: invalid for what breaks a rule, malformed for bad percent-encoding, unsupported for
/// `filter` (JSONPath), `before` and `after` (cursors), `expand` and `depth`.
Result<ListParameters> parse_list_parameters(std::string_view raw_query);

/// The values of the `fields` parameters, for requests about one entity, which take no others.
/// Errors: invalid for another parameter; unsupported for those that lists refuse so, too.
Result<std::vector<std::string>> parse_fields_parameters(std::string_view raw_query);

} // namespace diffo::query
