#pragma once

#include "rules/enforce.h"

#include <diffo/json.h>

namespace diffo::rules {

/// The action that somebody asked for by its name.
struct Asked {
  const model::Action* action = nullptr; ///< none: a document says what is to be
  const json::Object* arguments = nullptr;
};

/// enforce() for what somebody wants here, with what functions in C++ do beside: that of the action
/// that was asked for, else those of the actions that all kinds have and that the document does
/// (domain.md §14.2). Errors: those of enforce(); those of a function; unsupported for one that
/// this program has not, internal for one that throws.
Result<Further> operate(const graph::Context& context, graph::Subgraph& subgraph,
                        const graph::Record* before, graph::RecordDraft& after,
                        const Asked& asked = {});

} // namespace diffo::rules
