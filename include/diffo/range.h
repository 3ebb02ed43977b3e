#pragma once

#include <compare>
#include <cstdint>

namespace diffo {

/// Integers from first to last, both included, by step (never 0, possibly negative).
struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t step = 1;
  auto operator<=>(const Range&) const = default;
  /// Whether the integer is one of them; never overflows.
  [[nodiscard]] bool contains(std::int64_t integer) const;
  [[nodiscard]] bool empty() const;
};

} // namespace diffo
