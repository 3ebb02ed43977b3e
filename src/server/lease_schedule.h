#pragma once

#include "graph/record.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace diffo::server {

/// Which reservations run out next, in bounded memory.
///
/// Invariants: each key is in both containers, once; when it is cut, those left out run out no
/// sooner than `behind_`, so that until then what is due is known. Thread rule: one thread.
class LeaseSchedule {
public:
  explicit LeaseSchedule(std::size_t most) : most_(most) {}

  /// A reservation until then, microseconds since 1970; 0: it is none, or none any more.
  void put(const graph::Key& key, std::int64_t until);
  void erase(const graph::Key& key);
  void clear();

  [[nodiscard]] std::optional<std::int64_t> next() const;
  /// Those that have run out by now, the first ones first, at most so many.
  [[nodiscard]] std::vector<graph::Key> due(std::int64_t now, std::size_t most) const;
  /// Whether there are more than are known by now: all must be put anew.
  [[nodiscard]] bool is_cut(std::int64_t now) const { return behind_ && *behind_ <= now; }
  /// When that will be, if nothing changes.
  [[nodiscard]] std::optional<std::int64_t> cut_at() const { return behind_; }

private:
  std::size_t most_;
  std::map<graph::Key, std::int64_t> until_;
  std::set<std::pair<std::int64_t, graph::Key>> order_;
  std::optional<std::int64_t> behind_; ///< the soonest that was left out
};

} // namespace diffo::server
