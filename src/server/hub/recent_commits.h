#pragma once

#include "graph/delta.h"

#include <cstddef>
#include <deque>
#include <vector>

namespace diffo::server {

/// The newest commits, for those who are not far behind them: without a gap, and no more than a
/// bound of bytes. Thread rule: one thread.
class RecentCommits {
public:
  static constexpr std::size_t most_commits = 4096;
  static constexpr std::size_t most_bytes = std::size_t{32} << 20U;

  /// One that does not follow the last begins anew. False: older ones were let go.
  bool add(graph::DeltaRef commit);
  [[nodiscard]] bool is_empty() const { return commits_.empty(); }
  /// All of them, which are then here no more.
  std::deque<graph::DeltaRef> take_all();
  /// At most so many from that sequence on; none where it is not here.
  [[nodiscard]] std::vector<graph::DeltaRef> from(graph::Sequence sequence, std::size_t most) const;
  void clear();

private:
  std::deque<graph::DeltaRef> commits_;
  std::size_t bytes_ = 0;
};

} // namespace diffo::server
