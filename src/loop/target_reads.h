#pragma once

#include "graph/fetch_plan.h"
#include "graph/schema.h"
#include "loop/expectation_document.h"

#include <cstddef>
#include <span>
#include <vector>

namespace diffo::loop {

/// What finding the instances of a target reads, as far as the target tells. At most so many are
/// wanted. Errors: invalid for a filter that cannot be read.
Result<graph::FetchPlan> reads_of(const ExpectationTarget& target, const graph::Schema& schema,
                                  graph::Tenant tenant, std::size_t most);

/// The query of the instances that a filter finds; one more than `most` is asked for. Errors:
/// likewise.
Result<graph::Query> query_of(const TargetByFilter& target, const graph::Schema& schema,
                              graph::Tenant tenant, std::size_t most);
/// Those that may be meant by kind and key: of services, and of resources.
Result<std::vector<graph::Query>> queries_of(const TargetByKey& target, const graph::Schema& schema,
                                             graph::Tenant tenant, std::size_t most);

/// The edges over which a hop between instances leads; there for good.
std::span<const graph::ElementKind> edges_of(const Hop& hop);
/// Whether a chain leads over assignments, which are walked by the rules of pools.
bool has_assignments(const std::vector<Hop>& via);

} // namespace diffo::loop
