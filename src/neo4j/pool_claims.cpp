#include "neo4j/pool_claims.h"

#include "graph/free_numbers.h"

#include <algorithm>
#include <iterator>

namespace diffo::neo4j {
namespace {

void insert(std::vector<std::int64_t>& sorted, std::int64_t number) {
  const auto place = std::lower_bound(sorted.begin(), sorted.end(), number);
  if (place == sorted.end() || *place != number)
    sorted.insert(place, number);
}

void remove(std::vector<std::int64_t>& sorted, std::int64_t number) {
  const auto place = std::lower_bound(sorted.begin(), sorted.end(), number);
  if (place != sorted.end() && *place == number)
    sorted.erase(place);
}

/// How many lie from the first to the last, both included.
std::uint64_t between(const std::vector<std::int64_t>& sorted, std::int64_t first,
                      std::int64_t last) {
  return static_cast<std::uint64_t>(std::upper_bound(sorted.begin(), sorted.end(), last) -
                                    std::lower_bound(sorted.begin(), sorted.end(), first));
}

} // namespace

void PoolClaims::put(const graph::Claim& claim) {
  erase(claim.key);
  claims_.emplace(claim.key, claim);
  const auto number = graph::number_of_key(claim.key);
  if (!number)
    return;
  insert(numbers_, *number);
  if (unit_ > 1)
    insert(units_, graph::unit_of(*number, unit_));
  if (claim.lease_until != 0)
    leases_.emplace(claim.lease_until, *number);
}

void PoolClaims::erase(std::string_view key) {
  const auto claim = claims_.find(key);
  if (claim == claims_.end())
    return;
  if (const auto number = graph::number_of_key(key)) {
    remove(numbers_, *number);
    const std::int64_t unit = graph::unit_of(*number, unit_);
    if (unit_ > 1 && between(numbers_, unit * unit_, unit * unit_ + unit_ - 1) == 0)
      remove(units_, unit);
    leases_.erase({claim->second.lease_until, *number});
  }
  claims_.erase(claim);
}

const graph::Claim* PoolClaims::find(std::string_view key) const {
  const auto claim = claims_.find(key);
  return claim == claims_.end() ? nullptr : &claim->second;
}

/// What the ranks of a pool are asked by.
class PoolClaims::Held final : public graph::HeldNumbers {
public:
  explicit Held(const PoolClaims& claims) : claims_(claims) {}
  [[nodiscard]] std::uint64_t numbers(const graph::NumberRange& range) const override {
    return between(claims_.numbers_, range.first, range.last);
  }
  [[nodiscard]] std::uint64_t units(const graph::NumberRange& range) const override {
    return between(claims_.units_, range.first, range.last);
  }
  [[nodiscard]] std::vector<std::int64_t> lapsed(std::int64_t now) const override {
    std::vector<std::int64_t> numbers;
    for (const auto& [end, number] : claims_.leases_) {
      if (end > now)
        break;
      numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }

private:
  const PoolClaims& claims_;
};

Result<std::uint64_t> PoolClaims::count_free(const graph::FreeQuery& query,
                                             std::int64_t now) const {
  return graph::count_free(Held(*this), query, now);
}

Result<std::optional<std::int64_t>> PoolClaims::nth_free(const graph::FreeQuery& query,
                                                         std::uint64_t n, std::int64_t now) const {
  return graph::nth_free(Held(*this), query, n, now);
}

} // namespace diffo::neo4j
