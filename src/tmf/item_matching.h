#pragma once

#include "graph/record.h"
#include "model/list_keys.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace diffo::tmf {

/// Items of one kind, of one owner, in their order.
using Items = std::vector<const graph::Element*>;

/// Which item of `before` each item of `after` is, nothing for a new one: by id, by the keys of
/// their kind, with the same target first, by content, else by position (wire.md §5).
std::vector<std::optional<std::size_t>> match_items(const Items& before, const Items& after,
                                                    const model::ListKeys& keys);

} // namespace diffo::tmf
