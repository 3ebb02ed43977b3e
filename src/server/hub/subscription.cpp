#include "server/hub/subscription.h"

#include "base/sha256.h"
#include "base/text.h"
#include "base/url_text.h"
#include "loop/decided_leaf.h"
#include "loop/expectation_record.h"
#include "model/contradictions.h"
#include "model/kinds.h"
#include "rules/instances.h"
#include "server/hub/event_filter.h"

#include <algorithm>
#include <array>
#include <utility>

namespace diffo::server {
namespace {

using json::Value;
using model::Version;

constexpr std::size_t longest_secret = 1024;

Error invalid(std::string message, std::string_view member) {
  return {ErrorCode::invalid, std::move(message), std::string("/").append(member)};
}

Result<std::string> text_in(const json::Object& members, std::string_view name) {
  const Value* given = members.find(name);
  if (given == nullptr)
    return std::string();
  if (!given->is_string())
    return invalid("must be a text", name);
  return given->string();
}

Result<void> check_members(const json::Object& members) {
  constexpr std::array<std::string_view, 8> known{
      "callback",        "query",   "@type",     "@baseType",
      "@schemaLocation", "@secret", "@listener", "@from"};
  for (const json::Member& member : members)
    if (std::find(known.begin(), known.end(), member.name) == known.end())
      return invalid("is not known here; there are callback, query, @listener, @secret and @from",
                     member.name);
  return {};
}

Error damaged(const graph::Record& record) {
  return {ErrorCode::corrupt, "the subscription " + record.id() + " cannot be read"};
}

std::optional<graph::Sequence> sequence_in(const Value& document, std::string_view name) {
  const Value* kept = document.find(name);
  const std::int64_t* number = kept != nullptr ? kept->if_integer() : nullptr;
  return number != nullptr ? std::optional(static_cast<graph::Sequence>(*number)) : std::nullopt;
}

std::string encoded_segment(std::string_view text) {
  std::string encoded;
  append_percent_encoded(encoded, text);
  return encoded;
}

Value number(graph::Sequence sequence) {
  return static_cast<std::int64_t>(sequence);
}

} // namespace

tmf::EventScope Subscription::scope() const {
  return {topic.empty() ? publication : tmf::EventScope::all, version};
}

std::string Subscription::path() const {
  return hub_path(topic) + '/' + id;
}

std::string hub_path(std::string_view topic) {
  return topic.empty() ? "/hub" : "/topic/" + encoded_segment(topic) + "/hub";
}

std::string origin_of_base(std::string_view base) {
  for (int segment = 0; segment < 2; ++segment) // "/event/v4"
    base = base.substr(0, base.rfind('/'));
  if (base.ends_with("/tmf-api"))
    base.remove_suffix(std::string_view("/tmf-api").size());
  return std::string(base);
}

std::string_view name_of(Version version) {
  return version == Version::v4 ? "v4" : "v5";
}

Result<Subscription> requested_subscription(const Value& document, const tmf::EventScope& scope) {
  const json::Object* members = document.if_object();
  if (members == nullptr)
    return Error{ErrorCode::invalid, "a subscription is an object"};
  TRY(check_members(*members));
  Subscription wanted;
  wanted.callback = TRY(text_in(*members, "callback"));
  if (wanted.callback.empty())
    return invalid("is mandatory: the URL that events are sent to", "callback");
  if (const std::string type = TRY(text_in(*members, "@type"));
      !type.empty() && type != "Hub" && type != "EventSubscription")
    return invalid("must be Hub", "@type");
  for (const char* said : {"@baseType", "@schemaLocation"}) // of a class that there is not
    TRY(text_in(*members, said));
  wanted.query = TRY(text_in(*members, "query"));
  if (const auto filter = EventFilter::parse(wanted.query, scope); !filter)
    return filter.error();
  if (const Value* listener = members->find("@listener")) {
    if (!listener->is_boolean())
      return invalid("must be true or false", "@listener");
    wanted.listener = listener->boolean();
  }
  std::string secret = TRY(text_in(*members, "@secret"));
  if (secret.empty() && members->contains("@secret"))
    return invalid("must not be empty: without it nothing is signed", "@secret");
  if (secret.size() > longest_secret)
    return invalid("is longer than 1024 bytes", "@secret");
  wanted.secret = Secret(std::move(secret));
  return wanted;
}

Result<std::optional<graph::Sequence>> requested_start(const Value& document) {
  const Value* given = document.find("@from");
  if (given == nullptr)
    return std::optional<graph::Sequence>();
  const std::int64_t* from = given->if_integer();
  if (from == nullptr || *from < 1)
    return invalid("must be the sequence of a commit, from 1 on", "@from");
  return std::optional(static_cast<graph::Sequence>(*from));
}

graph::RecordDraft subscription_draft(const Subscription& subscription, graph::Tenant tenant) {
  graph::RecordDraft draft;
  draft.key = {tenant, model::family_subscription, subscription.id};
  draft.root.kind = model::kinds::subscription;
  auto& members = draft.root.extra;
  const auto add_text = [&members](const char* name, std::string_view text) {
    if (!text.empty())
      members.push_back({name, text});
  };
  add_text("api", model::publication_numbered(subscription.publication).subject);
  add_text("version", name_of(subscription.version));
  add_text("callback", subscription.callback);
  add_text("query", subscription.query);
  add_text("topic", subscription.topic);
  add_text("headerQuery", subscription.header_query);
  add_text("contentQuery", subscription.content_query);
  if (subscription.listener)
    members.push_back({"listener", true});
  add_text("secret", subscription.secret.reveal());
  add_text("base", subscription.base);
  add_text("by", subscription.by);
  members.push_back({"at", loop::kept_moment(subscription.at)});
  if (subscription.behind)
    members.push_back({"behind", number(*subscription.behind)});
  if (subscription.parked)
    members.push_back({"parked", loop::kept_moment(*subscription.parked)});
  add_text("reason", subscription.reason);
  if (!subscription.gaps.empty()) {
    json::Array gaps;
    for (const EventGap& gap : subscription.gaps)
      gaps.push_back(json::Object{{"from", number(gap.from)}, {"to", number(gap.to)}});
    members.push_back({"gaps", std::move(gaps)});
  }
  return draft;
}

Result<Subscription> stored_subscription(const graph::Record& record, const graph::Schema& schema) {
  const Value document = loop::expectation_document(record, schema);
  const auto at = loop::kept_moment_in(document, "at");
  Subscription kept;
  kept.id = record.id();
  kept.written = record.sequence();
  const auto* api = std::find_if(
      model::publications.begin(), model::publications.end(),
      [&](const model::Publication& one) { return one.subject == document.text_of("api"); });
  kept.version = document.text_of("version") == name_of(Version::v4) ? Version::v4 : Version::v5;
  kept.callback = document.text_of("callback");
  if (!at || kept.callback.empty() || api == model::publications.end() ||
      document.text_of("version") != name_of(kept.version))
    return damaged(record);
  kept.publication = api->number;
  kept.at = *at;
  kept.query = document.text_of("query");
  kept.topic = document.text_of("topic");
  kept.header_query = document.text_of("headerQuery");
  kept.content_query = document.text_of("contentQuery");
  const Value* listener = document.find("listener");
  kept.listener = listener != nullptr && listener->is_boolean() && listener->boolean();
  kept.secret = Secret(std::string(document.text_of("secret")));
  kept.base = document.text_of("base");
  kept.by = document.text_of("by");
  kept.behind = sequence_in(document, "behind");
  kept.parked = loop::kept_moment_in(document, "parked");
  kept.reason = document.text_of("reason");
  if (const Value* gaps = document.find("gaps"); gaps != nullptr && gaps->is_array())
    for (const Value& gap : gaps->array()) {
      const auto from = sequence_in(gap, "from");
      const auto to = sequence_in(gap, "to");
      if (!from || !to)
        return damaged(record);
      kept.gaps.push_back({*from, *to});
    }
  return kept;
}

Value shown_subscription(const graph::Record& record, const graph::Schema& schema) {
  Value document = loop::expectation_document(record, schema);
  if (json::Object* members = document.if_object())
    members->erase("secret");
  return document;
}

graph::Decide change_of_subscription(graph::Key key,
                                     std::function<Result<void>(Subscription&)> edit) {
  return [key = std::move(key),
          edit = std::move(edit)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const graph::RecordRef record = subgraph.find(key);
    if (!record)
      return rules::not_found(subgraph.schema(), key);
    Subscription changed = TRY(stored_subscription(*record, subgraph.schema()));
    if (!changed.behind)
      changed.behind = record->sequence(); // which the commit of the change takes away
    TRY(edit(changed));
    graph::ChangeSet change;
    change.changes.push_back(
        {key, TRY(model::encode(subscription_draft(changed, key.tenant), subgraph.schema()))});
    return graph::Decision(std::move(change));
  };
}

graph::ClaimName claim_of(const Subscription& subscription, graph::Tenant tenant) {
  std::string key = std::to_string(tenant) + ' ';
  key.append(model::publication_numbered(subscription.publication).subject)
      .append(" ")
      .append(name_of(subscription.version));
  if (!subscription.topic.empty())
    key.append(" ").append(subscription.topic);
  key += ' ' + hexadecimal(sha256(subscription.callback + '\n' + subscription.query));
  return {"hub", std::move(key)};
}

std::string consumer_of(const graph::Key& subscription) {
  return "hub/" + std::to_string(subscription.tenant) + '/' + subscription.id;
}

Value subscription_document(const Subscription& subscription, std::string_view base) {
  json::Object document;
  if (subscription.version == Version::v5)
    document.append("@type", "Hub");
  document.append("id", subscription.id);
  if (subscription.version == Version::v5)
    document.append("href", std::string(base) + subscription.path());
  document.append("callback", subscription.callback);
  if (!subscription.query.empty())
    document.append("query", subscription.query);
  if (subscription.listener)
    document.append("@listener", true);
  return document;
}

} // namespace diffo::server
