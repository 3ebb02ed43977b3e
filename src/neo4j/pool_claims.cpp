#include "neo4j/pool_claims.h"

#include <algorithm>
#include <iterator>

namespace diffo::neo4j {
namespace {

/// The unit that a number lies in: rounded down, also below zero.
std::int64_t unit_of(std::int64_t number, std::int64_t size) {
  const std::int64_t quotient = number / size;
  return number % size < 0 ? quotient - 1 : quotient;
}

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
    insert(units_, unit_of(*number, unit_));
  if (claim.lease_until != 0)
    leases_.emplace(claim.lease_until, *number);
}

void PoolClaims::erase(std::string_view key) {
  const auto claim = claims_.find(key);
  if (claim == claims_.end())
    return;
  if (const auto number = graph::number_of_key(key)) {
    remove(numbers_, *number);
    const std::int64_t unit = unit_of(*number, unit_);
    if (unit_ > 1 && numbers_between(unit * unit_, unit * unit_ + unit_ - 1) == 0)
      remove(units_, unit);
    leases_.erase({claim->second.lease_until, *number});
  }
  claims_.erase(claim);
}

const graph::Claim* PoolClaims::find(std::string_view key) const {
  const auto claim = claims_.find(key);
  return claim == claims_.end() ? nullptr : &claim->second;
}

std::uint64_t PoolClaims::numbers_between(std::int64_t first, std::int64_t last) const {
  return between(numbers_, first, last);
}

/// The numbers whose lease has run out, ascending.
std::vector<std::int64_t> PoolClaims::lapsed(std::int64_t now) const {
  std::vector<std::int64_t> numbers;
  for (const auto& [end, number] : leases_) {
    if (end > now)
      break;
    numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

/// What is free of one query at one time: numbers, or units by their number.
class PoolClaims::Free {
public:
  static Result<Free> of(const PoolClaims& claims, const graph::FreeQuery& query,
                         std::int64_t now) {
    if (!graph::unit_of_scope(query.scope))
      return Error{ErrorCode::invalid, query.scope + " is not the scope of a pool"};
    Free free(claims.numbers_);
    free.ranges_ = TRY(graph::allowed_ranges(query));
    free.lapsed_ = claims.lapsed(now);
    if (query.of == graph::FreeQuery::Of::units && claims.unit_ > 1)
      free.count_in_units(claims);
    return free;
  }

  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const graph::NumberRange& range : ranges_)
      all += count(range);
    return all;
  }

  [[nodiscard]] std::optional<std::int64_t> nth(std::uint64_t n) const {
    for (const graph::NumberRange& range : ranges_) {
      const std::uint64_t here = count(range);
      if (n < here)
        return nth(n, range);
      n -= here;
    }
    return std::nullopt;
  }

private:
  explicit Free(const std::vector<std::int64_t>& held) : held_(&held) {}

  /// From numbers to units that lie wholly within the ranges.
  void count_in_units(const PoolClaims& claims) {
    size_ = claims.unit_;
    held_ = &claims.units_;
    std::vector<graph::NumberRange> units;
    for (const graph::NumberRange& range : ranges_)
      if (const graph::NumberRange whole{unit_of(range.first - 1, size_) + 1,
                                         unit_of(range.last + 1, size_) - 1};
          whole.first <= whole.last)
        units.push_back(whole);
    ranges_ = std::move(units);
    // A unit is free again when all its claims have run out.
    std::vector<std::int64_t> free_again;
    for (std::size_t at = 0; at < lapsed_.size();) {
      const std::int64_t unit = unit_of(lapsed_[at], size_);
      std::uint64_t gone = 0;
      for (; at < lapsed_.size() && unit_of(lapsed_[at], size_) == unit; ++at)
        ++gone;
      if (claims.numbers_between(unit * size_, unit * size_ + size_ - 1) == gone)
        free_again.push_back(unit);
    }
    lapsed_ = std::move(free_again);
  }

  [[nodiscard]] std::uint64_t count(const graph::NumberRange& range) const {
    return static_cast<std::uint64_t>(range.last) - static_cast<std::uint64_t>(range.first) + 1 -
           between(*held_, range.first, range.last) + between(lapsed_, range.first, range.last);
  }

  /// By halving: the least end of a range from the first on that has n + 1 free ones.
  [[nodiscard]] std::int64_t nth(std::uint64_t n, const graph::NumberRange& range) const {
    std::int64_t low = range.first;
    std::int64_t high = range.last;
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      if (count({range.first, middle}) > n)
        high = middle;
      else
        low = middle + 1;
    }
    return low * size_;
  }

  const std::vector<std::int64_t>* held_;
  std::vector<graph::NumberRange> ranges_;
  std::vector<std::int64_t> lapsed_; ///< those among the held that count as free
  std::int64_t size_ = 1;
};

Result<std::uint64_t> PoolClaims::count_free(const graph::FreeQuery& query,
                                             std::int64_t now) const {
  return TRY(Free::of(*this, query, now)).count();
}

Result<std::optional<std::int64_t>> PoolClaims::nth_free(const graph::FreeQuery& query,
                                                         std::uint64_t n, std::int64_t now) const {
  return TRY(Free::of(*this, query, now)).nth(n);
}

} // namespace diffo::neo4j
