#pragma once

#include "graph/record.h"
#include "graph/schema.h"

#include <diffo/json.h>

/// What an instance says that its kind does not allow. Whoever writes is refused; what was observed
/// is kept as it was seen, and stands outstanding against the kind (wire.md §8).
namespace diffo::rules {

/// A partial document of v5 that says of each such value what is allowed, as a matcher; empty where
/// all is, and for what no kind claims. Items of arrays and required values that are missing are
/// not told of.
json::Object allowed_instead(const graph::Record& record, const graph::Schema& schema);

} // namespace diffo::rules
