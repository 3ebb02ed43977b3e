#include "server/surfaces/hubs_api.h"

#include "base/time.h"
#include "model/kinds.h"
#include "query/condition.h"
#include "server/hub/subscriptions.h"
#include "server/on_reader.h"
#include "server/parameters.h"

#include <algorithm>
#include <array>
#include <utility>

namespace diffo::server {
namespace {

constexpr const char* hubs_path = "/diffo/v1/hubs";
constexpr std::array<std::string_view, 4> states{"current", "behind", "retrying", "parked"};

graph::Key key_of(const Call& call) {
  return {call.principal->tenant, model::family_subscription,
          std::string(call.request.parameter("id"))};
}

json::Value number(std::uint64_t count) {
  return static_cast<std::int64_t>(count);
}

std::string_view state_of(const Subscription& subscription, const DeliveryState& state,
                          graph::Sequence lag) {
  if (subscription.parked)
    return "parked";
  if (state.failures > 0)
    return "retrying";
  return lag > 0 ? "behind" : "current";
}

/// A body of one member that is known, or none.
Result<json::Value> member_in(std::string_view body, std::string_view name) {
  if (body.empty())
    return json::Value();
  const json::Value document = TRY(read_json(body));
  if (!document.is_object())
    return Error{ErrorCode::invalid, "must be an object"};
  for (const json::Member& member : document.object())
    if (member.name != name)
      return Error{ErrorCode::invalid, "is not known here; there is " + std::string(name),
                   '/' + member.name};
  const json::Value* value = document.find(name);
  return value != nullptr ? *value : json::Value();
}

Result<std::vector<std::string>> states_asked(const Parameters& parameters) {
  if (!parameters.has("state"))
    return std::vector<std::string>();
  std::vector<std::string> asked = TRY(query::split_alternatives(parameters.text("state")));
  for (const std::string& one : asked)
    if (std::find(states.begin(), states.end(), one) == states.end())
      return Error{ErrorCode::invalid, "must be some of current, behind, retrying, parked",
                   "state"};
  return asked;
}

} // namespace

void HubsApi::add_routes(http::Router& router) const {
  const http::RouteOptions options{.produces = {json_type}};
  const http::RouteOptions with_body{.consumes = {json_type}, .produces = {json_type}};
  const auto add = [&](http::Method method, const std::string& path, auto member,
                       const http::RouteOptions& with) {
    add_route(
        router, method, path,
        [this, member](const CallRef& call) {
          on_reader(services_, call,
                    [this, member](Call& asked) { return (this->*member)(asked); });
        },
        with);
  };
  const std::string one = std::string(hubs_path) + "/{id}";
  add(http::Method::get, hubs_path, &HubsApi::answer_list, options);
  add(http::Method::get, one, &HubsApi::answer_one, options);
  add(http::Method::post, one + "/resend", &HubsApi::resend, with_body);
  add_route(
      router, http::Method::post, one + "/park",
      [this](const CallRef& call) {
        if (const auto done = park(call); !done)
          answer_error(*call, done.error());
      },
      with_body);
  add_route(
      router, http::Method::post, one + "/resume", [this](const CallRef& call) { resume(call); },
      options);
}

json::Value HubsApi::view(const graph::Key& key, const Subscription& subscription,
                          const std::string& origin) const {
  DeliveryState state;
  // Where its delivery begins, in a moment.
  state.cursor = subscription.behind.value_or(subscription.written);
  if (auto known = delivery_.state_of(key))
    state = *std::move(known);
  const graph::Sequence newest = std::max(delivery_.newest(), state.cursor);
  const graph::Sequence lag = newest - state.cursor;
  json::Object view{{"id", subscription.id}};
  view.append("href", origin + hubs_path + '/' + subscription.id);
  view.append("hub", subscription.base + subscription.path());
  view.append("api", model::publication_numbered(subscription.publication).subject);
  view.append("version", name_of(subscription.version));
  view.append("callback", subscription.callback);
  const auto append_text = [&view](const char* name, const std::string& text) {
    if (!text.empty())
      view.append(name, text);
  };
  const auto append_time = [&view](const char* name, const std::optional<std::int64_t>& time) {
    if (time)
      view.append(name, text_of(Timestamp{*time}));
  };
  append_text("topic", subscription.topic);
  append_text("query", subscription.query);
  view.append("listener", subscription.listener);
  view.append("signed", !subscription.secret.empty());
  append_text("by", subscription.by);
  append_time("at", subscription.at);
  view.append("state", state_of(subscription, state, lag));
  view.append("cursor", number(state.cursor));
  view.append("lag", number(lag));
  view.append("delivered", number(state.delivered));
  append_time("deliveredAt", state.delivered_at);
  view.append("failures", number(state.failures));
  append_time("failingSince", state.failing_since);
  append_time("retryAt", state.retry_at);
  append_text("lastError", state.error);
  append_time("lastErrorAt", state.failed_at);
  append_time("parkedAt", subscription.parked);
  append_text("reason", subscription.reason);
  std::vector<EventGap> gaps = subscription.gaps;
  // What was dropped while it was parked is written down when it goes on, and told at once.
  if (const graph::Sequence oldest = services_.store.oldest_entry();
      subscription.parked && state.cursor + 1 < oldest)
    gaps.push_back({state.cursor + 1, oldest - 1});
  if (!gaps.empty()) {
    json::Array shown;
    for (const EventGap& gap : gaps)
      shown.push_back(json::Object{{"from", number(gap.from)}, {"to", number(gap.to)}});
    view.append("gaps", std::move(shown));
  }
  return view;
}

Result<void> HubsApi::answer_list(Call& call) const {
  const Parameters parameters = TRY(Parameters::parse(call.request, {"state"}));
  const std::vector<std::string> asked = TRY(states_asked(parameters));
  const std::string origin = origin_of(call.request, services_.public_url);
  json::Array shown;
  TRY(for_each_subscription(services_.store, call.principal->tenant,
                            [&](const graph::Key& key, const Subscription& one) {
                              json::Value row = view(key, one, origin);
                              if (asked.empty() || std::find(asked.begin(), asked.end(),
                                                             row.text_of("state")) != asked.end())
                                shown.push_back(std::move(row));
                            }));
  Headers headers{{"X-Total-Count", std::to_string(shown.size())}};
  answer(call, 200, json::to_text(shown), std::move(headers));
  return {};
}

Result<void> HubsApi::answer_one(Call& call) const {
  TRY(Parameters::parse(call.request, {}));
  const graph::Key key = key_of(call);
  const Subscription found = TRY(find_subscription(services_.store, key));
  answer(call, 200, json::to_text(view(key, found, origin_of(call.request, services_.public_url))));
  return {};
}

Result<void> HubsApi::resend(Call& call) const {
  TRY(Parameters::parse(call.request, {}));
  const json::Value given = TRY(member_in(call.request.body, "from"));
  const std::int64_t* from = given.if_integer();
  if (from == nullptr || *from < 1)
    return Error{ErrorCode::invalid, "must be the sequence of a commit, from 1 on", "/from"};
  const graph::Key key = key_of(call);
  const Subscription found = TRY(find_subscription(services_.store, key));
  TRY(delivery_.resend(key, static_cast<graph::Sequence>(*from)));
  answer(call, 200, json::to_text(view(key, found, origin_of(call.request, services_.public_url))));
  return {};
}

Result<void> HubsApi::park(const CallRef& call) const {
  TRY(Parameters::parse(call->request, {}));
  const json::Value given = TRY(member_in(call->request.body, "reason"));
  if (!given.is_null() && !given.is_string())
    return Error{ErrorCode::invalid, "must be a text", "/reason"};
  std::string reason = given.is_string() ? given.string() : "parked by hand";
  change(call,
         [reason = std::move(reason),
          now = services_.clock.now().microseconds](Subscription& changed) -> Result<void> {
           if (changed.parked)
             return Error{ErrorCode::conflict, "it is parked already"};
           changed.parked = now;
           changed.reason = reason;
           return {};
         });
  return {};
}

void HubsApi::resume(const CallRef& call) const {
  if (const auto none = Parameters::parse(call->request, {}); !none)
    return answer_error(*call, none.error());
  change(call, [](Subscription& changed) -> Result<void> {
    if (!changed.parked)
      return Error{ErrorCode::conflict, "it is not parked"};
    changed.parked.reset();
    changed.reason.clear();
    return {};
  });
}

void HubsApi::change(const CallRef& call, std::function<Result<void>(Subscription&)> edit) const {
  const graph::Key key = key_of(*call);
  services_.store.transact(
      services_.context(*call, cause_of(call->request)), {.records = {key}},
      change_of_subscription(key, std::move(edit)), {},
      [this, call, key](const Result<graph::Commit>& commit) {
        if (!commit)
          return answer_error(*call, commit.error());
        const auto now = stored_subscription(*commit->records.front(), services_.store.schema());
        if (!now)
          return answer_error(*call, now.error());
        answer(*call, 200,
               json::to_text(view(key, *now, origin_of(call->request, services_.public_url))));
      });
}

} // namespace diffo::server
