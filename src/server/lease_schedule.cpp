#include "server/lease_schedule.h"

#include <algorithm>
#include <iterator>

namespace diffo::server {

void LeaseSchedule::put(const graph::Key& key, std::int64_t until) {
  erase(key);
  if (until == 0)
    return;
  order_.emplace(until, key);
  until_.emplace(key, until);
  if (order_.size() <= most_)
    return;
  const auto last = std::prev(order_.end());
  behind_ = std::min(behind_.value_or(last->first), last->first);
  until_.erase(last->second);
  order_.erase(last);
}

void LeaseSchedule::erase(const graph::Key& key) {
  const auto known = until_.find(key);
  if (known == until_.end())
    return;
  order_.erase({known->second, key});
  until_.erase(known);
}

void LeaseSchedule::clear() {
  until_.clear();
  order_.clear();
  behind_.reset();
}

std::optional<std::int64_t> LeaseSchedule::next() const {
  return order_.empty() ? std::nullopt : std::optional(order_.begin()->first);
}

std::vector<graph::Key> LeaseSchedule::due(std::int64_t now, std::size_t most) const {
  std::vector<graph::Key> found;
  for (auto one = order_.begin(); one != order_.end() && one->first <= now && found.size() < most;
       ++one)
    found.push_back(one->second);
  return found;
}

} // namespace diffo::server
