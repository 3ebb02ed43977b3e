#include "server/surfaces/pool_view.h"

#include "base/time.h"
#include "model/kinds.h"
#include "model/words.h"

#include <algorithm>

namespace diffo::server {
namespace {

std::string_view text_of(graph::Family family) {
  return family == model::family_service ? "service" : "resource";
}

json::Object end_view(const graph::Target& end) {
  return {{"id", end.id}, {"family", text_of(end.family)}};
}

std::string_view text_of(model::Units units) {
  switch (units) {
  case model::Units::numbers:
    return "numbers";
  case model::Units::blocks:
    return "blocks";
  case model::Units::prefixes:
    return "prefixes";
  }
  return {};
}

} // namespace

json::Object assignment_view(const rules::Assigned& assigned) {
  json::Object view{{"id", assigned.key.id},
                    {"pool", assigned.pool},
                    {"thing", assigned.thing},
                    {"value", assigned.shown_value()}};
  if (assigned.size != 1)
    view.set("count", assigned.size);
  if (!assigned.type.empty())
    view.set("type", assigned.type);
  if (!assigned.alias.empty())
    view.set("alias", assigned.alias);
  view.set("assigner", end_view(assigned.assigner));
  view.set("assignee", end_view(assigned.assignee));
  if (assigned.lease_until != 0)
    view.set("leaseUntil", diffo::text_of(Timestamp{assigned.lease_until}));
  return view;
}

std::int64_t PoolUse::percent() const {
  if (size == 0)
    return 0;
  constexpr std::int64_t largest_exact = INT64_MAX / 100;
  return used() <= largest_exact ? used() * 100 / size : used() / (size / 100);
}

std::string_view PoolUse::state() const {
  if (free == 0)
    return "exhausted";
  return warn_percent && percent() >= *warn_percent ? "warning" : "ok";
}

std::optional<graph::FreeQuery>
query_of_pool(const graph::Record& instance, const model::Pool& pool, const graph::Schema& schema) {
  const auto bounds = rules::pool_bounds(pool, instance.root(schema.dictionary()));
  if (!bounds)
    return std::nullopt;
  return rules::free_query(instance.key(), pool, *bounds);
}

Result<PoolUse> use_of(const graph::FreeQuery& query, const model::Pool& pool,
                       graph::Subgraph& subgraph, std::int64_t now) {
  PoolUse use;
  use.size = rules::size_of(query);
  use.free = static_cast<std::int64_t>(TRY(subgraph.count_free(query, now)));
  use.warn_percent = pool.warn_percent;
  return use;
}

json::Object pool_view(const graph::Record& instance, const model::DeclaredKind& kind,
                       const model::Pool& pool, const PoolUse& use, const graph::Schema& schema) {
  json::Object owner{{"id", instance.id()}, {"family", text_of(instance.family())}};
  if (const auto name = instance.root(schema.dictionary()).field(model::words::name))
    owner.set("name", name.text());
  owner.set("kind", kind.name);
  json::Object view{
      {"instance", std::move(owner)}, {"pool", pool.name},       {"thing", pool.thing},
      {"units", text_of(pool.units)}, {"size", use.size},        {"free", use.free},
      {"used", use.used()},           {"percent", use.percent()}};
  if (use.warn_percent)
    view.set("warnPercent", std::int64_t{*use.warn_percent});
  view.set("state", use.state());
  return view;
}

} // namespace diffo::server
