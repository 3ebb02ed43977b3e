#pragma once

#include "graph/amending_rule.h"
#include "graph/change.h"
#include "graph/delta.h"
#include "graph/footprint.h"
#include "graph/schema.h"
#include "store/state.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace diffo::store {

using graph::DeltaRef;

/// What has changed lately, so that a decision made at an older revision can be compared with what
/// has happened since. It must never miss a change; a change too many only costs a second decision.
///
/// First, what costs next to nothing and settles most:
///  - A record by its sequence at the tip: equal sequences mean equal content, at any age.
///  - Referrers and claims by slots: slots_[hash(x)] is at least the sequence of the last commit
///    that touched x. Two things in one slot are both taken for touched when one is.
///  - A range by the class of the records changed since: deltas_ holds the newest commits without a
///    hole, so a decision older than its first is not comparable and counts as touched.
///  - Nothing is known of commits up to the one it began with: decisions from before are touched.
/// What is suspicious then (fields of a record, referrers, ranges) is held against each record
/// changed since, before and after: graph/conflicts.h. That is bounded; beyond it counts as
/// touched. A record that was read whole, or that the decision writes, is not looked at so closely:
/// what is written rests on all of it.
/// Thread rule: one thread.
class RecentChanges {
public:
  explicit RecentChanges(graph::Sequence newest);

  /// Touched: what note_target() gave for all edges that the commit cut or tied.
  void add(DeltaRef delta, std::span<const std::size_t> touched);
  /// Appends what is touched when an edge of that kind to the target comes or goes. Needs no lock:
  /// it is worked out where a change was decided.
  static void note_target(const graph::KeyView& target, graph::ElementKind kind,
                          std::vector<std::size_t>& touched);
  /// What was committed after that commit; nothing when it is not known of all, or is more than
  /// `most` records and claims.
  [[nodiscard]] std::optional<graph::Since>
  since(graph::Sequence sequence, std::size_t most = std::numeric_limits<std::size_t>::max()) const;
  /// Whether a decision that read this at that revision, and writes these records, would read
  /// something else at the tip. The schema is that of both.
  [[nodiscard]] bool touched(const graph::Footprint& footprint,
                             const std::vector<graph::Change>& written, graph::Sequence pinned,
                             const State& tip, const graph::Schema& schema) const;

private:
  using Deltas = std::deque<DeltaRef>::const_iterator;

  void touch(std::size_t hash, graph::Sequence sequence);
  [[nodiscard]] bool is_older(std::size_t hash, graph::Sequence than) const;
  [[nodiscard]] bool touched(const graph::Footprint::ReferrersRead& read,
                             graph::Sequence pinned) const;
  [[nodiscard]] bool touched(const graph::Footprint::RangeRead& read, Deltas since) const;
  [[nodiscard]] bool met_by(const graph::Footprint& suspicious, Deltas since,
                            const graph::Schema& schema) const;

  static constexpr std::size_t slot_count = std::size_t{1} << 16;
  static constexpr std::size_t most_deltas = 4096;
  static constexpr std::size_t most_bytes = std::size_t{64} << 20;
  /// Changed records that are held against one read each, for one decision.
  static constexpr std::size_t most_comparisons = 20'000;
  std::vector<graph::Sequence> slots_ = std::vector<graph::Sequence>(slot_count);
  std::deque<DeltaRef> deltas_;
  std::size_t bytes_ = 0; ///< of the images in deltas_
  graph::Sequence begun_; ///< the newest commit when it was made
  graph::Sequence newest_;
};

} // namespace diffo::store
