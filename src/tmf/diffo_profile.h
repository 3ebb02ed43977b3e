#pragma once

#include "graph/subgraph.h"
#include "rules/beside.h"

#include <string>
#include <vector>

namespace diffo::tmf {

/// What showing records in the reference's JSON reads: them, whatever they refer to, and what
/// they have handed out.
graph::FetchPlan reads_of_diffo_profile(std::vector<graph::Key> keys);

/// What one of them refers to.
graph::FetchPlan reads_of_references(const graph::Record& record, const graph::Schema& schema);

/// Appends a service, resource, specification, party, place or entity in the reference's own JSON
/// (docs/spec/profile.md): its
/// keys in its order, its internal words, relative links, no nulls. What the record's references
/// leave out is looked up in the subgraph; `beside` is shown among what it has.
void emit_diffo_profile(const graph::Record& record, graph::Subgraph& subgraph,
                        const rules::Beside& beside, std::string& json);

} // namespace diffo::tmf
