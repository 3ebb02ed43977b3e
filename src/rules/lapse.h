#pragma once

#include "graph/store.h"

#include <vector>

namespace diffo::rules {

/// Takes away those of these assignments whose lease has run out by then, with what they still
/// hold; what has to rest goes on resting (domain.md §10.3). What is gone, was confirmed or holds
/// stays as it is.
graph::Decide lapse(graph::Context context, std::vector<graph::Key> assignments);

/// What lapse() reads, as far as it is known before.
graph::FetchPlan plan_for_lapsing(const std::vector<graph::Key>& assignments);

} // namespace diffo::rules
