#include "server/surfaces/pools_api.h"

#include "base/text.h"
#include "base/time.h"
#include "base/url_text.h"
#include "model/declared.h"
#include "model/kinds.h"
#include "model/schema.h"
#include "model/words.h"
#include "rules/enforce.h"
#include "rules/pools.h"
#include "server/next_page.h"
#include "server/on_reader.h"
#include "server/parameters.h"
#include "server/surfaces/instance_view.h"
#include "server/surfaces/pool_view.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <tuple>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

constexpr std::size_t most_pools = 200'000; ///< that a list counts

/// The assignments of a pool that hold, in the order of their creation.
graph::Query assignments_query(const graph::Key& assigner, const std::string& pool,
                               std::int64_t now) {
  graph::FieldPath lease{.member = "endDateTime"};
  graph::Query query;
  query.tenant = assigner.tenant;
  query.families = {model::family_assignment};
  query.filter =
      graph::all_of({graph::has_edge({model::kinds::assigner}, {{assigner.family, assigner.id}}),
                     graph::equal_text({.member = "pool"}, {pool}),
                     graph::any_of({graph::none_of(graph::exists(lease)),
                                    graph::compare(lease, graph::Compare::greater, Reading::value,
                                                   {text_of_microseconds(Timestamp{now})})})});
  return query;
}

/// A pool in the list of all.
struct ListedPool {
  graph::RecordRef instance;
  const model::DeclaredKind* kind = nullptr;
  const model::Pool* pool = nullptr;
  PoolUse use{};
  CursorText<3> place{}; ///< what it is sorted by, creation, number of the pool, id
};

enum class Order : std::uint8_t { creation, percent_up, percent_down };

/// What a list of pools asks for.
struct PoolList {
  Order order = Order::creation;
  std::string kind{};
  std::string state{};
  std::uint64_t limit = most_on_page;
  std::optional<CursorText<3>> after{};
};

Result<PoolList> read_list(const Parameters& parameters) {
  PoolList list;
  list.limit = TRY(limit_in(parameters));
  list.kind = parameters.text("kind");
  list.state = parameters.text("state");
  const std::string_view sort = parameters.text("sort");
  if (sort == "percent" || sort == "-percent")
    list.order = sort == "percent" ? Order::percent_up : Order::percent_down;
  else if (!sort.empty())
    return Error{ErrorCode::invalid, "sort: must be percent or -percent"};
  if (!list.state.empty() && list.state != "ok" && list.state != "warning" &&
      list.state != "exhausted")
    return Error{ErrorCode::invalid, "state: must be ok, warning or exhausted"};
  if (parameters.has("after"))
    list.after = TRY(CursorText<3>::parse(parameters.text("after")));
  return list;
}

/// Counts the pools of all instances, page by page.
class PoolCount {
public:
  PoolCount(const PoolList& list, graph::Tenant tenant, std::int64_t now, Cancellation gone,
            graph::Subgraph& subgraph)
      : list_(list), tenant_(tenant), now_(now), gone_(std::move(gone)), subgraph_(subgraph),
        declared_(model::model_of(subgraph.schema()).declared()) {}

  Result<std::vector<ListedPool>> run() {
    graph::Query query;
    query.tenant = tenant_;
    query.families = {model::family_service, model::family_resource};
    query.filter = graph::has_edge({model::kinds::specification_reference}, TRY(specifications()));
    query.count = false;
    if (query.filter.targets.empty())
      return std::move(found_);
    do {
      if (gone_.is_requested())
        return Error{ErrorCode::unavailable, "nobody waits for the answer any more"};
      graph::FetchPlan plan;
      plan.queries.push_back(query);
      plan.cancellation = gone_;
      subgraph_.announce(plan);
      graph::Page page = TRY(subgraph_.query(query));
      TRY(count(page));
      query.after = std::move(page.next);
    } while (query.after);
    std::sort(found_.begin(), found_.end(),
              [](const ListedPool& a, const ListedPool& b) { return a.place < b.place; });
    return std::move(found_);
  }

private:
  /// Of the kinds that have pools.
  Result<std::vector<graph::Target>> specifications() const {
    if (!list_.kind.empty()) {
      const model::DeclaredKind* kind = declared_.named(list_.kind);
      if (kind == nullptr || kind->base != model::Base::instance)
        return Error{ErrorCode::invalid,
                     "kind: there is no kind of instances " + shortened(list_.kind, 64)};
    }
    std::vector<graph::Target> targets;
    for (const model::DeclaredKind* kind : declared_.instance_kinds())
      if (kind->specification && !kind->pools.empty() &&
          (list_.kind.empty() || kind->name == list_.kind))
        targets.push_back({model::family_specification, kind->specification->id});
    return targets;
  }

  Result<void> count(const graph::Page& page) {
    struct Asked {
      ListedPool pool;
      graph::FreeQuery query;
    };
    std::vector<Asked> asked;
    graph::FetchPlan plan;
    for (const graph::RecordRef& record : page.records) {
      const model::DeclaredKind* kind =
          rules::kind_of(model::model_of(subgraph_.schema()), *record);
      for (std::size_t at = 0; kind != nullptr && at < kind->pools.size(); ++at)
        if (auto query = query_of_pool(*record, kind->pools[at], subgraph_.schema())) {
          plan.free.push_back(*query);
          asked.push_back(
              {{.instance = record, .kind = kind, .pool = &kind->pools[at]}, std::move(*query)});
          asked.back().pool.place = {{0, record->created_at(), static_cast<std::int64_t>(at)},
                                     std::string(record->id())};
        }
    }
    subgraph_.announce(plan);
    for (Asked& one : asked) {
      one.pool.use = TRY(use_of(one.query, *one.pool.pool, subgraph_, now_));
      if (!list_.state.empty() && one.pool.use.state() != list_.state)
        continue;
      if (list_.order != Order::creation)
        one.pool.place.numbers[0] =
            list_.order == Order::percent_up ? one.pool.use.percent() : -one.pool.use.percent();
      if (found_.size() >= most_pools)
        return Error{ErrorCode::too_large, "there are more than " + std::to_string(most_pools) +
                                               " pools: ask for those of a kind or in a state"};
      found_.push_back(std::move(one.pool));
    }
    return {};
  }

  const PoolList& list_;
  graph::Tenant tenant_;
  std::int64_t now_;
  Cancellation gone_;
  graph::Subgraph& subgraph_;
  const model::DeclaredKinds& declared_;
  std::vector<ListedPool> found_;
};

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  append_percent_encoded(encoded, text);
  return encoded;
}

Headers headers_of(std::uint64_t total, std::string link) {
  Headers headers{{"X-Total-Count", std::to_string(total)}};
  if (!link.empty())
    headers.emplace_back("Link", std::move(link));
  return headers;
}

} // namespace

void PoolsApi::add_routes(http::Router& router) {
  const http::RouteOptions options{.produces = {json_type}};
  add_route(
      router, http::Method::get, "/diffo/v1/pools", [this](const CallRef& call) { list(call); },
      options);
  add_route(
      router, http::Method::get, "/diffo/v1/instances/{id}/pools/{pool}",
      [this](const CallRef& call) { get(call); }, options);
}

void PoolsApi::list(CallRef call) const {
  on_reader(services_, call, [this](Call& asked) { return answer_list(asked); });
}

void PoolsApi::get(CallRef call) const {
  on_reader(services_, call, [this](Call& asked) { return answer_one(asked); });
}

Result<void> PoolsApi::answer_list(Call& call) const {
  const Parameters parameters =
      TRY(Parameters::parse(call.request, {"sort", "kind", "state", "limit", "after"}));
  const PoolList wanted = TRY(read_list(parameters));
  const std::int64_t now = services_.clock.now().microseconds;
  json::Array views;
  std::uint64_t total = 0;
  std::string link;
  const auto conclude = [&](graph::Subgraph& subgraph) -> Result<void> {
    const auto found = TRY(
        PoolCount(wanted, call.principal->tenant, now, call.request.cancellation, subgraph).run());
    total = found.size();
    views.clear();
    link.clear();
    auto one = wanted.after ? std::upper_bound(found.begin(), found.end(), *wanted.after,
                                               [](const CursorText<3>& place, const ListedPool& b) {
                                                 return place < b.place;
                                               })
                            : found.begin();
    for (; one != found.end() && views.size() < wanted.limit; ++one) {
      json::Object view =
          pool_view(*one->instance, *one->kind, *one->pool, one->use, subgraph.schema());
      view.set("href", "/diffo/v1/instances/" + percent_encoded(one->instance->id()) + "/pools/" +
                           one->pool->name);
      views.emplace_back(std::move(view));
    }
    if (one != found.end())
      link = next_page(call, services_.public_url, std::prev(one)->place.print());
    return {};
  };
  TRY(graph::read_in_rounds(services_.store, {}, {}, nullptr, conclude));
  answer(call, 200, json::to_text(views), headers_of(total, std::move(link)));
  return {};
}

Result<void> PoolsApi::answer_one(Call& call) const {
  const Parameters parameters = TRY(Parameters::parse(call.request, {"limit", "after", "family"}));
  const std::uint64_t limit = TRY(limit_in(parameters));
  std::optional<CursorText<1>> after;
  if (parameters.has("after"))
    after = TRY(CursorText<1>::parse(parameters.text("after")));
  const std::string name(call.request.parameter("pool"));
  const std::int64_t now = services_.clock.now().microseconds;
  json::Object view;
  std::uint64_t total = 0;
  std::string link;
  const auto conclude = [&](graph::Subgraph& subgraph) -> Result<void> {
    const graph::RecordRef instance = TRY(instance_asked_for(call, parameters, subgraph));
    const graph::Schema& schema = subgraph.schema();
    const model::DeclaredKind* kind = rules::kind_of(model::model_of(schema), *instance);
    const model::Pool* pool = kind != nullptr ? kind->pool(name) : nullptr;
    const auto free = pool != nullptr ? query_of_pool(*instance, *pool, schema) : std::nullopt;
    if (!free)
      return Error{ErrorCode::not_found, "the instance has no pool " + shortened(name, 64)};
    graph::Query query = assignments_query(instance->key(), name, now);
    query.limit = limit;
    if (after)
      query.after =
          graph::Cursor{.revision = subgraph.sequence(),
                        .keys = {},
                        .created_at = after->numbers[0],
                        .key = {instance->tenant(), model::family_assignment, after->text}};
    graph::FetchPlan plan;
    plan.free.push_back(*free);
    plan.queries.push_back(query);
    plan.cancellation = call.request.cancellation;
    subgraph.announce(plan);
    view = pool_view(*instance, *kind, *pool, TRY(use_of(*free, *pool, subgraph, now)), schema);
    view.set("bounds", rules::pool_value_of(*pool, instance->root(schema.dictionary())));
    const graph::Page page = TRY(subgraph.query(query));
    json::Array assignments;
    for (const graph::RecordRef& record : page.records)
      assignments.emplace_back(assignment_view(rules::read_assigned(*record, schema)));
    view.set("assignments", std::move(assignments));
    total = page.total;
    link = page.next ? next_page(call, services_.public_url,
                                 CursorText<1>{{page.next->created_at}, page.next->key.id}.print())
                     : std::string();
    return {};
  };
  TRY(graph::read_in_rounds(services_.store, {}, {}, nullptr, conclude));
  answer(call, 200, json::to_text(view), headers_of(total, std::move(link)));
  return {};
}

} // namespace diffo::server
