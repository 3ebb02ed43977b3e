#pragma once

#include "graph/delta.h"
#include "graph/schema.h"

#include <diffo/bolt.h>

#include <span>
#include <vector>

namespace diffo::neo4j {

/// What writes the shared graph of a commit's changes: to run in order in the commit's own
/// transaction. The texts follow from the schema alone; rows are parameters. Empty when others have
/// no form for anything that changed.
///
/// Nodes of others are never lost and what they added to ours stays. A root that others wrote and
/// a record of ours names becomes ours. Where another root of ours already has the label and key
/// (a service and a resource of one id), or what else is unique there, the later one and its parts
/// stay out of the shared graph, and so does one whose id is no UUID in lower case where others
/// name roots by UUIDs; no statement fails over it. A relationship to what is not there is tied
/// when it comes.
std::vector<bolt::Statement> projection_statements(std::span<const graph::Delta::Change> changes,
                                                   const graph::Schema& schema);

} // namespace diffo::neo4j
