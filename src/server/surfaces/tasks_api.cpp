#include "server/surfaces/tasks_api.h"

#include "base/time.h"
#include "model/kinds.h"
#include "rules/instances.h"
#include "server/idempotency.h"
#include "server/next_page.h"
#include "server/on_reader.h"
#include "server/surfaces/asked_leaves.h"
#include "server/surfaces/evaluate_options.h"
#include "server/surfaces/standing.h"
#include "server/surfaces/task_request.h"
#include "server/tasks/replaced_tasks.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace diffo::server {
namespace {

using loop::TaskState;

constexpr const char* tasks_path = "/diffo/v1/tasks";

graph::Key key_of(const Call& call) {
  return {call.principal->tenant, model::family_task, std::string(call.request.parameter("id"))};
}

Error not_now(const loop::Task& task, const char* what) {
  return {ErrorCode::conflict, "the task is " + std::string(loop::name_of(task.state)) +
                                   ": it cannot be " + what + " now"};
}

} // namespace

void TasksApi::add_routes(http::Router& router) {
  const http::RouteOptions options{.produces = {json_type}};
  const http::RouteOptions with_body{.consumes = {json_type}, .produces = {json_type}};
  add_route(
      router, http::Method::get, "/diffo/v1/plan",
      [this](const CallRef& call) {
        with_standing(services_, call, [this](Call& asked, const loop::StandingRef& standing) {
          return answer_plan(asked, standing);
        });
      },
      options);
  add_route(
      router, http::Method::post, tasks_path,
      [this](const CallRef& call) {
        with_standing(services_, call, [this, call](Call&, const loop::StandingRef& standing) {
          return queue(call, standing);
        });
      },
      with_body);
  add_route(
      router, http::Method::get, tasks_path,
      [this](const CallRef& call) {
        on_reader(services_, call, [this](Call& asked) { return answer_list(asked); });
      },
      options);
  const std::string one = std::string(tasks_path) + "/{id}";
  add_route(
      router, http::Method::get, one,
      [this](const CallRef& call) {
        on_reader(services_, call, [this](Call& asked) { return answer_one(asked); });
      },
      options);
  add_route(router, http::Method::patch, one,
            [this](const CallRef& call) {
              if (const auto told = tell(call); !told)
                answer_error(*call, told.error());
            },
            {.consumes = {json_type, "application/merge-patch+json"}, .produces = {json_type}});
  const auto add = [&](const char* verb, Transition transition) {
    add_route(
        router, http::Method::post, one + '/' + verb,
        [this, transition = std::move(transition)](const CallRef& call) {
          change(call, transition);
        },
        options);
  };
  add("approve", [](loop::Task& task) -> Result<void> {
    if (task.state != TaskState::proposed)
      return not_now(task, "approved");
    task.state = TaskState::queued;
    return {};
  });
  add("reject", [](loop::Task& task) -> Result<void> {
    if (task.state != TaskState::proposed && task.state != TaskState::queued &&
        task.state != TaskState::held)
      return not_now(task, "rejected");
    task.state = TaskState::cancelled;
    task.rejected = true;
    task.reason = "rejected";
    return {};
  });
  add("release", [](loop::Task& task) -> Result<void> {
    if (task.state != TaskState::held)
      return not_now(task, "released");
    task.state = TaskState::queued;
    task.spent = task.attempts; // numbers that executors know are not used again
    task.reason.clear();
    return {};
  });
  add_hold_routes(router);
}

void TasksApi::add_hold_routes(http::Router& router) {
  const std::string hold = std::string(tasks_path) + "/hold";
  add_route(router, http::Method::get, hold,
            [this](const CallRef& call) {
              on_reader(services_, call, [this](Call& asked) { return answer_hold(asked); });
            },
            {.produces = {json_type}});
  add_route(router, http::Method::post, hold, [this](const CallRef& call) { set_hold(call, true); },
            {.consumes = {json_type}, .produces = {json_type}});
  add_route(router, http::Method::delete_, hold,
            [this](const CallRef& call) { set_hold(call, false); }, {.produces = {json_type}});
}

Result<void> TasksApi::answer_plan(Call& call, const loop::StandingRef& standing) const {
  const Parameters parameters =
      TRY(Parameters::parse(call.request.query, residue_filter_parameters));
  ResidueFilter filter = TRY(read_residue_filter(parameters));
  if (!parameters.has("outstanding"))
    filter.outstanding = true; // what is accepted is in no plan
  const graph::Tenant tenant = call.principal->tenant;
  const std::string origin = origin_of(call.request, services_.public_url);
  const loop::EvaluateOptions options = options_at(services_, *standing, tenant);
  json::Value shown;
  TRY(graph::read_in_rounds(services_.store, {.at = standing->sequence}, {}, nullptr,
                            [&](graph::Subgraph& subgraph) -> Result<void> {
                              ResidueRows rows(*standing, tenant, subgraph);
                              const auto chosen = TRY(bounded_rows(filter, rows));
                              const Plan plan =
                                  TRY(plan_of(chosen, rows, subgraph, options, runner_.settings()));
                              shown = plan_view(plan, rows, origin, options, subgraph.schema());
                              return {};
                            }));
  answer(call, 200, json::to_text(shown), {revision_header(*standing)});
  return {};
}

/// Queues the plan of what is asked for: all that can be reached, in one commit.
Result<void> TasksApi::queue(const CallRef& call, const loop::StandingRef& standing) const {
  TRY(Parameters::parse(call->request, {}));
  graph::Context context = services_.context(*call, cause_of(call->request));
  TRY(take_idempotency_key(call->request, context));
  const TasksRequest request = TRY(read_tasks_request(call->request.body));
  const graph::Tenant tenant = call->principal->tenant;
  const std::string origin = origin_of(call->request, services_.public_url);
  const loop::EvaluateOptions options = options_at(services_, *standing, tenant);
  std::vector<loop::Task> tasks;
  std::vector<ReplacedTask> replaced;
  json::Array unreachable;
  auto planned = graph::read_in_rounds(
      services_.store, {.at = standing->sequence}, {}, nullptr,
      [&](graph::Subgraph& subgraph) -> Result<void> {
        ResidueRows rows(*standing, tenant, subgraph);
        auto chosen = TRY(chosen_rows(request.what, rows, options));
        auto busy = TRY(take_busy(chosen, subgraph, context.now));
        Plan plan = TRY(plan_of(chosen, rows, subgraph, options, runner_.settings()));
        std::move(busy.begin(), busy.end(), std::back_inserter(plan.unreachable));
        unreachable = unreachable_view(plan, rows, origin, options);
        replaced = TRY(replaced_by(plan, subgraph, context.now));
        tasks = made_tasks(std::move(plan.tasks), context, {});
        return {};
      });
  if (!planned && context.idempotency_key.empty())
    return planned;
  for (loop::Task& task : tasks) {
    task.state = request.state;
    task.reason = request.reason;
  }
  Error refusal = planned ? Error{ErrorCode::conflict,
                                  "no task can close any of it: " + json::to_text(unreachable)}
                          : planned.error();
  const bool none = !planned || tasks.empty();
  auto decide = [this, tasks, replaced, now = context.now, tenant, none,
                 refusal](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    if (none)
      return refusal;
    TRY(runner_.check_room(tasks.size(), replaced.size()));
    graph::ChangeSet change;
    TRY(replace_tasks(replaced, now, tenant, subgraph, change));
    TRY(add_tasks(tasks, tenant, subgraph.schema(), change));
    return graph::Decision(std::move(change));
  };
  services_.store.transact(std::move(context), reads_of_tasks(tasks, replaced, tenant),
                           std::move(decide), {},
                           [this, call, origin, unreachable](const Result<graph::Commit>& commit) {
                             if (!commit)
                               return answer_error(*call, commit.error());
                             json::Array made;
                             const graph::Schema& schema = services_.store.schema();
                             for (const graph::RecordRef& record : commit->records)
                               if (record && record->family() == model::family_task)
                                 if (const auto task = loop::stored_task(*record, schema);
                                     task && !loop::is_final(task->state))
                                   made.push_back(loop::task_document(*task, schema, origin));
                             answer(*call, 201,
                                    json::to_text(json::Object{{"tasks", std::move(made)},
                                                               {"unreachable", unreachable}}));
                           });
  return {};
}

Result<void> TasksApi::answer_list(Call& call) const {
  const Parameters parameters = TRY(Parameters::parse(
      call.request, {"state", "target", "executor", "decision", "expectation", "limit", "after"}));
  const TaskFilter filter = TRY(read_task_filter(parameters));
  const std::uint64_t limit = TRY(limit_in(parameters));
  const std::string origin = origin_of(call.request, services_.public_url);
  graph::Query query;
  query.tenant = call.principal->tenant;
  query.families = {model::family_task};
  query.limit = most_on_page;
  if (parameters.has("after")) {
    auto cursor = TRY(CursorText<1>::parse(parameters.text("after")));
    query.after = graph::Cursor{.revision = 0,
                                .keys = {},
                                .created_at = cursor.numbers[0],
                                .key = {query.tenant, model::family_task, std::move(cursor.text)}};
  }
  std::string body = "[";
  std::uint64_t shown = 0;
  std::optional<std::uint64_t> total;
  std::string next;
  while (next.empty()) {
    graph::FetchPlan plan;
    plan.queries.push_back(query);
    plan.cancellation = call.request.cancellation;
    graph::Subgraph subgraph = TRY(graph::read_and_wait(services_.store, {}, std::move(plan)));
    graph::Page page = TRY(subgraph.page(0));
    total = page.total;
    for (const graph::RecordRef& record : page.records) {
      if (shown == limit || body.size() >= most_page_bytes)
        break;
      next = CursorText<1>{{record->created_at()}, std::string(record->id())}.print();
      const loop::Task task = TRY(loop::stored_task(*record, subgraph.schema()));
      if (!filter.takes(task))
        continue;
      body += shown++ > 0 ? "," : "";
      json::write(loop::task_document(task, subgraph.schema(), origin), body);
    }
    const bool is_last =
        !page.next &&
        (page.records.empty() || next == CursorText<1>{{page.records.back()->created_at()},
                                                       std::string(page.records.back()->id())}
                                             .print());
    if (is_last) {
      next.clear();
      break;
    }
    if (shown < limit && body.size() < most_page_bytes) {
      query.after = std::move(page.next);
      next.clear();
    }
  }
  body += ']';
  Headers headers;
  if (total && filter.is_empty())
    headers.emplace_back("X-Total-Count", std::to_string(*total));
  if (!next.empty())
    headers.emplace_back("Link", next_page(call, services_.public_url, next));
  answer(call, 200, std::move(body), std::move(headers));
  return {};
}

Result<void> TasksApi::answer_one(Call& call) const {
  TRY(Parameters::parse(call.request, {}));
  const graph::Key key = key_of(call);
  graph::Subgraph subgraph = TRY(graph::read_and_wait(services_.store, {}, {.records = {key}}));
  const graph::RecordRef record = subgraph.find(key);
  if (!record)
    return rules::not_found(subgraph.schema(), key);
  answer(call, 200,
         json::to_text(loop::task_document(TRY(loop::stored_task(*record, subgraph.schema())),
                                           subgraph.schema(),
                                           origin_of(call.request, services_.public_url))));
  return {};
}

/// What an executor has to tell of a task that it accepted.
Result<void> TasksApi::tell(const CallRef& call) const {
  TRY(Parameters::parse(call->request, {}));
  const ToldOfTask told = TRY(read_told(call->request.body));
  const std::int64_t verify = runner_.settings().bounds.verify;
  const std::int64_t now = services_.clock.now().microseconds;
  change(call, [told, verify, now](loop::Task& task) -> Result<void> {
    if (task.state == told.state ||
        (told.state == TaskState::done && task.state == TaskState::verifying))
      return {}; // told again
    if (task.state != TaskState::running)
      return not_now(task, told.state == TaskState::done ? "done" : "failed");
    task.state = told.state == TaskState::done ? TaskState::verifying : TaskState::failed;
    task.reason = told.reason;
    task.accepted = false;
    task.follow.clear();
    task.until.reset();
    if (task.state == TaskState::verifying)
      task.until = now + verify;
    return {};
  });
  return {};
}

void TasksApi::change(const CallRef& call, Transition transition) const {
  const graph::Key key = key_of(*call);
  const graph::Context context = services_.context(*call, cause_of(call->request));
  const auto decide = [key, transition = std::move(transition),
                       now = context.now](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const graph::RecordRef record = subgraph.find(key);
    if (!record)
      return rules::not_found(subgraph.schema(), key);
    loop::Task task = TRY(loop::stored_task(*record, subgraph.schema()));
    const TaskState before = task.state;
    TRY(transition(task));
    graph::ChangeSet change;
    if (task.state == before) {
      change.unchanged.push_back(record);
      return graph::Decision(std::move(change));
    }
    TRY(add_task_step(std::move(task), now, key.tenant, subgraph.schema(), change));
    return graph::Decision(std::move(change));
  };
  services_.store.transact(
      context, {.records = {key}}, decide, {}, [this, call](const Result<graph::Commit>& commit) {
        if (!commit)
          return answer_error(*call, commit.error());
        const graph::Schema& schema = services_.store.schema();
        const auto task = loop::stored_task(*commit->records.front(), schema);
        if (!task)
          return answer_error(*call, task.error());
        answer(*call, 200,
               json::to_text(loop::task_document(*task, schema,
                                                 origin_of(call->request, services_.public_url))));
      });
}

// ---- The hold switch

void TasksApi::set_hold(const CallRef& call, bool holds) const {
  const graph::Context context = services_.context(*call, cause_of(call->request));
  graph::Claim wanted;
  if (holds) {
    auto read = read_hold(call->request.body, context);
    if (!read)
      return answer_error(*call, read.error());
    wanted = *std::move(read);
  }
  const graph::ClaimName name = hold_switch(call->principal->tenant);
  const auto decide = [name, wanted, holds,
                       now = context.now](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    graph::ChangeSet change;
    if (auto present = subgraph.claim(name, now))
      change.release.push_back(*std::move(present));
    if (holds) {
      change.take.push_back(wanted);
      change.take.back().scope = name.scope;
      change.take.back().key = name.key;
    }
    return graph::Decision(std::move(change));
  };
  services_.store.transact(
      context, {.claims = {name}}, decide, {}, [this, call](const Result<graph::Commit>& commit) {
        if (!commit)
          return answer_error(*call, commit.error());
        runner_.look_again();
        on_reader(services_, call, [this](Call& asked) { return answer_hold(asked); });
      });
}

Result<void> TasksApi::answer_hold(Call& call) const {
  const graph::ClaimName name = hold_switch(call.principal->tenant);
  graph::Subgraph subgraph = TRY(graph::read_and_wait(services_.store, {}, {.claims = {name}}));
  const auto claim = subgraph.claim(name, services_.clock.now().microseconds);
  answer(call, 200, json::to_text(hold_view(claim)));
  return {};
}

} // namespace diffo::server
