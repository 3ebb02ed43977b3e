#pragma once

#include "graph/schema.h"
#include "graph/store.h"
#include "neo4j/connection.h"

namespace diffo::neo4j {

/// Holds the entries of the journal from `oldest` to `newest` against their chain, and each record
/// against what the newest entry that names it says of its content, as far as entries are kept.
/// Reads all of both, in pieces; what is committed meanwhile is passed over. Errors: those of the
/// database.
Result<void> check_records(Database& database, const graph::Schema& schema, graph::Sequence oldest,
                           graph::Sequence newest, const graph::FindingSink& sink);

} // namespace diffo::neo4j
