#pragma once

#include "graph/query.h"
#include "graph/schema.h"
#include "model/api.h"
#include "query/condition.h"
#include "query/list_parameters.h"

#include <optional>
#include <vector>

namespace diffo::query {

/// What may be taken for granted of the records: nothing, or that the index `irregular` is empty,
/// which means that whatever looks like a reference is an edge.
enum class Assumption : std::uint8_t { nothing, regular_records };

/// Adds to the query what the store's indexes and edges can tell of the conditions, and takes out
/// those conditions that they decide alone. Under the assumption, what is added never excludes a
/// record for which the conditions hold.
void plan_conditions(std::vector<Condition>& conditions, model::Api api, model::Version version,
                     const graph::Schema& schema, Assumption assumption, graph::Query& query);

/// The index that a store can walk for a sort term, if there is one whose order is that of the
/// attribute.
std::optional<graph::IndexNumber> sort_index(const SortTerm& term, model::Api api,
                                             const graph::Schema& schema);

} // namespace diffo::query
