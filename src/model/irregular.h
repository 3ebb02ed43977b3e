#pragma once

#include "graph/schema.h"
#include "model/attributes.h"
#include "model/kinds.h"

#include <functional>
#include <vector>

namespace diffo::model {

/// The keys of the index `irregular`: one for a record in which something stands in the place of a
/// reference or of a part with an index that edges and indexes do not know: a party given by value,
/// a place without an id or with another around it, an attribute of another form. While nothing is
/// in it, edges tell all about references (query/record_filter.h).
std::function<void(const graph::Record&, const graph::Dictionary&, graph::IndexSink&)>
irregular_keys(const std::vector<Attribute>& attributes, const std::vector<Kind>& kinds);

} // namespace diffo::model
