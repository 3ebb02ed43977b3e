#pragma once

#include <diffo/domain_model.h>

namespace diffo::model {

/// The JSON Schema (2020-12) of the documents of a kind: what it declares, on the wire; what TM
/// Forum publishes for all of them is left open. Of a characteristic kind: of its values. Kinds
/// that fields name stand in `$defs`.
json::Value kind_schema(const DomainModel& model, const DeclaredKind& kind);

} // namespace diffo::model
