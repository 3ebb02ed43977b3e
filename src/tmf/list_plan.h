#pragma once

#include "graph/query.h"
#include "graph/schema.h"
#include "tmf/condition.h"
#include "tmf/version.h"

#include <vector>

namespace diffo::tmf {

/// Adds to the query what the store's indexes and edges can tell of the conditions, and takes out
/// those conditions that they decide alone. What is added never excludes a record for which the
/// conditions hold.
void plan_conditions(std::vector<Condition>& conditions, Api api, Version version,
                     const graph::Schema& schema, graph::Query& query);

} // namespace diffo::tmf
