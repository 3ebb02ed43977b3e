#pragma once

#include "graph/change.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

/// What every store asks of a change set before it applies it.
namespace diffo::graph {

inline constexpr std::size_t max_id_bytes = 2048;

/// Each change for itself and against the others. `is_there`: whether a record exists that is to be
/// erased. Errors: too_large, invalid, not_found, internal for what no rule should want.
Result<void> check_changes(const Context& context, const ChangeSet& changes, const Schema& schema,
                           std::size_t most_changes,
                           const std::function<bool(const KeyView& key)>& is_there);

/// `holder`: who holds a claim, in force or not. Errors: conflict when somebody else holds one that
/// is taken; invalid for a key that is no number in the scope of a pool.
Result<void> check_claims(const ChangeSet& changes, std::int64_t now,
                          const std::function<std::optional<Claim>(const ClaimName& name)>& holder);

/// Whether both are held by the same, on the same branch.
bool same_holder(const Claim& a, const Claim& b);

/// The records that an answer to this shows.
std::vector<Key> answered_keys(const ChangeSet& wanted);

} // namespace diffo::graph
