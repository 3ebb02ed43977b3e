#include "graph/free_numbers.h"

#include <algorithm>
#include <utility>

namespace diffo::graph {
namespace {

/// What is free of one query at one time: numbers, or units by their number.
class Free {
public:
  static Result<Free> of(const HeldNumbers& held, const FreeQuery& query, std::int64_t now) {
    const auto unit = unit_of_scope(query.scope);
    if (!unit)
      return Error{ErrorCode::invalid, query.scope + " is not the scope of a pool"};
    Free free(held);
    free.ranges_ = TRY(allowed_ranges(query));
    free.lapsed_ = held.lapsed(now);
    if (query.of == FreeQuery::Of::units)
      free.count_in_units(*unit);
    return free;
  }

  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const NumberRange& range : ranges_)
      all += count(range);
    return all;
  }

  [[nodiscard]] std::optional<std::int64_t> nth(std::uint64_t n) const {
    for (const NumberRange& range : ranges_) {
      const std::uint64_t here = count(range);
      if (n < here)
        return nth(n, range);
      n -= here;
    }
    return std::nullopt;
  }

private:
  explicit Free(const HeldNumbers& held) : held_(&held) {}

  /// From numbers to units that lie wholly within the ranges.
  void count_in_units(std::uint32_t unit) {
    size_ = unit;
    std::vector<NumberRange> units;
    for (const NumberRange& range : ranges_)
      if (const NumberRange whole{unit_of(range.first - 1, size_) + 1,
                                  unit_of(range.last + 1, size_) - 1};
          whole.first <= whole.last)
        units.push_back(whole);
    ranges_ = std::move(units);
    // A unit is free again when all its claims have run out.
    std::vector<std::int64_t> free_again;
    for (std::size_t at = 0; at < lapsed_.size();) {
      const std::int64_t number = unit_of(lapsed_[at], size_);
      std::uint64_t gone = 0;
      for (; at < lapsed_.size() && unit_of(lapsed_[at], size_) == number; ++at)
        ++gone;
      if (held_->numbers({number * size_, number * size_ + size_ - 1}) == gone)
        free_again.push_back(number);
    }
    lapsed_ = std::move(free_again);
  }

  [[nodiscard]] std::uint64_t count(const NumberRange& range) const {
    const auto again = std::upper_bound(lapsed_.begin(), lapsed_.end(), range.last) -
                       std::lower_bound(lapsed_.begin(), lapsed_.end(), range.first);
    return static_cast<std::uint64_t>(range.last) - static_cast<std::uint64_t>(range.first) + 1 -
           (size_ > 1 ? held_->units(range) : held_->numbers(range)) +
           static_cast<std::uint64_t>(again);
  }

  /// By halving: the least end of a range from the first on that has n + 1 free ones.
  [[nodiscard]] std::int64_t nth(std::uint64_t n, const NumberRange& range) const {
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

  const HeldNumbers* held_;
  std::vector<NumberRange> ranges_;
  std::vector<std::int64_t> lapsed_; ///< those among the held that count as free
  std::int64_t size_ = 1;
};

} // namespace

std::int64_t unit_of(std::int64_t number, std::int64_t size) {
  const std::int64_t quotient = number / size;
  return number % size < 0 ? quotient - 1 : quotient;
}

Result<std::uint64_t> count_free(const HeldNumbers& held, const FreeQuery& query,
                                 std::int64_t now) {
  return TRY(Free::of(held, query, now)).count();
}

Result<std::optional<std::int64_t>> nth_free(const HeldNumbers& held, const FreeQuery& query,
                                             std::uint64_t n, std::int64_t now) {
  return TRY(Free::of(held, query, now)).nth(n);
}

} // namespace diffo::graph
