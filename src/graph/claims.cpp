#include "graph/claims.h"

#include <algorithm>
#include <charconv>

namespace diffo::graph {
namespace {

constexpr std::string_view pool_space = "pool/";

Result<void> check_range(const NumberRange& range) {
  if (range.first > range.last)
    return Error{ErrorCode::invalid, "the range from " + std::to_string(range.first) + " to " +
                                         std::to_string(range.last) + " ends before it begins"};
  if (range.first < -largest_number || range.last > largest_number)
    return Error{ErrorCode::invalid, "a number of a pool has at most 62 bits"};
  return {};
}

/// In ascending order, with a gap between each and the next.
std::vector<NumberRange> joined(std::vector<NumberRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const NumberRange& a, const NumberRange& b) { return a.first < b.first; });
  std::vector<NumberRange> all;
  for (const NumberRange& range : ranges) {
    if (!all.empty() && range.first <= all.back().last + 1)
      all.back().last = std::max(all.back().last, range.last);
    else
      all.push_back(range);
  }
  return all;
}

} // namespace

bool holds(const Claim& claim, std::int64_t now) {
  return claim.lease_until == 0 || claim.lease_until > now;
}

std::string pool_scope(std::string_view pool, std::uint32_t unit) {
  return std::string(pool_space) + std::to_string(unit) + '/' + std::string(pool);
}

std::optional<std::uint32_t> unit_of_scope(std::string_view scope) {
  if (!scope.starts_with(pool_space))
    return std::nullopt;
  scope.remove_prefix(pool_space.size());
  std::uint32_t unit = 0;
  const auto [end, failure] = std::from_chars(scope.data(), scope.data() + scope.size(), unit);
  if (failure != std::errc() || unit == 0 || end == scope.data() + scope.size() || *end != '/')
    return std::nullopt;
  return unit;
}

std::optional<std::int64_t> number_of_key(std::string_view key) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(key.data(), key.data() + key.size(), number);
  if (failure != std::errc() || end != key.data() + key.size() || number < -largest_number ||
      number > largest_number || std::to_string(number) != key)
    return std::nullopt;
  return number;
}

Result<std::vector<NumberRange>> allowed_ranges(const FreeQuery& query) {
  for (const auto* ranges : {&query.ranges, &query.except})
    for (const NumberRange& range : *ranges)
      TRY(check_range(range));
  const std::vector<NumberRange> except = joined(query.except);
  std::vector<NumberRange> allowed;
  auto hole = except.begin();
  for (NumberRange range : joined(query.ranges)) {
    while (hole != except.end() && hole->last < range.first)
      ++hole;
    // The last hole that touches this range may reach into the next one.
    for (auto inside = hole; inside != except.end() && inside->first <= range.last; ++inside) {
      if (range.first < inside->first)
        allowed.push_back({range.first, inside->first - 1});
      range.first = inside->last + 1;
    }
    if (range.first <= range.last)
      allowed.push_back(range);
  }
  return allowed;
}

} // namespace diffo::graph
