#pragma once

#include <cstddef>
#include <vector>

namespace diffo::loop {

/// One of them is to be done before the other.
struct Before {
  std::size_t first = 0;
  std::size_t then = 0;
};

/// For each of `count` tasks those that are to be done before it, none twice. Those on a cycle do
/// not wait for each other: they are one step.
std::vector<std::vector<std::size_t>> order_of(std::size_t count,
                                               const std::vector<Before>& demands);

} // namespace diffo::loop
