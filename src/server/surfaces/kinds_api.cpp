#include "server/surfaces/kinds_api.h"

#include "model/contradictions.h"
#include "model/domain/kind_schema.h"
#include "model/domain/print.h"
#include "model/schema.h"
#include "rules/actions.h"
#include "rules/instances.h"
#include "rules/operate.h"
#include "rules/pools.h"
#include "server/conditions.h"
#include "server/idempotency.h"
#include "server/models.h"
#include "server/parameters.h"
#include "server/surfaces/instance_view.h"
#include "server/surfaces/pool_view.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace diffo::server {
namespace {

constexpr const char* yaml_type = "application/yaml";

std::string_view text_of(model::Base base) {
  switch (base) {
  case model::Base::instance:
    return "instance";
  case model::Base::party:
    return "party";
  case model::Base::place:
    return "place";
  case model::Base::characteristic:
    return "characteristic";
  }
  return {};
}

/// A kind in a list.
json::Object summary_of(const model::DeclaredKind& kind, const model::Domain& domain) {
  json::Object summary{{"name", kind.name}, {"domain", domain.name}, {"base", text_of(kind.base)}};
  if (kind.half == model::Half::service || kind.half == model::Half::resource)
    summary.set("half", kind.half == model::Half::service ? "service" : "resource");
  if (!kind.about.empty())
    summary.set("about", kind.about);
  if (kind.specification)
    summary.set("specification", json::Object{{"id", kind.specification->id},
                                              {"name", kind.specification->name},
                                              {"version", kind.specification->version()}});
  summary.set("href", "/diffo/v1/kinds/" + kind.name);
  return summary;
}

Error no_kind(std::string_view name) {
  return {ErrorCode::not_found, "there is no kind " + std::string(name)};
}

Error no_domain(std::string_view name) {
  return {ErrorCode::not_found, "there is no domain " + std::string(name)};
}

/// The arguments of an action: a JSON object, or nothing.
Result<json::Object> arguments_of(const http::Request& request) {
  if (request.body.empty())
    return json::Object();
  json::Value body = TRY(read_json(request.body));
  if (!body.is_object())
    return Error{ErrorCode::invalid, "the arguments of an action are an object"};
  return std::move(body.object());
}

Error no_action(const model::DeclaredKind& kind, std::string_view action) {
  std::string all;
  for (const std::string& one : rules::actions_of(kind))
    all += (all.empty() ? "" : ", ") + one;
  return {ErrorCode::unprocessable,
          "the kind " + kind.name + " has no action " + std::string(action) + "; it has " + all};
}

const model::Domain* domain_named(const model::DomainModel& model, std::string_view name) {
  const auto found = std::find_if(model.domains.begin(), model.domains.end(),
                                  [name](const model::Domain& one) { return one.name == name; });
  return found == model.domains.end() ? nullptr : &*found;
}

json::Value domain_view(const model::Domain& domain) {
  return model::to_json(domain);
}

} // namespace

void KindsApi::add_routes(http::Router& router) {
  using Member = void (KindsApi::*)(CallRef) const;
  const auto add = [&](http::Method method, const char* path, Member member,
                       std::vector<std::string> consumes = {}) {
    add_route(router, method, path,
              [this, member](CallRef call) { (this->*member)(std::move(call)); },
              {.consumes = std::move(consumes), .produces = {json_type}});
  };
  const std::vector<std::string> documents{yaml_type, "application/x-yaml", "text/yaml", json_type};
  add(http::Method::get, "/diffo/v1/kinds", &KindsApi::list_kinds);
  add(http::Method::get, "/diffo/v1/kinds/{kind}", &KindsApi::get_kind);
  add(http::Method::post, "/diffo/v1/kinds/{kind}/actions/{action}", &KindsApi::build, {json_type});
  add(http::Method::get, "/diffo/v1/models", &KindsApi::list_models);
  add(http::Method::post, "/diffo/v1/models", &KindsApi::post_models, documents);
  add(http::Method::get, "/diffo/v1/models/{domain}", &KindsApi::get_model);
  add(http::Method::put, "/diffo/v1/models/{domain}", &KindsApi::put_model, documents);
  add(http::Method::delete_, "/diffo/v1/models/{domain}", &KindsApi::delete_model);
  add(http::Method::post, "/diffo/v1/instances/{id}/actions/{action}", &KindsApi::act, {json_type});
}

const model::DeclaredKinds& KindsApi::declared() const {
  return model::model_of(services_.store.schema()).declared();
}

Result<graph::Context> KindsApi::writing_context(const Call& call) const {
  graph::Context context = services_.context(call, cause_of(call.request));
  TRY(take_idempotency_key(call.request, context));
  return context;
}

void KindsApi::list_kinds(CallRef call) const {
  if (const auto parameters = Parameters::parse(call->request, {}); !parameters)
    return answer_error(*call, parameters.error());
  json::Array kinds;
  for (const model::Domain& domain : declared().model().domains)
    for (const model::DeclaredKind& kind : domain.kinds)
      kinds.emplace_back(summary_of(kind, domain));
  const std::string count = std::to_string(kinds.size());
  answer(*call, 200, json::to_text(kinds), {{"X-Total-Count", count}});
}

void KindsApi::get_kind(CallRef call) const {
  if (const auto parameters = Parameters::parse(call->request, {}); !parameters)
    return answer_error(*call, parameters.error());
  const model::DeclaredKind* kind = declared().named(call->request.parameter("kind"));
  if (kind == nullptr)
    return answer_error(*call, no_kind(call->request.parameter("kind")));
  json::Object shown = summary_of(*kind, declared().domain_of(*kind));
  shown.set("declaration", model::to_json(*kind));
  shown.set("schema", model::kind_schema(declared().model(), *kind));
  if (kind->base == model::Base::instance) {
    json::Array actions;
    for (const std::string& name : rules::actions_of(*kind))
      actions.emplace_back(name);
    shown.set("actions", std::move(actions));
  }
  answer(*call, 200, json::to_text(shown));
}

void KindsApi::list_models(CallRef call) const {
  if (const auto parameters = Parameters::parse(call->request, {}); !parameters)
    return answer_error(*call, parameters.error());
  json::Array domains;
  for (const model::Domain& domain : declared().model().domains) {
    json::Array kinds;
    for (const model::DeclaredKind& kind : domain.kinds)
      kinds.emplace_back(kind.name);
    domains.emplace_back(json::Object{{"domain", domain.name},
                                      {"kinds", std::move(kinds)},
                                      {"href", "/diffo/v1/models/" + domain.name}});
  }
  answer(*call, 200, json::to_text(domains));
}

void KindsApi::get_model(CallRef call) const {
  if (const auto parameters = Parameters::parse(call->request, {}); !parameters)
    return answer_error(*call, parameters.error());
  const std::string_view name = call->request.parameter("domain");
  const model::Domain* domain = domain_named(declared().model(), name);
  if (domain == nullptr)
    return answer_error(*call, no_domain(name));
  answer(*call, 200, json::to_text(domain_view(*domain)));
}

/// Makes other domains of those that hold, and puts them in their place. On a worker: records are
/// looked at.
void KindsApi::change_models(
    const CallRef& call, int status,
    std::function<Result<model::DomainModel>(const model::DomainModel&)> make) const {
  const auto run = [this, call, status, make = std::move(make)]() -> Result<void> {
    const Parameters parameters = TRY(Parameters::parse(call->request, {"dryRun"}));
    const bool dry_run = TRY(parameters.flag("dryRun"));
    const model::DomainModel next = TRY(make(models_of(services_.store)));
    TRY(judge_models(next));
    const graph::Context context = TRY(writing_context(*call));
    if (dry_run)
      TRY(try_models(services_.store, context, next, hooks_, call->request.cancellation));
    else
      TRY(put_models(services_.store, context, next, hooks_, call->request.cancellation));
    if (status == 204) {
      answer(*call, 204, {});
      return {};
    }
    json::Array domains;
    for (const model::Domain& domain : next.domains)
      domains.emplace_back(domain.name);
    answer(*call, dry_run ? 200 : status,
           json::to_text(json::Object{{"domains", std::move(domains)}, {"dryRun", dry_run}}));
    return {};
  };
  const auto work = [call, run] {
    if (const auto done = run(); !done)
      answer_error(*call, done.error());
  };
  const bool posted = services_.maintenance.post(work, call->request.cancellation);
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "other long work is waiting already"});
}

void KindsApi::post_models(CallRef call) const {
  change_models(call, 201, [call](const model::DomainModel& present) -> Result<model::DomainModel> {
    model::DomainModel next = present;
    for (model::Domain& domain : TRY(parse_models("body", call->request.body)).domains) {
      if (domain_named(next, domain.name) != nullptr)
        return Error{ErrorCode::conflict,
                     "the domain " + domain.name + " is there already: PUT replaces it"};
      next.domains.push_back(std::move(domain));
    }
    return next;
  });
}

void KindsApi::put_model(CallRef call) const {
  change_models(call, 200, [call](const model::DomainModel& present) -> Result<model::DomainModel> {
    const std::string_view name = call->request.parameter("domain");
    model::DomainModel given = TRY(parse_models("body", call->request.body));
    if (given.domains.size() != 1 || given.domains.front().name != name)
      return Error{ErrorCode::invalid, "the body must declare the domain " + std::string(name)};
    model::DomainModel next = present;
    for (model::Domain& domain : next.domains)
      if (domain.name == name) {
        domain = std::move(given.domains.front());
        return next;
      }
    next.domains.push_back(std::move(given.domains.front()));
    return next;
  });
}

void KindsApi::delete_model(CallRef call) const {
  change_models(call, 204, [call](const model::DomainModel& present) -> Result<model::DomainModel> {
    const std::string_view name = call->request.parameter("domain");
    if (domain_named(present, name) == nullptr)
      return no_domain(name);
    model::DomainModel next = present;
    std::erase_if(next.domains, [name](const model::Domain& one) { return one.name == name; });
    return next;
  });
}

void KindsApi::build(CallRef call) const {
  if (const auto started = start_building(call); !started)
    answer_error(*call, started.error());
}

Result<void> KindsApi::start_building(const CallRef& call) const {
  const std::string kind_name(call->request.parameter("kind"));
  const std::string action_name(call->request.parameter("action"));
  const model::DeclaredKind* kind = declared().named(kind_name);
  if (kind == nullptr || kind->base != model::Base::instance || !kind->specification)
    return no_kind(kind_name);
  const auto action = rules::action_of(*kind, action_name);
  if (!action || action->does != model::Action::Does::create)
    return no_action(*kind, action_name);
  const json::Object arguments = TRY(arguments_of(call->request));
  const graph::Context context = TRY(writing_context(*call));
  TRY(Conditions(call->request).judge_unversioned());
  // The same id whenever the rule is called again.
  const std::string id = context.new_id();
  auto decide = [kind_name, action_name, arguments, context,
                 id](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const model::DeclaredKind* now = model::model_of(subgraph.schema()).declared().named(kind_name);
    const auto doing = now != nullptr ? rules::action_of(*now, action_name) : std::nullopt;
    if (!doing)
      return rules::model_replaced();
    graph::Context same = context;
    same.new_id = [&id, &context, first = true]() mutable {
      return std::exchange(first, false) ? id : context.new_id();
    };
    rules::Further further;
    graph::RecordDraft draft =
        TRY(rules::build({same, subgraph, *now, *doing}, arguments, further));
    graph::FetchPlan plan = rules::plan_for(draft.key);
    subgraph.announce(plan);
    further.add(TRY(rules::operate(same, subgraph, nullptr, draft, {&*doing, &arguments})));
    return rules::create(TRY(model::encode(draft, subgraph.schema())),
                         std::move(further))(subgraph);
  };
  services_.store.transact(
      context, {}, std::move(decide), {.document_bytes = call->request.body.size()},
      [this, call](Result<graph::Commit> commit) {
        if (!commit)
          return answer_error(*call, commit.error());
        graph::RecordRef record = std::move(commit->records.front());
        const std::string url =
            origin_of(call->request, services_.public_url) + "/diffo/v1/instances/" + record->id();
        answer_instance_written(services_, call, 201, std::move(record), {{"Location", url}});
      });
  return {};
}

void KindsApi::act(CallRef call) const {
  graph::FetchPlan plan;
  plan.records = instance_keys(*call->principal, std::string(call->request.parameter("id")));
  services_.store.read({}, std::move(plan), nullptr, [this, call](Result<graph::Subgraph> read) {
    const auto started = read ? start_acting(call, *read) : Result<void>(read.error());
    if (!started)
      answer_error(*call, started.error());
  });
}

Result<void> KindsApi::start_acting(const CallRef& call, graph::Subgraph& subgraph) const {
  const Parameters parameters = TRY(Parameters::parse(call->request, {"family"}));
  const std::string name(call->request.parameter("action"));
  const graph::RecordRef instance = TRY(instance_asked_for(*call, parameters, subgraph));
  const graph::Key key = instance->key();
  const model::DeclaredKind* kind = rules::kind_of(model::model_of(subgraph.schema()), *instance);
  if (kind == nullptr)
    return Error{ErrorCode::unprocessable, "it is of no declared kind, and so has no actions"};
  const auto action = rules::action_of(*kind, name);
  if (!action || action->does == model::Action::Does::create)
    return no_action(*kind, name);
  const json::Object arguments = TRY(arguments_of(call->request));
  if (action->does == model::Action::Does::assign)
    return start_assigning(call, key, action->pool, arguments);
  const graph::Context context = TRY(writing_context(*call));
  auto revise = [name, arguments,
                 context](const graph::Record& present,
                          graph::Subgraph& reads) -> Result<std::optional<rules::Revision>> {
    const model::Model& model = model::model_of(reads.schema());
    const model::DeclaredKind* now = rules::kind_of(model, present);
    const auto doing = now != nullptr ? rules::action_of(*now, name) : std::nullopt;
    if (!doing)
      return rules::model_replaced();
    rules::Revision revised{present.to_draft(reads.schema().dictionary())};
    TRY(rules::apply({context, reads, *now, *doing}, arguments, revised.draft, revised.further));
    revised.further.add(
        TRY(rules::operate(context, reads, &present, revised.draft, {&*doing, &arguments})));
    revised.written_at = context.now;
    return std::optional(std::move(revised));
  };
  services_.store.transact(
      context, rules::plan_for(key),
      rules::change(key, Conditions(call->request).precondition(), std::move(revise)),
      {.document_bytes = call->request.body.size()}, [this, call](Result<graph::Commit> commit) {
        if (commit)
          answer_instance_written(services_, call, 200, std::move(commit->records.front()));
        else
          answer_error(*call, commit.error());
      });
  return {};
}

/// At the tip: many ask one pool at once.
Result<void> KindsApi::start_assigning(const CallRef& call, const graph::Key& key,
                                       const std::string& pool,
                                       const json::Object& arguments) const {
  rules::AssignRequest request = TRY(rules::read_assign_request(arguments));
  const graph::Context context = TRY(writing_context(*call));
  request.fresh_id = context.new_id(); // made here, so that it is read with the rest
  graph::FetchPlan plan = rules::plan_for_assigning(key, request);
  auto decide = [key, precondition = Conditions(call->request).precondition(),
                 assign = rules::assign(context, key, pool, std::move(request))](
                    graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const graph::RecordRef assigner = subgraph.find(key);
    if (assigner && precondition.demand)
      TRY(precondition.demand(*assigner));
    return assign(subgraph);
  };
  services_.store.transact(context, std::move(plan), std::move(decide),
                           {.where = graph::Where::tip},
                           [this, call](Result<graph::Commit> commit) {
                             if (!commit)
                               return answer_error(*call, commit.error());
                             const graph::RecordRef& record = commit->records.front();
                             if (!record)
                               return answer(*call, 204, {});
                             answer(*call, 200,
                                    json::to_text(assignment_view(
                                        rules::read_assigned(*record, services_.store.schema()))));
                           });
  return {};
}

} // namespace diffo::server
