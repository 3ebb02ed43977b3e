#include "server/surfaces/decisions_api.h"

#include "loop/expectation_record.h"
#include "loop/task_record.h"
#include "model/contradictions.h"
#include "rules/instances.h"
#include "server/idempotency.h"
#include "server/next_page.h"
#include "server/on_reader.h"
#include "server/surfaces/decision_request.h"
#include "server/surfaces/evaluate_options.h"
#include "server/surfaces/standing.h"

#include <map>
#include <set>
#include <utility>

namespace diffo::server {
namespace {

constexpr const char* decisions_path = "/diffo/v1/decisions";

graph::Key key_of(const Call& call) {
  return {call.principal->tenant, model::family_decision,
          std::string(call.request.parameter("id"))};
}

/// What of a decision is shown beside it: the expectations that it changes, and the tasks.
json::Object view_of(const loop::Decision& decision, const std::vector<Adoption>& adoptions,
                     const std::vector<loop::Task>& tasks, const graph::Schema& schema,
                     const std::string& origin) {
  json::Object view = loop::decision_document(decision, schema).object();
  if (!tasks.empty()) {
    json::Array planned;
    for (const loop::Task& task : tasks)
      planned.push_back(loop::task_document(task, schema, origin));
    view.set("tasks", std::move(planned));
  }
  json::Array changed;
  for (const Adoption& adoption : adoptions)
    changed.push_back(adoption.document);
  if (!changed.empty())
    view.append("changed", std::move(changed));
  return view;
}

/// What would be decided has no name yet; tasks are told apart by their numbers.
json::Value without_ids(json::Value view) {
  view.object().erase("id");
  json::Value* tasks = view.object().find("tasks");
  if (tasks == nullptr)
    return view;
  std::map<std::string, std::int64_t, std::less<>> steps;
  for (json::Value& task : tasks->array()) {
    const auto step = static_cast<std::int64_t>(steps.size());
    steps.emplace(task.text_of("id"), step);
    for (const char* name : {"id", "href", "decision"})
      task.object().erase(name);
    task.object().append("step", step);
  }
  for (json::Value& task : tasks->array())
    if (json::Value* after = task.object().find("after"))
      for (json::Value& id : after->array())
        id = steps.find(id.string())->second;
  return view;
}

/// Writes the decision and what it changes; refuses when an expectation is no longer the one that
/// was decided on.
graph::Decide writing(loop::Decision decision, std::vector<Adoption> adoptions,
                      std::vector<loop::Task> tasks, std::vector<ReplacedTask> replaced,
                      const graph::Context& context) {
  return [decision = std::move(decision), adoptions = std::move(adoptions),
          tasks = std::move(tasks), replaced = std::move(replaced),
          context](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const graph::Schema& schema = subgraph.schema();
    const graph::Tenant tenant = context.principal.tenant;
    graph::ChangeSet change;
    graph::RecordDraft draft = loop::decision_draft(decision, tenant);
    const graph::Key key = draft.key;
    change.changes.push_back({key, TRY(model::encode(draft, schema))});
    for (const Adoption& adoption : adoptions)
      TRY(add_adoption(adoption, context, subgraph, change));
    TRY(replace_tasks(replaced, decision.at, tenant, subgraph, change));
    if (!subgraph.complete())
      return graph::Decision(subgraph.missing());
    TRY(add_tasks(tasks, tenant, schema, change));
    return graph::Decision(std::move(change));
  };
}

Result<void> cancel_tasks(const loop::Decision& decision, graph::Tenant tenant, std::int64_t now,
                          graph::Subgraph& subgraph, graph::ChangeSet& change) {
  std::vector<graph::Key> keys;
  keys.reserve(decision.tasks.size());
  for (const std::string& id : decision.tasks)
    keys.emplace_back(tenant, model::family_task, id);
  subgraph.announce({.records = keys});
  bool any = false;
  for (const graph::Key& key : keys) {
    const graph::RecordRef record = subgraph.find(key);
    if (!record)
      continue;
    loop::Task task = TRY(loop::stored_task(*record, subgraph.schema()));
    if (task.state != loop::TaskState::proposed && task.state != loop::TaskState::queued &&
        task.state != loop::TaskState::held)
      continue;
    task.state = loop::TaskState::cancelled;
    task.rejected = true;
    task.reason = "the decision was undone";
    TRY(add_task_step(std::move(task), now, tenant, subgraph.schema(), change));
    any = true;
  }
  if (any || !subgraph.complete())
    return {};
  return Error{ErrorCode::conflict, "all of its tasks have begun: what they change is undone by "
                                    "expecting something else"};
}

graph::FetchPlan plan_for(const graph::Key& decision, const std::vector<Adoption>& adoptions) {
  graph::FetchPlan plan{.records = {decision}};
  for (const Adoption& adoption : adoptions)
    plan.records.push_back(adoption.present->key()); // its target stays, and is not resolved anew
  return plan;
}

} // namespace

void DecisionsApi::add_routes(http::Router& router) {
  const http::RouteOptions options{.produces = {json_type}};
  add_route(router, http::Method::post, decisions_path,
            [this](const CallRef& call) {
              with_standing(services_, call,
                            [this, call](Call&, const loop::StandingRef& standing) {
                              return decide(call, standing);
                            });
            },
            {.consumes = {json_type}, .produces = {json_type}});
  add_route(
      router, http::Method::get, decisions_path, [this](const CallRef& call) { list(call); },
      options);
  const std::string one = std::string(decisions_path) + "/{id}";
  add_route(router, http::Method::get, one, [this](const CallRef& call) { get(call); }, options);
  add_route(
      router, http::Method::delete_, one, [this](const CallRef& call) { undo(call); }, options);
}

Result<void> DecisionsApi::decide(const CallRef& call, const loop::StandingRef& standing) const {
  TRY(Parameters::parse(call->request, {}));
  const graph::Tenant tenant = call->principal->tenant;
  graph::Context context = services_.context(*call, cause_of(call->request));
  TRY(take_idempotency_key(call->request, context));
  const DecisionRequest request = TRY(read_decision_request(call->request.body, context.now));
  const loop::EvaluateOptions options = options_at(services_, *standing, tenant);
  DecidedOn decided;
  auto done = graph::read_in_rounds(services_.store, {.at = standing->sequence}, {}, nullptr,
                                    [&](graph::Subgraph& subgraph) -> Result<void> {
                                      decided =
                                          TRY(decided_on(request, *standing, tenant, subgraph,
                                                         options, runner_.settings(), context));
                                      return {};
                                    });
  if (!done && context.idempotency_key.empty())
    return done;
  if (!done) {
    // What was decided on may be gone because it was decided: a repetition gets the first answer.
    write(call, std::move(context), {},
          [error = done.error()](graph::Subgraph&) -> Result<graph::Decision> { return error; },
          {});
    return {};
  }
  loop::Decision& decision = decided.decision;
  decision.by = context.principal.actor;
  decision.at = context.now;
  decision.id = context.new_id();
  auto tasks = made_tasks(std::move(decided.plan.tasks), context, decision.id);
  for (loop::Task& task : tasks) {
    task.reason = decision.reason;
    decision.tasks.push_back(task.id);
  }
  const json::Value view = view_of(decision, decided.adoptions, tasks, standing->pinned->schema(),
                                   origin_of(call->request, services_.public_url));
  if (request.dry_run) {
    TRY(runner_.check_room(tasks.size(), decided.replaced.size()));
    answer(*call, 200, json::to_text(without_ids(view)), {revision_header(*standing)});
    return {};
  }
  const graph::Key key{tenant, model::family_decision, decision.id};
  graph::FetchPlan plan = plan_for(key, decided.adoptions);
  plan.extend(reads_of_tasks(tasks, decided.replaced, tenant));
  const std::size_t added = tasks.size();
  const std::size_t replaced = decided.replaced.size();
  auto rule = writing(std::move(decision), std::move(decided.adoptions), std::move(tasks),
                      std::move(decided.replaced), context);
  const auto decide_with_room = [this, added, replaced, rule = std::move(rule)](
                                    graph::Subgraph& subgraph) -> Result<graph::Decision> {
    TRY(runner_.check_room(added, replaced));
    return rule(subgraph);
  };
  write(call, std::move(context), std::move(plan), decide_with_room, view);
  return {};
}

/// Commits a decision and answers with what was decided.
void DecisionsApi::write(const CallRef& call, graph::Context context, graph::FetchPlan plan,
                         graph::Decide rule, json::Value view) const {
  services_.store.transact(
      std::move(context), std::move(plan), std::move(rule), {},
      [this, call, view = std::move(view)](const Result<graph::Commit>& commit) {
        if (!commit)
          return answer_error(*call, commit.error());
        const graph::Record& record = *commit->records.front();
        json::Value shown = view;
        if (commit->repeated) {
          const graph::Schema& schema = services_.store.schema();
          const auto first = loop::stored_decision(record, schema);
          if (!first)
            return answer_error(*call, first.error());
          shown = loop::decision_document(*first, schema);
        }
        answer(*call, 201, json::to_text(shown),
               {{"Location", origin_of(call->request, services_.public_url) + decisions_path + '/' +
                                 record.id()}});
      });
}

void DecisionsApi::list(CallRef call) const {
  on_reader(services_, call, [this](Call& asked) { return answer_list(asked); });
}

Result<void> DecisionsApi::answer_list(Call& call) const {
  const Parameters parameters = TRY(Parameters::parse(call.request, {"limit", "after"}));
  graph::Query query;
  query.tenant = call.principal->tenant;
  query.families = {model::family_decision};
  query.limit = TRY(limit_in(parameters));
  if (parameters.has("after")) {
    auto cursor = TRY(CursorText<1>::parse(parameters.text("after")));
    query.after =
        graph::Cursor{.revision = 0,
                      .keys = {},
                      .created_at = cursor.numbers[0],
                      .key = {query.tenant, model::family_decision, std::move(cursor.text)}};
  }
  graph::FetchPlan plan;
  plan.queries.push_back(query);
  plan.cancellation = call.request.cancellation;
  graph::Subgraph subgraph = TRY(graph::read_and_wait(services_.store, {}, std::move(plan)));
  const graph::Page page = TRY(subgraph.page(0));
  std::string body = "[";
  std::size_t shown = 0;
  for (; shown < page.records.size() && body.size() < most_page_bytes; ++shown) {
    body += shown > 0 ? "," : "";
    const loop::Decision decision =
        TRY(loop::stored_decision(*page.records[shown], subgraph.schema()));
    json::write(loop::decision_document(decision, subgraph.schema()), body);
  }
  body += ']';
  Headers headers{{"X-Total-Count", std::to_string(page.total)}};
  if (page.next || shown < page.records.size()) {
    const graph::Record& last = *page.records[shown - 1];
    headers.emplace_back(
        "Link", next_page(call, services_.public_url,
                          CursorText<1>{{last.created_at()}, std::string(last.id())}.print()));
  }
  answer(call, 200, std::move(body), std::move(headers));
  return {};
}

void DecisionsApi::get(CallRef call) const {
  on_reader(services_, call, [this](Call& asked) -> Result<void> {
    TRY(Parameters::parse(asked.request, {}));
    const graph::Key key = key_of(asked);
    graph::Subgraph subgraph = TRY(graph::read_and_wait(services_.store, {}, {.records = {key}}));
    const graph::RecordRef record = subgraph.find(key);
    if (!record)
      return rules::not_found(subgraph.schema(), key);
    answer(asked, 200,
           json::to_text(loop::decision_document(
               TRY(loop::stored_decision(*record, subgraph.schema())), subgraph.schema())));
    return {};
  });
}

/// An approval is taken back; an adopted expectation becomes what it was, unless it was changed
/// since; of a push those tasks are cancelled that have not begun.
void DecisionsApi::undo(CallRef call) const {
  const graph::Key key = key_of(*call);
  const graph::Context context = services_.context(*call, cause_of(call->request));
  const auto decide = [this, key, context](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const graph::Schema& schema = subgraph.schema();
    const graph::RecordRef record = subgraph.find(key);
    if (!record)
      return rules::not_found(schema, key);
    loop::Decision decision = TRY(loop::stored_decision(*record, schema));
    if (decision.undone)
      return Error{ErrorCode::conflict, "the decision is undone already"};
    graph::ChangeSet change;
    if (decision.verdict == loop::Verdict::adopt)
      TRY(add_restored(decision, *record, services_.store, context, subgraph, change));
    else if (decision.verdict == loop::Verdict::push)
      TRY(cancel_tasks(decision, key.tenant, context.now, subgraph, change));
    else if (decision.standing().empty())
      return Error{ErrorCode::conflict, "nothing of the approval holds any more"};
    if (!subgraph.complete())
      return graph::Decision(subgraph.missing());
    decision.undone = loop::Fall{context.now, "undone"};
    change.changes.push_back(
        {key, TRY(model::encode(loop::decision_draft(decision, key.tenant), schema))});
    return graph::Decision(std::move(change));
  };
  services_.store.transact(context, {.records = {key}}, decide, {},
                           [call](const Result<graph::Commit>& commit) {
                             if (commit)
                               answer(*call, 204, {});
                             else
                               answer_error(*call, commit.error());
                           });
}

} // namespace diffo::server
