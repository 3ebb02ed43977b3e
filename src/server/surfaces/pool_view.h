#pragma once

#include "graph/store.h"
#include "rules/pools.h"

#include <diffo/domain_model.h>
#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace diffo::server {

/// An assignment as `/diffo/v1` shows it.
json::Object assignment_view(const rules::Assigned& assigned);

/// How much of a pool is out at one revision. A plain value.
struct PoolUse {
  std::int64_t size = 0;
  std::int64_t free = 0;
  std::optional<std::uint32_t> warn_percent{};

  [[nodiscard]] std::int64_t used() const { return size - free; }
  /// Of the size, rounded down; 0 where there is nothing.
  [[nodiscard]] std::int64_t percent() const;
  /// `exhausted` where nothing is free, `warning` from the declared percentage on, else `ok`.
  [[nodiscard]] std::string_view state() const;
};

/// What counting the use of a pool of an instance reads; nothing for one that has no such pool.
std::optional<graph::FreeQuery> query_of_pool(const graph::Record& instance,
                                              const model::Pool& pool, const graph::Schema& schema);

/// Counts it. The query has been announced. Errors: those of the store.
Result<PoolUse> use_of(const graph::FreeQuery& query, const model::Pool& pool,
                       graph::Subgraph& subgraph, std::int64_t now);

/// `{"instance", "pool", "thing", "units", "size", "free", "used", "percent", "state", …}`
json::Object pool_view(const graph::Record& instance, const model::DeclaredKind& kind,
                       const model::Pool& pool, const PoolUse& use, const graph::Schema& schema);

} // namespace diffo::server
