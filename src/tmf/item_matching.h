#pragma once

#include "graph/record.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace diffo::tmf {

/// Items of one kind, of one owner, in their order.
using Items = std::vector<const graph::Element*>;

/// Which item of `before` each item of `after` is, nothing for a new one: by id, by the name of a
/// relationship, by role and target, by what tells items of the kind apart, by content, else by
/// position (wire.md §5).
std::vector<std::optional<std::size_t>> match_items(const Items& before, const Items& after);

} // namespace diffo::tmf
