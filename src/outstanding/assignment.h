#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace diffo::outstanding {

/// What it costs that a row takes a column; pairs that are not listed cannot be.
struct Possibility {
  std::size_t row = 0;
  std::size_t column = 0;
  std::size_t cost = 0;
};

struct AssignmentLimits {
  std::size_t max_work = 32'000'000; ///< about so many elementary steps
};

/// Gives each row a column of its own or none, so that the sum of the costs is least: of the pairs
/// taken, of `missing` of each row that gets none, and of 1 for each column that is left. Of equal
/// sums the one that keeps the order of both sides. The possibilities of one row stand together.
/// Nothing when it would take more work than is allowed: rows that compete for the same columns
/// take the cube of their number.
std::optional<std::vector<std::optional<std::size_t>>>
assign(const std::vector<std::size_t>& missing, std::size_t columns,
       const std::vector<Possibility>& possibilities, const AssignmentLimits& limits = {});

} // namespace diffo::outstanding
