#include "server/surfaces/hub_api.h"

#include "model/contradictions.h"
#include "model/kinds.h"
#include "rules/instances.h"
#include "server/hub/subscriptions.h"
#include "server/hub/topic.h"
#include "server/idempotency.h"
#include "server/on_reader.h"
#include "server/parameters.h"

#include <utility>

namespace diffo::server {
namespace {

graph::Key key_of(const Call& call) {
  return {call.principal->tenant, model::family_subscription,
          std::string(call.request.parameter("id"))};
}

/// The topic whose subscriptions are asked for; empty: those of the interface.
std::string topic_of(const Call& call) {
  return std::string(call.request.parameter("topic"));
}

bool is_of(const Subscription& subscription, const Mount& mount, std::string_view topic) {
  return subscription.publication == mount.scope().publication &&
         subscription.version == mount.version && subscription.topic == topic;
}

/// What may be asked for there.
tmf::EventScope scope_of(const Mount& mount, std::string_view topic) {
  return topic.empty() ? mount.scope() : tmf::EventScope{tmf::EventScope::all, mount.version};
}

/// Counts the subscriptions of a tenant.
graph::Query counting(graph::Tenant tenant) {
  graph::Query query;
  query.tenant = tenant;
  query.families = {model::family_subscription};
  query.limit = 0;
  return query;
}

/// Takes over what the topic that it is of says. Errors: not_found.
Result<void> take_queries(Subscription& wanted, graph::Tenant tenant, graph::Subgraph& subgraph) {
  if (wanted.topic.empty())
    return {};
  const Topic topic = TRY(find_topic(subgraph, {tenant, model::family_topic, wanted.topic}));
  wanted.header_query = topic.header_query;
  wanted.content_query = topic.content_query;
  return {};
}

/// Writes the subscription, unless there is an equal one, or are as many as there may be.
graph::Decide subscribing(Subscription asked, graph::Tenant tenant, std::int64_t now,
                          std::uint64_t most) {
  return [asked = std::move(asked), tenant, now,
          most](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    Subscription wanted = asked;
    TRY(take_queries(wanted, tenant, subgraph));
    const graph::ClaimName name = claim_of(wanted, tenant);
    if (const auto held = subgraph.claim(name, now))
      return Error{ErrorCode::conflict, "there is an equal subscription: " + held->holder};
    const graph::Page counted = TRY(subgraph.page(0));
    if (counted.total >= most)
      return Error{ErrorCode::conflict,
                   "there are " + std::to_string(counted.total) +
                       " subscriptions, as many as bounds.subscriptions allows"};
    graph::RecordDraft draft = subscription_draft(wanted, tenant);
    (void)subgraph.find(draft.key); // what is changed was read
    graph::ChangeSet change;
    change.changes.push_back({draft.key, TRY(model::encode(draft, subgraph.schema()))});
    change.take.push_back({.scope = name.scope, .key = name.key, .holder = wanted.id});
    return graph::Decision(std::move(change));
  };
}

} // namespace

void HubApi::add_routes(http::Router& router) const {
  for (const Mount& mount : interface_mounts()) {
    add_routes(router, mount, mount.base + hub_path({}));
    if (mount.api == model::Api::topic)
      add_routes(router, mount, mount.base + "/topic/{topic}/hub");
  }
}

void HubApi::add_routes(http::Router& router, const Mount& mount, const std::string& hub) const {
  const http::RouteOptions options{.produces = {json_type}};
  const std::string one = hub + "/{id}";
  const auto now = [&](http::Method method, const std::string& path, auto member,
                       const http::RouteOptions& with) {
    add_route(
        router, method, path,
        [this, mount, member](const CallRef& call) {
          if (const auto done = (this->*member)(call, mount); !done)
            answer_error(*call, done.error());
        },
        with);
  };
  const auto reading = [&](const std::string& path, auto member) {
    add_route(
        router, http::Method::get, path,
        [this, mount, member](const CallRef& call) {
          on_reader(services_, call,
                    [this, mount, member](Call& asked) { return (this->*member)(asked, mount); });
        },
        options);
  };
  now(http::Method::post, hub, &HubApi::subscribe,
      {.consumes = {json_type}, .produces = {json_type}});
  reading(hub, &HubApi::answer_list);
  reading(one, &HubApi::answer_one);
  now(http::Method::delete_, one, &HubApi::unsubscribe, options);
}

Result<void> HubApi::subscribe(const CallRef& call, const Mount& mount) const {
  TRY(Parameters::parse(call->request, {}));
  graph::Context context = services_.context(*call, cause_of(call->request));
  TRY(take_idempotency_key(call->request, context));
  const json::Value document = TRY(read_json(call->request.body));
  const std::string topic = topic_of(*call);
  Subscription wanted = TRY(requested_subscription(document, scope_of(mount, topic)));
  wanted.publication = mount.scope().publication;
  wanted.version = mount.version;
  wanted.topic = topic;
  TRY(delivery_.settings().callbacks.check(TRY(Callback::parse(wanted.callback))));
  if (const auto from = TRY(requested_start(document))) {
    TRY(delivery_.check_start(*from));
    wanted.behind = *from - 1;
  }
  const std::string base = origin_of(call->request, services_.public_url) + mount.base;
  wanted.id = context.new_id();
  wanted.base = base;
  wanted.by = context.principal.actor;
  wanted.at = context.now;
  const graph::Tenant tenant = context.principal.tenant;
  graph::FetchPlan plan;
  plan.records = {{tenant, model::family_subscription, wanted.id}};
  if (!topic.empty())
    plan.records.push_back({tenant, model::family_topic, topic});
  plan.claims = {claim_of(wanted, tenant)};
  plan.queries = {counting(tenant)};
  auto decide = subscribing(std::move(wanted), tenant, context.now,
                            delivery_.settings().bounds.subscriptions);
  services_.store.transact(std::move(context), std::move(plan), std::move(decide), {},
                           [this, call, base](const Result<graph::Commit>& commit) {
                             if (!commit)
                               return answer_error(*call, commit.error());
                             const auto made = stored_subscription(*commit->records.front(),
                                                                   services_.store.schema());
                             if (!made)
                               return answer_error(*call, made.error());
                             answer(*call, 201, json::to_text(subscription_document(*made, base)),
                                    {{"Location", base + made->path()}});
                           });
  return {};
}

Result<void> HubApi::answer_list(Call& call, const Mount& mount) const {
  TRY(Parameters::parse(call.request, {}));
  const std::string base = origin_of(call.request, services_.public_url) + mount.base;
  const std::string topic = topic_of(call);
  if (!topic.empty())
    TRY(find_topic(services_.store, {call.principal->tenant, model::family_topic, topic}));
  json::Array shown;
  TRY(for_each_subscription(services_.store, call.principal->tenant,
                            [&](const graph::Key&, const Subscription& one) {
                              if (is_of(one, mount, topic))
                                shown.push_back(subscription_document(one, base));
                            }));
  Headers headers{{"X-Total-Count", std::to_string(shown.size())}};
  answer(call, 200, json::to_text(shown), std::move(headers));
  return {};
}

Result<void> HubApi::answer_one(Call& call, const Mount& mount) const {
  TRY(Parameters::parse(call.request, {}));
  const graph::Key key = key_of(call);
  const Subscription found = TRY(find_subscription(services_.store, key));
  if (!is_of(found, mount, topic_of(call)))
    return rules::not_found(services_.store.schema(), key);
  const std::string base = origin_of(call.request, services_.public_url) + mount.base;
  answer(call, 200, json::to_text(subscription_document(found, base)));
  return {};
}

Result<void> HubApi::unsubscribe(const CallRef& call, const Mount& mount) const {
  TRY(Parameters::parse(call->request, {}));
  graph::Context context = services_.context(*call, cause_of(call->request));
  TRY(take_idempotency_key(call->request, context));
  const graph::Key key = key_of(*call);
  auto decide = [key, mount,
                 topic = topic_of(*call)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const graph::RecordRef record = subgraph.find(key);
    if (!record)
      return rules::not_found(subgraph.schema(), key);
    const Subscription present = TRY(stored_subscription(*record, subgraph.schema()));
    if (!is_of(present, mount, topic))
      return rules::not_found(subgraph.schema(), key);
    const graph::ClaimName name = claim_of(present, key.tenant);
    graph::ChangeSet change;
    change.changes.push_back({key, {}});
    change.release.push_back({.scope = name.scope, .key = name.key, .holder = present.id});
    return graph::Decision(std::move(change));
  };
  services_.store.transact(std::move(context), {.records = {key}}, std::move(decide), {},
                           [call](const Result<graph::Commit>& commit) {
                             if (!commit)
                               return answer_error(*call, commit.error());
                             answer(*call, 204, {});
                           });
  return {};
}

} // namespace diffo::server
