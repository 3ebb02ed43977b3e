#pragma once

#include "graph/record.h"
#include "graph/schema.h"
#include "neo4j/projection/shared_graph.h"

#include <diffo/result.h>

#include <set>
#include <string>

/// A record of ours whose nodes others changed, as it is with their changes.
namespace diffo::neo4j {

struct ForeignVersion {
  const graph::RecordDraft& theirs;     ///< gathered from the nodes as they are
  const SharedGraph& graph;             ///< the nodes that a record like it would have
  const std::set<std::string>& present; ///< the identities of all parts that were found there
};

/// The record with what differs between the nodes that it has (`own`) and theirs: properties, what
/// parts and the root lead to, parts that came and went. Whatever the shared graph has no place
/// for stays as it is. Errors: conflict, with a sentence, for what cannot be taken leaf by leaf.
Result<graph::RecordDraft> merged(const graph::Record& record, const SharedGraph& own,
                                  const ForeignVersion& foreign, const graph::Schema& schema);

/// Whether the record says what the shared graph has no place for, which would be gone with it.
bool says_more(const graph::Record& record, const SharedGraph& own, const graph::Schema& schema);

} // namespace diffo::neo4j
