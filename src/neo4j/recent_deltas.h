#pragma once

#include "graph/change.h"
#include "graph/conflicts.h"
#include "graph/delta.h"
#include "graph/footprint.h"
#include "neo4j/paging.h"

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace diffo::neo4j {

/// The commits of this process, the newest last, also those on their way to the database. With them
/// what a flight brought, which may have seen some of them half, is put back or forward to one
/// revision; and what was decided earlier is held against what has changed since. Thread rule: any
/// thread.
class RecentDeltas {
public:
  /// Nothing is known of commits up to that one.
  explicit RecentDeltas(graph::Sequence newest) : known_after_(newest) {}

  /// The next one is the first one that there is, behind that one.
  void begin_behind(graph::Sequence sequence);
  /// The next one: decided, and maybe on its way.
  void add(graph::DeltaRef delta);
  /// Those from that sequence on were not committed.
  void drop_from(graph::Sequence sequence);
  /// What was read at or after `since` belongs to `at` once these replace what they name. Nothing
  /// when not all commits in between are known any more.
  [[nodiscard]] std::optional<Images> images_at(graph::Sequence at, graph::Sequence since) const;
  /// Likewise of claims: who held them at the revision; nothing in it: nobody.
  [[nodiscard]] std::map<graph::ClaimName, std::optional<graph::Claim>>
  claims_at(graph::Sequence at, graph::Sequence since) const;
  /// Whether a decision that read this at that revision, and changes these records, may be decided
  /// otherwise now.
  [[nodiscard]] bool touched(const graph::Footprint& footprint,
                             const std::vector<graph::Change>& written, graph::Sequence pinned,
                             const graph::Schema& schema) const;
  /// Those from that sequence on up to `upto`; nothing when the first of them is not known any
  /// more.
  [[nodiscard]] std::optional<std::vector<graph::DeltaRef>> from(graph::Sequence sequence,
                                                                 graph::Sequence upto) const;

private:
  [[nodiscard]] std::deque<graph::DeltaRef>::const_iterator behind(graph::Sequence sequence) const;

  static constexpr std::size_t most_deltas = 8192;
  static constexpr std::size_t most_bytes = std::size_t{64} << 20;

  mutable std::mutex mutex_;
  std::deque<graph::DeltaRef> deltas_;
  std::size_t bytes_ = 0; ///< of the images in them
  graph::Sequence known_after_;
};

} // namespace diffo::neo4j
