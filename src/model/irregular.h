#pragma once

#include "graph/schema.h"

namespace diffo::model {

/// The keys of the index `irregular`: one for a record in which something stands in the place of a
/// reference or an identifier that edges and indexes do not know: a party given by value, a place
/// without an id, an attribute of another form. While nothing is in it, edges tell all about
/// references (list_plan.h).
void irregular_keys(const graph::Record& record, const graph::Dictionary& dictionary,
                    graph::IndexSink& sink);

} // namespace diffo::model
