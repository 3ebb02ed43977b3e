#pragma once

#include "graph/delta.h"
#include "graph/schema.h"
#include "neo4j/batch.h"
#include "neo4j/connection.h"

#include <diffo/bolt.h>
#include <diffo/result.h>

#include <set>
#include <string>
#include <vector>

/// Roots that stay out of the shared graph, or keep a former name in it, because another has what
/// only one may have there. Their DiffoRecord has the label DiffoHidden, which the commit that
/// could not show them gives it (projection/statements.h).
namespace diffo::neo4j {

/// Whether something may be free after the commit that was not before.
bool makes_way(const graph::Delta& delta, const graph::Schema& schema);

/// Shows those for which there is room now, some hundred in a transaction, and tells how many nodes
/// were added for that. For whoever alone writes: `head` is where the journal ends. Errors: those
/// of the database; unavailable where the head has moved. What is shown stays so.
Result<std::int64_t> show_hidden_roots(Database& database, const graph::Schema& schema,
                                       const Head& head, std::int64_t attempt);

/// What finds those among the keys of records that are hidden.
bolt::Statement hidden_statement(const std::vector<std::string>& keys);
/// Errors: corrupt, for what is no answer to it.
Result<std::set<std::string>> hidden_keys(const bolt::EagerResult& answer);

} // namespace diffo::neo4j
