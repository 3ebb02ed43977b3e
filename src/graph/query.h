#pragma once

#include "graph/record.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// How a filter reaches a store: index ranges the store can use, and a predicate for the rest.
namespace diffo::graph {

/// Keys of an index from `low` on, up to `high`. Both are keys as the index' extractor makes them.
struct KeyRange {
  std::string low;
  bool low_inclusive = true;
  std::optional<std::string> high; ///< none: to the end of the index
  bool high_inclusive = true;
};

/// The record has a key of the index in one of the ranges.
struct IndexCondition {
  IndexNumber index = 0;
  std::vector<KeyRange> any_of;
  /// The ranges decide alone; the predicate need not look again. Never set for keys that were cut.
  bool exact = false;
};

/// The record has an edge of one of the kinds (none: of any) to one of the targets.
struct EdgeCondition {
  std::vector<ElementKind> kinds;
  std::vector<Target> any_of;
  bool exact = false;
};

/// One sort key, most significant first. With `index` a store may walk the index; `key` gives the
/// order-preserving bytes of the record for any other order and must agree with the index. Records
/// without a key come last.
struct SortKey {
  std::optional<IndexNumber> index;
  bool descending = false;
  std::function<std::optional<std::string>(const Record&)> key;
};

/// What to find. All conditions hold together. Records of other tenants, other families and the
/// other `which` are never found. Results without a sort key come in the order of creation; between
/// equals it decides too, backwards when the first sort key is descending.
struct Query {
  Tenant tenant = 0;
  std::vector<Family> families;
  Which which = Which::actual;
  std::vector<IndexCondition> index_conditions;
  std::vector<EdgeCondition> edge_conditions;
  /// Decides what the conditions leave open; none: they decide alone. Must be pure. Called without
  /// locks.
  std::function<bool(const Record&)> predicate;
  std::vector<SortKey> order;
  std::uint64_t offset = 0;
  std::uint64_t limit = 1000;
};

/// One page of what a query finds.
struct Page {
  std::vector<RecordRef> records;
  std::uint64_t total = 0; ///< all matches, exact
};

} // namespace diffo::graph
