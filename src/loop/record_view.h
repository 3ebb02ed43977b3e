#pragma once

#include "graph/subgraph.h"

#include <diffo/expectation.h>

#include <memory>

namespace diffo::loop {

/// A record as the document that an expectation of that profile compares with, rendered attribute
/// by attribute as it is looked at; in profile diffo, whose attributes are not made one by one,
/// whole and at once. Thread rule: as its base; keeps the record. Errors: those of document_of().
Result<std::shared_ptr<outstanding::DocumentView>>
view_of(graph::RecordRef record, outstanding::Profile profile, graph::Subgraph& subgraph);

} // namespace diffo::loop
