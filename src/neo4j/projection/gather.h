#pragma once

#include "graph/record.h"
#include "graph/schema.h"

#include <diffo/bolt.h>
#include <diffo/result.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The way back: what anybody wrote into the shared graph, as records.
namespace diffo::neo4j {

/// What reads the roots under a shared label ("Instance") whose keys are given, with all that
/// belongs to each. A root with very many relationships of its own takes as long as they do; those
/// that lead to a root from elsewhere are never looked at.
bolt::Statement gather_statement(std::string_view shared_label, std::span<const std::string> keys,
                                 const graph::Schema& schema);

/// The records that the answer tells of, in its order; keys that nothing has are left out. The kind
/// of each is the one whose labels and properties fit best. Parts keep their identity; what a node
/// has and our model has no place for becomes extra, what others call labels and types is kept
/// beside (ForeignForm). Parts that lead to nothing, and those of kinds that belong to no record
/// (events), are left out. Errors: corrupt when it is no such answer.
Result<std::vector<graph::RecordDraft>>
gather(const bolt::EagerResult& answer, std::string_view shared_label, const graph::Schema& schema);

} // namespace diffo::neo4j
