#pragma once

#include "graph/filter.h"
#include "graph/schema.h"

#include <optional>
#include <string>
#include <vector>

/// What a condition says of the keys that a record has in an index: what every store that keeps
/// such keys in order answers conditions with.
namespace diffo::graph {

/// Keys from `low` on, up to `high`, as an index makes them. A plain value.
struct KeyRange {
  std::string low{};
  bool low_inclusive = true;
  std::optional<std::string> high{}; ///< none: to the end of the index
  bool high_inclusive = true;

  [[nodiscard]] bool is_point() const {
    return high && low == *high && low_inclusive && high_inclusive;
  }
  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};

/// The keys of an index that a condition allows: it holds for no record that has none of them.
struct AllowedKeys {
  std::vector<KeyRange> ranges; ///< of whole keys, in any order
  bool exact = true;            ///< it holds for all that have one, also where keys are cut
};

/// What `filter` (a comparison, or in_index) allows of the keys of that index, among records of
/// families that the index covers. Nothing: the index does not tell; the condition is on something
/// else, or its operands are none.
std::optional<AllowedKeys> allowed_keys(const Filter& filter, const IndexDefinition& index);

/// The same range of keys that were cut at max_index_key_bytes: it has all that are in the range,
/// and others where a bound is as long.
KeyRange cut(const KeyRange& range);

} // namespace diffo::graph
