#pragma once

#include "graph/subgraph.h"
#include "tmf/emit.h"

#include <memory>
#include <vector>

namespace diffo::server {

/// Sorts keys and leaves each once.
void unite(std::vector<graph::Key>& keys);

/// The records that references of a record lead to and that a collection here may show: parties,
/// places, specifications. Empty where it has none.
graph::FetchPlan plan_for_links(const graph::Record& record, const graph::Schema& schema);

/// Those of the plan's records that are there; a null pointer for none.
std::shared_ptr<const tmf::Referenced> found_links(const graph::FetchPlan& plan,
                                                   graph::Subgraph& subgraph);

} // namespace diffo::server
