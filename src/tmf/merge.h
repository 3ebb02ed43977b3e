#pragma once

#include "graph/record.h"

namespace diffo::tmf {

/// Applies to `present` what differs between two readings of it, `before` and `after`, and nothing
/// else: what those could not show stays. Items of one kind are matched by id, else by what tells
/// them apart (characteristics and features by name, places and parties by role, relationships by
/// name or type and target, identifiers by type), else by content or position; matched ones keep
/// their part numbers. True when something changed.
bool apply_differences(graph::Element& present, const graph::Element& before,
                       const graph::Element& after);

} // namespace diffo::tmf
