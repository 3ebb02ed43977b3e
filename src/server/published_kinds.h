#pragma once

#include "graph/record.h"
#include "graph/store.h"
#include "model/model.h"

#include <diffo/domain_model.h>

namespace diffo::server {

/// The specification of a declared kind as an entity of TMF633 or TMF634: what instances of it
/// refer to, with the characteristics and features that it declares. The kind has one; the model
/// declares it. Errors: those of a document, for names that no document may have.
Result<graph::RecordDraft> specification_of(const model::DeclaredKind& kind,
                                            const model::Model& model,
                                            const graph::Context& context);

/// Whether a record says what the draft does, the moment of its last change aside.
bool says_the_same(const graph::Record& present, const graph::RecordDraft& draft,
                   const graph::Schema& schema);

} // namespace diffo::server
