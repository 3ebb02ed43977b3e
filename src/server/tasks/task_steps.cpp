#include "server/tasks/task_runner.h"

#include "model/contradictions.h"
#include "model/kinds.h"

#include <utility>

namespace diffo::server {
namespace {

std::vector<graph::Claim> claims_of(const loop::Task& task) {
  std::vector<graph::Claim> claims;
  claims.reserve(task.because.size());
  for (const loop::DecidedLeaf& leaf : task.because)
    claims.push_back({.scope = leaf_scope, .key = leaf.id.text(), .holder = task.id});
  return claims;
}

} // namespace

graph::ClaimName hold_switch(graph::Tenant tenant) {
  return {"tasks held", std::to_string(tenant)};
}

Result<void> add_tasks(const std::vector<loop::Task>& tasks, graph::Tenant tenant,
                       const graph::Schema& schema, graph::ChangeSet& change) {
  for (const loop::Task& task : tasks) {
    graph::RecordDraft draft = loop::task_draft(task, tenant);
    const graph::Key key = draft.key;
    change.changes.push_back({key, TRY(model::encode(draft, schema))});
    for (graph::Claim& claim : claims_of(task))
      change.take.push_back(std::move(claim));
  }
  return {};
}

Result<void> add_task_step(loop::Task task, std::int64_t now, graph::Tenant tenant,
                           const graph::Schema& schema, graph::ChangeSet& change) {
  task.changed = now;
  graph::RecordDraft draft = loop::task_draft(task, tenant);
  const graph::Key key = draft.key;
  change.changes.push_back({key, TRY(model::encode(draft, schema))});
  if (loop::is_final(task.state))
    for (graph::Claim& claim : claims_of(task))
      change.release.push_back(std::move(claim));
  return {};
}

std::vector<loop::Task> made_tasks(std::vector<PlannedTask> planned, const graph::Context& context,
                                   const std::string& decision) {
  std::vector<loop::Task> tasks;
  tasks.reserve(planned.size());
  for (PlannedTask& one : planned) {
    loop::Task& task = one.task;
    task.id = context.new_id();
    task.at = task.changed = context.now;
    task.by = context.principal.actor;
    task.decision = decision;
    tasks.push_back(std::move(task));
  }
  for (std::size_t at = 0; at < tasks.size(); ++at)
    for (const std::size_t before : planned[at].after)
      tasks[at].after.push_back(tasks[before].id);
  return tasks;
}

} // namespace diffo::server
