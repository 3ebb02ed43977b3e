#pragma once

#include "graph/record.h"
#include "graph/schema.h"
#include "model/api.h"

#include <cstdint>

namespace diffo::tmf {

/// Gives a new entity what the table has for one that comes without it: values, and the moment
/// (microseconds) of its last change. Errors: none. Thread rule: any thread.
void supply(graph::Element& root, model::Api api, std::int64_t now, const graph::Schema& schema);

/// Gives a changed entity the moment of its change, unless the change itself says another.
void stamp(graph::Element& root, const graph::ElementView& before, std::int64_t now,
           const graph::Schema& schema);

} // namespace diffo::tmf
