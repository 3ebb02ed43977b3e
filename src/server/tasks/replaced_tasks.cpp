#include "server/tasks/replaced_tasks.h"

#include "model/kinds.h"
#include "server/tasks/task_runner.h"

#include <set>
#include <utility>

namespace diffo::server {

using loop::TaskState;

Result<std::vector<ReplacedTask>> replaced_by(const Plan& plan, graph::Subgraph& subgraph,
                                              std::int64_t now) {
  graph::FetchPlan claims;
  for (const PlannedTask& planned : plan.tasks)
    for (const loop::DecidedLeaf& leaf : planned.task.because)
      claims.claims.push_back({leaf_scope, leaf.id.text()});
  subgraph.announce(claims);
  std::vector<ReplacedTask> replaced;
  std::set<graph::Key> seen;
  for (const PlannedTask& planned : plan.tasks)
    for (const loop::DecidedLeaf& leaf : planned.task.because) {
      const auto claim = subgraph.claim({leaf_scope, leaf.id.text()}, now);
      if (!claim)
        continue;
      const graph::Key key{leaf.expectation.tenant, model::family_task, claim->holder};
      if (!seen.insert(key).second)
        continue;
      subgraph.announce({.records = {key}});
      const graph::RecordRef record = subgraph.find(key);
      if (!record)
        continue;
      const loop::Task task = TRY(loop::stored_task(*record, subgraph.schema()));
      if (task.state != TaskState::proposed && task.state != TaskState::held)
        return Error{ErrorCode::conflict,
                     "the task " + task.id + " (" + std::string(loop::name_of(task.state)) +
                         ") is to close the leaf " + leaf.id.text() + " already"};
      replaced.push_back({key, record->sequence()});
    }
  return replaced;
}

Result<void> replace_tasks(const std::vector<ReplacedTask>& replaced, std::int64_t now,
                           graph::Tenant tenant, graph::Subgraph& subgraph,
                           graph::ChangeSet& change) {
  for (const ReplacedTask& one : replaced) {
    const graph::RecordRef present = subgraph.find(one.task);
    if (!subgraph.complete())
      continue;
    if (!present || present->sequence() != one.sequence)
      return Error{ErrorCode::conflict, "the task " + one.task.id + " has changed meanwhile"};
    loop::Task task = TRY(loop::stored_task(*present, subgraph.schema()));
    task.state = TaskState::cancelled;
    task.reason = "another took its place";
    TRY(add_task_step(std::move(task), now, tenant, subgraph.schema(), change));
  }
  return {};
}

graph::FetchPlan reads_of_tasks(const std::vector<loop::Task>& tasks,
                                const std::vector<ReplacedTask>& replaced, graph::Tenant tenant) {
  graph::FetchPlan plan;
  for (const ReplacedTask& one : replaced)
    plan.records.push_back(one.task);
  for (const loop::Task& task : tasks)
    plan.records.emplace_back(tenant, model::family_task, task.id);
  return plan;
}

} // namespace diffo::server
