#pragma once

#include "graph/delta.h"
#include "graph/schema.h"

#include <diffo/bolt.h>

#include <cstdint>
#include <span>
#include <string_view>
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
/// name roots by UUIDs; no statement fails over it. Such a record's node, where there is one, gets
/// the label DiffoHidden, and loses it when a later commit shows it (hidden_roots.h); the column
/// `hidden` counts them. A relationship to what is not there is tied
/// when it comes, and a node that needs it is hidden until then (shared_graph.h).
std::vector<bolt::Statement> projection_statements(std::span<const graph::Delta::Change> changes,
                                                   const graph::Schema& schema);

/// The sum of a column of the answers to such statements: "added", how many nodes of ours there are
/// more after them; "hidden".
std::int64_t sum_of(std::string_view column, const std::vector<bolt::EagerResult>& answers);

/// What makes the nodes of these records, as the former schema has them, into those that this one
/// has: kinds that users declare decide on labels. `moment`: what changes was changed then.
std::vector<bolt::Statement> relabelling_statements(std::span<const graph::RecordRef> records,
                                                    const graph::Schema& former,
                                                    const graph::Schema& schema,
                                                    std::int64_t moment);

} // namespace diffo::neo4j
