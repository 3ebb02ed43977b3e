#pragma once

#include "graph/change.h"
#include "graph/schema.h"
#include "model/api.h"

#include <diffo/json.h>
#include <diffo/result.h>

namespace diffo::tmf {

/// What decoding needs to know of its circumstances: the tenant, and ids for documents without one.
using DecodeContext = graph::Context;

/// Reads a document that somebody POSTs into the draft of a new record (wire.md §3). Everything in
/// it is kept. Errors: invalid, with all problems found, each with a JSON pointer.
Result<graph::RecordDraft> decode(const json::Value& document, model::Api api,
                                  model::Version version, const graph::Schema& schema,
                                  const DecodeContext& context);

} // namespace diffo::tmf
