#pragma once

#include "graph/schema.h"
#include "graph/store.h"

#include <diffo/bolt.h>
#include <diffo/result.h>

#include <string>
#include <vector>

/// Preparing a database, once, by an operator: what stores rely on is not made by the way.
namespace diffo::neo4j {

/// Makes the constraints and indexes of records (layout.h) and of the shared graph (neo4j.md §3.7)
/// and the head, waits until the indexes can be used, and tells what was made, a sentence for each;
/// nothing where all was there. May be repeated, also after more indexes were declared; reads and
/// writes of others go on. Errors: conflict, with a problem for each constraint that nodes stand in
/// the way of, which names them (what does not depend on it is made all the same); unavailable;
/// unauthenticated; forbidden to a user who may make no constraints; unsupported.
Result<std::vector<std::string>> initialize(bolt::Driver& driver, const std::string& database,
                                            const graph::Schema& schema);

/// Whether all that initialize() makes for that schema is there and can be used. Errors:
/// unavailable, unauthenticated.
Result<bool> is_initialized(bolt::Driver& driver, const std::string& database,
                            const graph::Schema& schema);

/// Holds what is in the shared graph against the rules that all who write it keep (neo4j.md §1.15).
/// Reads all of it, in pieces. At most so many findings of one rule are told singly. Errors:
/// unavailable, unauthenticated.
Result<void> check_shared_graph(bolt::Driver& driver, const std::string& database,
                                const graph::FindingSink& sink);

} // namespace diffo::neo4j
