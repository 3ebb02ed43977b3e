#pragma once

#include "graph/footprint.h"
#include "graph/schema.h"

#include <diffo/expectation.h>

#include <string>
#include <vector>

/// Which fields of a record its documents show where.
namespace diffo::loop {

/// What is read of a record of that family by whoever looks only at these paths of its document of
/// that profile, for Subgraph::fetch(). Of none of the paths still presence(); the whole record,
/// where a document of that profile is made in another way than attribute by attribute.
std::vector<graph::FieldPath> fields_at(graph::Family family, const graph::Schema& schema,
                                        outstanding::Profile profile,
                                        const std::vector<outstanding::DocumentPath>& paths);

/// That it is there, and whether it is an actual or an expected one.
std::vector<graph::FieldPath> presence();

/// The first-level attributes of the document that show these fields; `*` for the whole.
std::vector<std::string> attributes_of(const graph::Footprint::RecordRead& read,
                                       const graph::Schema& schema, outstanding::Profile profile);

} // namespace diffo::loop
