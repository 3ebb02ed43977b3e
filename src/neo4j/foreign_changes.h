#pragma once

#include "neo4j/adoption.h"

namespace diffo::neo4j {

/// What others did to roots of ours in the shared graph: a piece of adopt(), which says what
/// becomes of it.
Result<void> take_foreign_changes(Database& database, graph::Store& store,
                                  const graph::Context& context, Adoption& adoption,
                                  const graph::FindingSink& sink);

} // namespace diffo::neo4j
