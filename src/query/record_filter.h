#pragma once

#include "graph/record.h"
#include "graph/schema.h"
#include "model/api.h"
#include "query/condition.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// How conditions and sort terms look at packed records: plain first-level attributes straight at
/// their field, everything else at what the version would show of it.
namespace diffo::query {

/// How the text at a path is to be read: by what the published documents say of it, else by value.
Reading reading_of_path(std::span<const std::string> path);

/// Refuses a last path part that can only be meant as an operator, because what stands before it is
/// a plain value in every published document: `name.like=x`.
Result<void> check_operator(const ConditionText& condition);

/// All conditions together, as a pure function of a record; empty when there are none. The schema
/// must outlive it.
std::function<bool(const graph::Record&)> record_predicate(std::vector<Condition> conditions,
                                                           model::Api api, model::Version version,
                                                           const graph::Schema& schema);

/// The order-preserving key of a record for one sort attribute; nothing when the record does not
/// have it. Of several values the smallest counts, or the greatest when descending.
using SortKeyOf = std::function<std::optional<std::string>(const graph::Record&)>;
SortKeyOf record_sort_key(std::vector<std::string> path, bool descending, model::Api api,
                          model::Version version, const graph::Schema& schema);

} // namespace diffo::query
