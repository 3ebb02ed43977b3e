#pragma once

#include "graph/change.h"
#include "loop/expectation_document.h"

/// Expectations as records of the graph, and expected instances as expectations.
namespace diffo::loop {

/// A record for the document; `id` in the document or a fresh one. Errors: those of
/// ExpectationDocument::parse, and invalid for an id that cannot be one.
Result<graph::RecordDraft> expectation_draft(const json::Value& document,
                                             const graph::Context& context);

/// The document of a stored expectation: what came, with its id.
json::Value expectation_document(const graph::Record& record);

/// The record of the same expectation with another document. Errors: as above; invalid when the id
/// differs.
Result<graph::RecordDraft> changed_expectation(const graph::Record& present, json::Value document);

/// An instance made with `which: expected`, read as an expectation (wire.md §7): its attributes,
/// save those that the server sets, are expected of the actual instance named by `actual`, else of
/// the one with the same specification and name.
Result<ExpectationDocument> expectation_of_instance(const graph::Record& expected,
                                                    const graph::Revision& revision);

} // namespace diffo::loop
