#pragma once

#include "graph/record.h"
#include "model/model.h"

namespace diffo::tmf {

/// Applies to `present` what differs between two readings of it, `before` and `after`, and nothing
/// else: what those could not show stays. Matched items (item_matching.h) keep their part numbers.
/// True when something changed.
bool apply_differences(graph::Element& present, const graph::Element& before,
                       const graph::Element& after, const model::Model& model);

} // namespace diffo::tmf
