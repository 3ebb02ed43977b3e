#pragma once

#include "graph/record.h"
#include "model/list_keys.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace diffo::tmf {

/// Items of one kind, of one owner, in their order.
using Items = std::vector<const graph::Element*>;

/// What is told apart by its role and is there in another one.
enum class OtherRole : std::uint8_t {
  another, ///< it is another item: both may be so
  changed  ///< the item whose role was changed, where only one is left of whom it refers to
};

/// Which item of `before` each item of `after` is, nothing for a new one: by id, by the keys of
/// their kind, with the same target first, by content, by whom they refer to in whatever role, else
/// by position (wire.md §5).
std::vector<std::optional<std::size_t>> match_items(const Items& before, const Items& after,
                                                    const model::ListKeys& keys,
                                                    OtherRole other_role);

} // namespace diffo::tmf
