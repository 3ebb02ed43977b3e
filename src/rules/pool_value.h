#pragma once

#include "base/ip_prefix.h"
#include "graph/claims.h"
#include "graph/record.h"

#include <diffo/domain_model.h>
#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The bounds of a pool as they stand in its characteristic of an instance (domain.md §10.1).
namespace diffo::rules {

/// What a pool of one instance may hand out. A plain value.
struct PoolBounds {
  std::vector<graph::NumberRange> ranges{}; ///< of numbers, or of the numbers of prefixes
  std::vector<graph::NumberRange> except{};
  std::string type{};
  model::Algorithm algorithm = model::Algorithm::lowest;
  std::optional<IpPrefix> network{}; ///< of prefixes
  int prefix_length = 0;
};

/// Reads what a document or an action says of a pool and brings it into its form:
/// `{"first", "last", "type"?, "algorithm"}`, with `ranges` and `except` where there are several,
/// or
/// `{"network", "prefixLength", "algorithm"}`. What is not said stays as in `present`, or as the
/// kind declares it. Problems: invalid, with a JSON pointer.
json::Value read_pool_value(const model::Pool& pool, const json::Value& present,
                            const json::Value& given, const std::string& path,
                            std::vector<Error>& problems);

/// Whether it says all that such a value must say.
bool is_whole_pool_value(const model::Pool& pool, const json::Value& value);

/// What a value in that form says.
PoolBounds pool_bounds(const model::Pool& pool, const json::Value& value);
/// That of an instance, without what others have handed out of it; nothing when it has no such
/// characteristic.
std::optional<PoolBounds> pool_bounds(const model::Pool& pool, const graph::ElementView& root);

/// What stands there; null when nothing does.
json::Value pool_value_of(const model::Pool& pool, const graph::ElementView& root);

/// The scope of the claims on a pool's values.
std::string scope_of_pool(const graph::KeyView& assigner, const model::Pool& pool);
/// The instance whose pool it is; nothing for other scopes.
std::optional<graph::Key> assigner_of_scope(std::string_view scope);
/// What may be handed out of it.
graph::FreeQuery free_query(const graph::KeyView& assigner, const model::Pool& pool,
                            const PoolBounds& bounds);
/// How many values the bounds have in all.
std::int64_t size_of(const graph::FreeQuery& query);

} // namespace diffo::rules
