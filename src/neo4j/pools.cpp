#include "neo4j/pools.h"

#include <algorithm>
#include <utility>

namespace diffo::neo4j {
namespace {

Error not_known() {
  return {ErrorCode::unavailable, "what is free was not fetched"};
}

} // namespace

std::vector<std::string> Pools::unknown(const std::vector<graph::FreeQuery>& asked) const {
  const std::lock_guard held(mutex_);
  std::vector<std::string> scopes;
  for (const graph::FreeQuery& query : asked)
    if (pools_.find(query.scope) == pools_.end() && graph::unit_of_scope(query.scope) &&
        std::find(scopes.begin(), scopes.end(), query.scope) == scopes.end())
      scopes.push_back(query.scope);
  return scopes;
}

void Pools::learn(const std::string& scope, const std::vector<graph::Claim>& claims,
                  graph::Sequence since) {
  const std::lock_guard held(mutex_);
  if (pools_.find(scope) != pools_.end())
    return;
  const auto later = recent_.from(since + 1, newest_);
  if (newest_ > since && !later)
    return; // too much has happened since: whoever asks reads it again
  auto pool = std::make_unique<PoolClaims>(graph::unit_of_scope(scope).value_or(1));
  for (const graph::Claim& claim : claims)
    pool->put(claim);
  pools_.emplace(scope, std::move(pool));
  if (later)
    for (const graph::DeltaRef& delta : *later)
      note(*delta, &scope);
}

void Pools::note(const graph::Delta& delta, const std::string* only) {
  const auto pool_of = [&](const graph::Claim& claim) -> PoolClaims* {
    if (only != nullptr && claim.scope != *only)
      return nullptr;
    const auto found = pools_.find(claim.scope);
    return found == pools_.end() ? nullptr : found->second.get();
  };
  for (const graph::Claim& claim : delta.released)
    if (PoolClaims* pool = pool_of(claim))
      pool->erase(claim.key);
  for (const graph::Claim& claim : delta.taken)
    if (PoolClaims* pool = pool_of(claim))
      pool->put(claim);
}

void Pools::apply(graph::DeltaRef delta) {
  const std::lock_guard held(mutex_);
  note(*delta, nullptr);
  newest_ = delta->sequence;
  recent_.add(std::move(delta));
}

void Pools::drop_from(graph::Sequence sequence) {
  const std::lock_guard held(mutex_);
  recent_.drop_from(sequence);
  pools_.clear();
  newest_ = sequence - 1;
}

std::optional<std::optional<graph::Claim>> Pools::find(const graph::ClaimName& name) const {
  const std::lock_guard held(mutex_);
  return known(name);
}

std::optional<std::optional<graph::Claim>> Pools::known(const graph::ClaimName& name) const {
  const auto pool = pools_.find(name.scope);
  if (pool == pools_.end())
    return std::nullopt;
  const graph::Claim* claim = pool->second->find(name.key);
  return claim == nullptr ? std::optional<graph::Claim>() : std::optional(*claim);
}

std::optional<std::optional<graph::Claim>> Pools::find_at(const graph::ClaimName& name,
                                                          graph::Sequence at) const {
  const std::lock_guard held(mutex_);
  if (newest_ != at)
    return std::nullopt;
  return known(name);
}

Result<std::uint64_t> Pools::count_free(const graph::FreeQuery& query, std::int64_t now) const {
  const std::lock_guard held(mutex_);
  const auto pool = pools_.find(query.scope);
  if (pool == pools_.end())
    return not_known();
  return pool->second->count_free(query, now);
}

Result<std::optional<std::int64_t>> Pools::nth_free(const graph::FreeQuery& query, std::uint64_t n,
                                                    std::int64_t now) const {
  const std::lock_guard held(mutex_);
  const auto pool = pools_.find(query.scope);
  if (pool == pools_.end())
    return not_known();
  return pool->second->nth_free(query, n, now);
}

} // namespace diffo::neo4j
