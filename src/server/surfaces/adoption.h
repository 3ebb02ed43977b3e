#pragma once

#include "graph/change.h"
#include "graph/subgraph.h"
#include "loop/decision_record.h"
#include "loop/evaluate.h"

#include <diffo/json.h>

#include <vector>

/// Expectations, and expected instances, that follow what is there (wire.md §7.2).
namespace diffo::server {

/// One of them as it is, and as it will be. A plain value.
struct Adoption {
  graph::RecordRef present;
  json::Value document;   ///< as it will be; of an expected instance that of v5
  json::Value operations; ///< of an expected instance: the JSON Patch (RFC 6902) of its document
};

/// A leaf that is adopted, of one evaluation of what the record expects of the target.
struct AdoptedLeaf {
  outstanding::Leaf leaf;
  graph::Key target;
};

/// What adopting the leaves makes of the record that expects them. Errors: conflict for a leaf that
/// cannot be adopted: what is unknown, a target that does not exist, and what the kind of an
/// expected instance has it say whatever is written; of an expected instance those of changing it.
Result<Adoption> adoption_of(const graph::RecordRef& present,
                             const std::vector<AdoptedLeaf>& leaves, graph::Subgraph& subgraph,
                             const loop::EvaluateOptions& options, const graph::Context& context);

/// Adds the change. Errors: conflict when the record is no longer what it was; those of changing
/// it. Nothing to be committed while the subgraph is not complete.
Result<void> add_adoption(const Adoption& adoption, const graph::Context& context,
                          graph::Subgraph& subgraph, graph::ChangeSet& change);

/// Adds the changes that make what a decision, as it is stored, has adopted what it was before.
/// `history` gives earlier versions. Errors: conflict where it was changed since, or what it was is
/// no longer kept.
Result<void> add_restored(const loop::Decision& decision, const graph::Record& stored,
                          const graph::Store& history, const graph::Context& context,
                          graph::Subgraph& subgraph, graph::ChangeSet& change);

} // namespace diffo::server
