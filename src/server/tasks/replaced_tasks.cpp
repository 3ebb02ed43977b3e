#include "server/tasks/replaced_tasks.h"

#include "model/kinds.h"
#include "server/tasks/task_runner.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

namespace diffo::server {

using loop::TaskState;

namespace {

/// The task that has a leaf for itself, and its record.
struct Holder {
  loop::Task task;
  graph::RecordRef record;
};

Result<std::optional<Holder>> holder_of(const loop::LeafId& leaf, graph::Tenant tenant,
                                        graph::Subgraph& subgraph, std::int64_t now) {
  const auto claim = subgraph.claim({leaf_scope, leaf.text()}, now);
  if (!claim)
    return std::optional<Holder>();
  const graph::Key key{tenant, model::family_task, claim->holder};
  subgraph.announce({.records = {key}});
  const graph::RecordRef record = subgraph.find(key);
  if (!record)
    return std::optional<Holder>();
  return std::optional(Holder{TRY(loop::stored_task(*record, subgraph.schema())), record});
}

/// Whether it waits for somebody, so that another may take its place.
bool waits(const loop::Task& task) {
  return task.state == TaskState::proposed || task.state == TaskState::held;
}

std::string on_its_way(const loop::Task& task) {
  return "the task " + task.id + " (" + std::string(loop::name_of(task.state)) + ") is to close ";
}

} // namespace

Result<std::vector<Unreachable>> take_busy(std::vector<ResidueRows::Row>& rows,
                                           graph::Subgraph& subgraph, std::int64_t now) {
  graph::FetchPlan claims;
  for (const ResidueRows::Row& row : rows)
    claims.claims.push_back({leaf_scope, row.id.text()});
  subgraph.announce(claims);
  std::vector<Unreachable> busy;
  std::vector<ResidueRows::Row> left;
  for (const ResidueRows::Row& row : rows) {
    const auto holder = TRY(holder_of(row.id, row.residue->expectation.tenant, subgraph, now));
    if (holder && !waits(holder->task))
      busy.push_back({row, on_its_way(holder->task) + "it already"});
    else
      left.push_back(row);
  }
  rows = std::move(left);
  return busy;
}

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
      const auto holder = TRY(holder_of(leaf.id, leaf.expectation.tenant, subgraph, now));
      if (!holder || !seen.insert(holder->record->key()).second)
        continue;
      if (!waits(holder->task))
        return Error{ErrorCode::conflict,
                     on_its_way(holder->task) + "the leaf " + leaf.id.text() + " already"};
      replaced.push_back({holder->record->key(), holder->record->sequence()});
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
