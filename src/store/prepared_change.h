#pragma once

#include "graph/change.h"
#include "graph/journal.h"
#include "store/images.h"
#include "store/state_keys.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What a change means for tables, tree and those who compare footprints, worked out where it was
/// decided: whatever takes time that grows with the record. What is left for the writer grows with
/// the number of keys that differ, and else is the same for all records.
namespace diffo::store {

/// One edge as it is told apart from others before its target has a number.
struct EdgeName {
  graph::ElementKind kind = 0;
  graph::Family target_family = 0;
  graph::Family source_family = 0;
  graph::Which which = graph::Which::actual;
  std::string target;
  friend bool operator==(const EdgeName&, const EdgeName&) = default;
  friend auto operator<=>(const EdgeName&, const EdgeName&) = default;
};

/// What a record's keys are beside those of the one it replaces. Keys end with room for the
/// ordinal, which only the writer knows.
struct KeyDifference {
  KeyList erased, inserted;
  std::vector<EdgeName> cut, tied;
};

/// Whether the time of creation that a record bears is the one it is going to have.
enum class Creation : std::uint8_t { known, open };

/// Whose times a record is going to have: of the commit, or those that it bears
/// (ChangeSet::keep_times).
enum class Times : std::uint8_t { given, brought };
inline Times times_of(const graph::ChangeSet& changes) {
  return changes.keep_times ? Times::brought : Times::given;
}

/// Either may be nothing. Keys of indexes by creation are left out while that is open.
KeyDifference difference_of(const graph::Schema& schema, const graph::Record* before,
                            const graph::Record* after, Creation creation);

/// One change, prepared against the record that it replaces.
struct PreparedChange {
  bool is_made = false;
  graph::RecordRef before; ///< what was there where it was decided
  Creation creation = Creation::known;
  graph::Hash body{};                   ///< body_hash() of the record put
  std::optional<Images::Written> image; ///< where the body of the record put lies already
  KeyDifference keys;
  std::vector<std::size_t> touched; ///< see RecentChanges
};

/// Makes sure that nobody else holds the record put, for the writer is going to stamp it.
PreparedChange prepare(const graph::Schema& schema, graph::RecordRef before, graph::Change& change,
                       Times times);

} // namespace diffo::store
