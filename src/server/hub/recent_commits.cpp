#include "server/hub/recent_commits.h"

#include <algorithm>
#include <utility>

namespace diffo::server {

bool RecentCommits::add(graph::DeltaRef commit) {
  bool whole = true;
  if (!commits_.empty() && commits_.back()->sequence + 1 != commit->sequence) {
    clear();
    whole = false;
  }
  bytes_ += bytes_of(*commit);
  commits_.push_back(std::move(commit));
  while (!commits_.empty() && (commits_.size() > most_commits || bytes_ > most_bytes)) {
    bytes_ -= bytes_of(*commits_.front());
    commits_.pop_front();
    whole = false;
  }
  return whole;
}

std::deque<graph::DeltaRef> RecentCommits::take_all() {
  bytes_ = 0;
  return std::exchange(commits_, {});
}

std::vector<graph::DeltaRef> RecentCommits::from(graph::Sequence sequence, std::size_t most) const {
  if (commits_.empty() || sequence < commits_.front()->sequence ||
      sequence > commits_.back()->sequence)
    return {};
  const auto begin =
      commits_.begin() + static_cast<std::ptrdiff_t>(sequence - commits_.front()->sequence);
  const auto left = static_cast<std::size_t>(commits_.end() - begin);
  return {begin, begin + static_cast<std::ptrdiff_t>(std::min(left, most))};
}

void RecentCommits::clear() {
  commits_.clear();
  bytes_ = 0;
}

} // namespace diffo::server
