#pragma once

#include <diffo/domain_model.h>

namespace diffo::model {

/// The document that declares the domain, every part in its longest form; load_model reads an equal
/// domain from it, as JSON and through yaml::to_text.
json::Value to_json(const Domain& domain);
json::Value to_json(const DeclaredKind& kind);

} // namespace diffo::model
