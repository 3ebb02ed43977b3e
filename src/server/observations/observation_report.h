#pragma once

#include "graph/key.h"
#include "server/observations/unseen_report.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::server {

/// What became of an item (wire.md §8).
enum class ObservedOutcome : std::uint8_t {
  unchanged,   ///< it is as it was seen
  updated,     ///< it is so now
  created,     ///< it was not there
  conflicting, ///< of some of it a stronger source says otherwise; the rest is so now
  stale,       ///< some of it is older than what is there; the rest is so now
  rejected     ///< nothing of it could be taken
};
inline constexpr std::size_t outcome_count = 6;
std::string_view name_of(ObservedOutcome outcome);

/// One item and what became of it.
struct ItemOutcome {
  std::uint64_t number = 0; ///< from 1
  ObservedOutcome outcome = ObservedOutcome::unchanged;
  graph::Key key{};   ///< of the instance, where it is known
  std::string path{}; ///< in the item, or an address of the instance
  std::string reason{};
  bool unplaced = false; ///< rejected before it was known which instance is meant
};

/// What became of all items of a request. Those that are not unchanged are told one by one, up to
/// a bound.
class ObservationReport {
public:
  static constexpr std::size_t most_told = 10'000;

  void add(ItemOutcome outcome);
  /// In the order of the items.
  void sort();
  [[nodiscard]] std::uint64_t count(ObservedOutcome outcome) const {
    return counts_[static_cast<std::size_t>(outcome)];
  }
  /// Those that may be of any instance.
  [[nodiscard]] std::uint64_t unplaced() const { return unplaced_; }
  [[nodiscard]] json::Value to_json() const;

  std::uint64_t items = 0; ///< that came, whatever became of them
  bool stored = true;      ///< false: atomic, and nothing was taken
  bool ended = true;       ///< false: the stream was cut
  std::string note{};      ///< why it does not count as ended
  std::string source{};
  std::int64_t observed_at = 0;
  std::optional<UnseenReport> unseen{}; ///< where it was to be complete

private:
  std::array<std::uint64_t, outcome_count> counts_{};
  std::uint64_t unplaced_ = 0;
  std::vector<ItemOutcome> told_;
};

} // namespace diffo::server
