// Rows and columns fall into groups that have no possibility in common; each group is a problem of
// its own, and nearly all are one row and one column. Within a group the rows are assigned one
// after the other along shortest augmenting paths (the Hungarian method with potentials).
// Invariants:
//  - every row has a column "none" of its own, so that an assignment always exists;
//  - a cost is scaled, and what is below the scale is the square of the distance between the ranks
//    of both in their group: it never outweighs a cost, and is least where the order is kept;
//  - for every assigned pair potential(row) + potential(column) is its cost, for every other pair
//  at
//    most that.
#include "outstanding/assignment.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

namespace diffo::outstanding {
namespace {

using Cost = std::int64_t;

constexpr Cost impossible = Cost{1} << 58;
constexpr int scale = 36;

/// Which rows and columns hang together.
class Groups {
public:
  explicit Groups(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t of(std::size_t member) {
    while (parent_[member] != member)
      member = parent_[member] = parent_[parent_[member]];
    return member;
  }
  void join(std::size_t left, std::size_t right) { parent_[of(left)] = of(right); }

private:
  std::vector<std::size_t> parent_;
};

struct Group {
  std::vector<std::size_t> rows;
  std::vector<std::size_t> columns;
  std::vector<Possibility> possibilities;
};

/// One group, its rows and columns by rank. Thread rule: one thread, one use.
class Problem {
public:
  Problem(const Group& group, const std::vector<std::size_t>& missing)
      : rows_(group.rows.size()), shared_(group.columns.size()), columns_(shared_ + rows_),
        cost_(rows_ * columns_, impossible), of_row_(rows_ + 1), of_column_(columns_ + 1) {
    for (std::size_t row = 0; row < rows_; ++row)
      cost_[row * columns_ + shared_ + row] = static_cast<Cost>(missing[group.rows[row]] + 1)
                                              << scale;
    for (const Possibility& one : group.possibilities) {
      const std::size_t row = rank(group.rows, one.row);
      const std::size_t column = rank(group.columns, one.column);
      const auto distance = static_cast<Cost>(row) - static_cast<Cost>(column);
      cost_[row * columns_ + column] =
          (static_cast<Cost>(one.cost) << scale) + std::min(distance * distance, Cost{1} << 24);
    }
  }

  /// The rank of the column of each row; nothing: none.
  std::vector<std::optional<std::size_t>> solve() {
    std::vector<std::size_t> taker(columns_ + 1, 0); // numbered from 1; 0: nobody
    for (std::size_t row = 1; row <= rows_; ++row)
      augment(row, taker);
    std::vector<std::optional<std::size_t>> found(rows_);
    for (std::size_t column = 1; column <= shared_; ++column)
      if (taker[column] != 0)
        found[taker[column] - 1] = column - 1;
    return found;
  }

private:
  static std::size_t rank(const std::vector<std::size_t>& sorted, std::size_t member) {
    return static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), member) -
                                    sorted.begin());
  }

  void augment(std::size_t row, std::vector<std::size_t>& taker) {
    std::vector<Cost> least(columns_ + 1, std::numeric_limits<Cost>::max());
    std::vector<std::size_t> from(columns_ + 1, 0);
    std::vector<bool> seen(columns_ + 1, false);
    taker[0] = row;
    std::size_t at = 0;
    while (taker[at] != 0) {
      seen[at] = true;
      Cost step = std::numeric_limits<Cost>::max();
      std::size_t next = 0;
      const std::size_t current = taker[at];
      for (std::size_t column = 1; column <= columns_; ++column) {
        if (seen[column])
          continue;
        const Cost reduced =
            cost_[(current - 1) * columns_ + column - 1] - of_row_[current] - of_column_[column];
        if (reduced < least[column]) {
          least[column] = reduced;
          from[column] = at;
        }
        if (least[column] < step) {
          step = least[column];
          next = column;
        }
      }
      for (std::size_t column = 0; column <= columns_; ++column) {
        if (seen[column]) {
          of_row_[taker[column]] += step;
          of_column_[column] -= step;
        } else if (column != 0) {
          least[column] -= step;
        }
      }
      at = next;
    }
    for (; at != 0; at = from[at])
      taker[at] = taker[from[at]];
  }

  std::size_t rows_;
  std::size_t shared_;
  std::size_t columns_;
  std::vector<Cost> cost_;
  std::vector<Cost> of_row_;
  std::vector<Cost> of_column_;
};

/// A row alone takes its cheapest column, the first of equals.
std::optional<std::size_t> cheapest(const Group& group, std::size_t missing) {
  const auto best = std::min_element(group.possibilities.begin(), group.possibilities.end(),
                                     [](const auto& left, const auto& right) {
                                       return left.cost != right.cost ? left.cost < right.cost
                                                                      : left.column < right.column;
                                     });
  if (best == group.possibilities.end() || best->cost > missing + 1)
    return std::nullopt;
  return best->column;
}

} // namespace

std::optional<std::vector<std::optional<std::size_t>>>
assign(const std::vector<std::size_t>& missing, std::size_t columns,
       const std::vector<Possibility>& possibilities, const AssignmentLimits& limits) {
  Groups connected(missing.size() + columns);
  for (const Possibility& one : possibilities)
    connected.join(one.row, missing.size() + one.column);
  std::map<std::size_t, Group> groups;
  for (const Possibility& one : possibilities) {
    Group& group = groups[connected.of(one.row)];
    if (group.rows.empty() || group.rows.back() != one.row)
      group.rows.push_back(one.row);
    group.columns.push_back(one.column);
    group.possibilities.push_back(one);
  }
  std::vector<std::optional<std::size_t>> found(missing.size());
  std::size_t work = 0;
  for (auto& [number, group] : groups) {
    if (group.rows.size() == 1) {
      found[group.rows.front()] = cheapest(group, missing[group.rows.front()]);
      continue;
    }
    std::sort(group.columns.begin(), group.columns.end());
    group.columns.erase(std::unique(group.columns.begin(), group.columns.end()),
                        group.columns.end());
    const std::size_t rows = group.rows.size();
    const std::size_t width = group.columns.size() + rows;
    if (rows > limits.max_work / width / rows || work > limits.max_work - rows * rows * width)
      return std::nullopt;
    work += rows * rows * width;
    const auto taken = Problem(group, missing).solve();
    for (std::size_t row = 0; row < rows; ++row)
      if (taken[row])
        found[group.rows[row]] = group.columns[*taken[row]];
  }
  return found;
}

} // namespace diffo::outstanding
