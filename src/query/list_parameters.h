#pragma once

#include "query/condition.h"

#include <cstdint>
#include <optional>
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
  std::string json_path{}; ///< in place of the path, when it is written so
  bool descending = false;
};

/// Which page of a list was asked for.
struct Paging {
  std::uint64_t offset = 0;
  std::uint64_t limit = max_page; ///< 0 asks for the counts alone
  bool has_offset = false;        ///< `offset` was given
  bool has_limit = false;         ///< `limit` was given
  /// Cursors (page_cursor.h), not yet read; empty: the beginning, or the end. At most one of them.
  std::optional<std::string> after;
  std::optional<std::string> before;

  /// Whether anything says which page is wanted.
  [[nodiscard]] bool is_given() const { return has_offset || has_limit || by_cursor(); }
  [[nodiscard]] bool by_cursor() const { return after || before; }
  /// Errors: invalid for what cannot stand beside each other.
  [[nodiscard]] Result<void> check() const;
};

/// The query string of a list, read but not yet tied to an API.
struct ListParameters {
  std::vector<ConditionText> conditions;
  /// The values of `filter`, decoded: JSONPath, all of which hold.
  std::vector<std::string> filters;
  std::vector<std::string> fields; ///< the values of `fields`, decoded
  std::vector<SortTerm> sort;
  Paging paging;
};

/// Reads `fields`, `offset`, `limit`, `after`, `before` and `sort`; everything else is a filter
/// condition. An attribute of one of these names is filtered as `limit.eq=…`. Errors, each with the
/// parameter as path: invalid for what breaks a rule, malformed for bad percent-encoding,
/// unsupported for `expand` and `depth`, which whoever expands references has taken out before.
Result<ListParameters> parse_list_parameters(std::string_view raw_query);

/// The values of the `fields` parameters, for requests about one entity, which take no others.
/// Errors: invalid for another parameter; unsupported for those that lists refuse so, too.
Result<std::vector<std::string>> parse_fields_parameters(std::string_view raw_query);

} // namespace diffo::query
