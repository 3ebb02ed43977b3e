#pragma once

#include "graph/change.h"
#include "graph/subgraph.h"
#include "loop/expectation_document.h"

#include <optional>

/// Expectations as records of the graph, and expected instances as expectations.
namespace diffo::loop {

/// A record for the document; `id` in the document or a fresh one. Errors: those of
/// ExpectationDocument::parse, and invalid for an id that cannot be one.
Result<graph::RecordDraft> expectation_draft(const json::Value& document,
                                             const graph::Context& context,
                                             const graph::Schema& schema);

/// What resolve_target() reads: the instances that the target's id may name.
graph::FetchPlan reads_of_target(const graph::RecordDraft& draft);

/// Points the edge of an expectation at the instance that its target's id names, so that the graph
/// tells who expects something of it. The family is the one that the target says, else the one in
/// which there is such an id, else service: the stub of what does not exist yet. An expectation
/// whose target stays as it was `before` keeps its edge. Errors: conflict when the id is both a
/// service's and a resource's and the target says no family; invalid for a filter that is new and
/// cannot be read.
Result<void> resolve_target(graph::RecordDraft& draft, const graph::Record* before,
                            graph::Subgraph& subgraph);

/// A stored expectation, its target with the family that was resolved. `compiled`: of another that
/// says the same under the same profile; its `document` then lacks that. Errors: as parse.
Result<ExpectationDocument> stored_expectation(const graph::Record& record,
                                               const graph::Schema& schema,
                                               const outstanding::Expectation* compiled = nullptr);

/// The document of a stored expectation: what came, with its id.
json::Value expectation_document(const graph::Record& record, const graph::Schema& schema);

/// The record of the same expectation with another document. Errors: as above; invalid when the id
/// differs.
Result<graph::RecordDraft> changed_expectation(const graph::Record& present, json::Value document,
                                               const graph::Schema& schema);

/// The instance that a stored expectation names by its id.
std::optional<graph::Key> named_target(const graph::Record& record, const graph::Schema& schema);

/// What a record expects: a stored expectation, or an expected instance. Errors: those of either.
Result<ExpectationDocument> expectation_of(const graph::Record& record, graph::Subgraph& subgraph);

/// An instance made with `which: expected`, read as an expectation (wire.md §7): its attributes,
/// as far as they are compared (twin.h), are expected of the actual instance named by `actual`,
/// else of the one with the same specification and name.
Result<ExpectationDocument> expectation_of_instance(const graph::Record& expected,
                                                    graph::Subgraph& subgraph);

} // namespace diffo::loop
