#include "server/surfaces/graph_api.h"

#include "base/time.h"
#include "model/declared.h"
#include "model/domain/hops.h"
#include "model/model.h"
#include "rules/enforce.h"
#include "rules/impact.h"
#include "rules/traverse.h"
#include "rules/value_at.h"
#include "server/on_reader.h"
#include "server/parameters.h"
#include "server/surfaces/instance_view.h"
#include "server/surfaces/pool_view.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

json::Object key_view(const graph::Key& key, const model::Model& model) {
  return {{"id", key.id}, {"family", model.family_name(key.family)}};
}

/// A root with what tells it to a person.
json::Object root_view(const graph::Key& key, graph::Subgraph& subgraph) {
  const model::Model& model = model::model_of(subgraph.schema());
  json::Object view = key_view(key, model);
  const graph::RecordRef record = subgraph.find(key);
  if (!record) {
    view.set("stub", true);
    return view;
  }
  if (const model::DeclaredKind* kind = rules::kind_of(model, *record))
    view.set("kind", kind->name);
  if (json::Value name = rules::value_at(*record, subgraph.schema(), "name"); !name.is_null())
    view.set("name", std::move(name));
  return view;
}

json::Array steps_view(const std::vector<rules::Step>& steps, const model::Model& model) {
  json::Array views;
  for (const rules::Step& step : steps) {
    json::Object view{{"hop", static_cast<std::int64_t>(step.hop)},
                      {"from", key_view(step.from, model)}};
    view.set("over", key_view(step.over, model));
    view.set("sequence", static_cast<std::int64_t>(step.sequence));
    view.set("to", key_view(step.to, model));
    views.emplace_back(std::move(view));
  }
  return views;
}

/// Hops in the notation of texts, separated by commas; what has commas in it stands in several
/// parameters.
Result<std::vector<model::Hop>> hops_of(const Parameters& parameters) {
  std::vector<model::Hop> hops;
  std::string_view list = parameters.text("via");
  while (!list.empty()) {
    const std::string_view text = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), text.size() + 1));
    auto hop = model::parse_hop(json::Value(text));
    if (!hop)
      return Error{ErrorCode::invalid, hop.error().message, "via"};
    hops.push_back(std::move(*hop));
    if (hops.size() > model::most_hops)
      return Error{ErrorCode::too_large,
                   "a chain has at most " + std::to_string(model::most_hops) + " hops", "via"};
  }
  return hops;
}

json::Object unknown_view(const rules::Unknown& unknown) {
  json::Object view{{"reason", unknown.reason}};
  if (!unknown.source.empty())
    view.set("source", unknown.source);
  if (!unknown.role.empty())
    view.set("role", unknown.role);
  return view;
}

json::Array values_view(const std::vector<rules::InheritedValue>& values,
                        const model::Model& model) {
  json::Array views;
  for (const rules::InheritedValue& one : values) {
    json::Object view{{"from", key_view(one.from, model)}};
    if (one.unknown)
      view.set("unknown", unknown_view(*one.unknown));
    else if (!one.target.id.empty())
      view.set("target", key_view({one.from.tenant, one.target.family, one.target.id}, model));
    else
      view.set("value", one.value);
    views.emplace_back(std::move(view));
  }
  return views;
}

json::Value provenance_view(const rules::Provenance& provenance, const std::string& path,
                            const graph::RecordRef& record, const model::Model& model) {
  json::Object view{{"path", path}, {"from", provenance.from}};
  if (!provenance.rule.empty())
    view.set("rule", provenance.rule);
  if (provenance.from == "inherited")
    view.set("values", values_view(provenance.values, model));
  else
    view.set("value", provenance.value);
  if (!provenance.why.empty())
    view.set("why", provenance.why);
  if (!provenance.steps.empty())
    view.set("hops", steps_view(provenance.steps, model));
  view.set("record", json::Object{{"id", record->id()},
                                  {"sequence", static_cast<std::int64_t>(record->sequence())},
                                  {"changedAt", text_of(Timestamp{record->updated_at()})}});
  return view;
}

json::Value impact_view(const rules::Impact& impact, const model::Model& model) {
  json::Array inherits;
  for (const rules::Affected& one : impact.inherits) {
    json::Object view = key_view(one.key, model);
    view.set("kind", one.kind);
    view.set("name", one.name);
    inherits.emplace_back(std::move(view));
  }
  const auto keys = [&model](const std::vector<graph::Key>& all) {
    json::Array views;
    for (const graph::Key& key : all)
      views.emplace_back(key_view(key, model));
    return views;
  };
  json::Array handed_out;
  for (const rules::Assigned& one : impact.handed_out)
    handed_out.emplace_back(assignment_view(one));
  return json::Object{{"inherits", std::move(inherits)},
                      {"referrers", keys(impact.referrers)},
                      {"assignments", std::move(handed_out)},
                      {"expectations", keys(impact.expectations)},
                      {"cut", impact.cut}};
}

} // namespace

void GraphApi::add_routes(http::Router& router) {
  const http::RouteOptions plain{.produces = {json_type}};
  const auto add = [&](const char* path, void (GraphApi::*member)(CallRef) const) {
    add_route(
        router, http::Method::get, path,
        [this, member](CallRef call) { (this->*member)(std::move(call)); }, plain);
  };
  add("/diffo/v1/instances/{id}/traverse", &GraphApi::traverse);
  add("/diffo/v1/instances/{id}/why", &GraphApi::why);
  add("/diffo/v1/instances/{id}/impact", &GraphApi::impact);
}

void GraphApi::answer_about(const CallRef& call, std::initializer_list<std::string_view> known,
                            Conclude conclude) const {
  auto parsed = Parameters::parse(call->request, known);
  if (!parsed)
    return answer_error(*call, parsed.error());
  const auto run = [this, parameters = std::move(*parsed),
                    conclude = std::move(conclude)](Call& asked) -> Result<void> {
    graph::FetchPlan plan;
    plan.records = instance_keys(*asked.principal, std::string(asked.request.parameter("id")));
    plan.cancellation = asked.request.cancellation;
    json::Value body;
    TRY(graph::read_in_rounds(services_.store, {}, std::move(plan), nullptr,
                              [&](graph::Subgraph& subgraph) -> Result<void> {
                                const graph::RecordRef record =
                                    TRY(instance_asked_for(asked, parameters, subgraph));
                                body = TRY(conclude(record, parameters, subgraph));
                                return {};
                              }));
    answer(asked, 200, json::to_text(body));
    return {};
  };
  on_reader(services_, call, run);
}

void GraphApi::traverse(CallRef call) const {
  const Conclude conclude = [this](const graph::RecordRef& record, const Parameters& parameters,
                                   graph::Subgraph& subgraph) -> Result<json::Value> {
    const std::vector<model::Hop> via = TRY(hops_of(parameters));
    const rules::Walked walked = TRY(rules::walk(subgraph, record->key(), via, now()));
    graph::FetchPlan plan;
    plan.records = walked.reached;
    subgraph.announce(plan);
    json::Array reached;
    for (const graph::Key& key : walked.reached)
      reached.emplace_back(root_view(key, subgraph));
    return json::Value(
        json::Object{{"reached", std::move(reached)},
                     {"hops", steps_view(walked.steps, model::model_of(subgraph.schema()))}});
  };
  answer_about(call, {"family", "via"}, conclude);
}

void GraphApi::why(CallRef call) const {
  const Conclude conclude = [this](const graph::RecordRef& record, const Parameters& parameters,
                                   graph::Subgraph& subgraph) -> Result<json::Value> {
    const std::string path(parameters.text("path"));
    const rules::Provenance provenance = TRY(rules::provenance_of(subgraph, *record, path, now()));
    return provenance_view(provenance, path, record, model::model_of(subgraph.schema()));
  };
  answer_about(call, {"family", "path"}, conclude);
}

void GraphApi::impact(CallRef call) const {
  const Conclude conclude = [this](const graph::RecordRef& record, const Parameters&,
                                   graph::Subgraph& subgraph) -> Result<json::Value> {
    const rules::Impact impact = TRY(rules::impact_of(subgraph, record->key(), now()));
    return impact_view(impact, model::model_of(subgraph.schema()));
  };
  answer_about(call, {"family"}, conclude);
}

} // namespace diffo::server
