#include "model/kinds.h"
#include "model/schema.h"
#include "server/each_record.h"
#include "server/surfaces/evaluate_options.h"
#include "server/tasks/task_runner.h"

#include <algorithm>
#include <map>
#include <utility>

/// How the runner makes tasks of what stands.
namespace diffo::server {

using loop::TaskState;

namespace {

/// So many targets are planned for in one commit.
constexpr std::size_t most_targets = 128;

std::string others(const std::string& writer) {
  return writer.empty() ? "somebody else" : writer;
}

} // namespace

/// Begins anew with what the store has.
Result<void> TaskRunner::load() {
  board_.clear();
  acting_.clear();
  const auto each = [this](graph::Family family, const auto& visit) {
    return each_record(services_.store, {.at = standing_->sequence}, 0, family,
                       [&visit](const graph::Record& record, const graph::Schema& schema) {
                         visit(record, schema);
                         return Result<void>();
                       });
  };
  TRY(each(model::family_expectation,
           [&](const graph::Record& record, const graph::Schema& schema) {
             note_expectation(record, schema);
           }));
  TRY(each(model::family_task, [&](const graph::Record& record, const graph::Schema& schema) {
    if (const auto put = board_.put(record, schema); !put)
      services_.log.error("a task cannot be read", {{"reason", put.error().text()}});
  }));
  for (const auto& [key, active] : board_.active()) {
    unsettled_.insert(key);
    // The settings may know somebody for the next one.
    if (active.task.state == TaskState::held && active.task.by == made_by_loop &&
        active.task.attempts == 0 && !executors_.contains(active.task.executor))
      step(key, active, TaskState::cancelled, "nobody was chosen to run it");
  }
  std::set<graph::Key> acting;
  for (const auto& [expectation, mode] : acting_)
    acting.insert(expectation);
  look_where_it_stands(acting);
  return {};
}

void TaskRunner::note_expectation(const graph::Record& record, const graph::Schema& schema) {
  // Of all expectations there are, so that no more than this is looked at.
  const graph::ValueView given = record.root(schema.dictionary()).extra("mode");
  for (const loop::Mode mode : {loop::Mode::propose, loop::Mode::act})
    if (given && given.kind() == json::Kind::string && given.equals(loop::name_of(mode)))
      acting_[record.key()] = mode;
}

void TaskRunner::derive() {
  std::vector<graph::Key> targets;
  while (!looked_at_.empty() && targets.size() < most_targets &&
         board_.active().size() < settings_.bounds.waiting) {
    graph::Key target = *looked_at_.begin();
    looked_at_.erase(looked_at_.begin());
    if (!acting_.empty() && !rows_to_close(standing_->index->find(target)).empty())
      targets.push_back(std::move(target));
  }
  if (targets.empty())
    return;
  if (const auto made = make(targets); !made) {
    services_.log.warning("cannot make tasks of what is outstanding",
                          {{"reason", made.error().text()}});
    // One of them alone may be what keeps the others from theirs.
    for (const graph::Key& target : targets) {
      const auto alone = targets.size() > 1 ? make({target}) : made;
      if (alone)
        continue;
      services_.log.warning("cannot make a task of what is outstanding",
                            {{"target", target.id}, {"reason", alone.error().text()}});
      postponed_.insert(target);
    }
  }
  if (!looked_at_.empty())
    look_again();
}

/// The leaves at the target that are to be closed by tasks, and about which there is none.
std::vector<ResidueRows::Row>
TaskRunner::rows_to_close(const loop::TargetResiduesRef& residues) const {
  std::vector<ResidueRows::Row> rows;
  if (!residues)
    return rows;
  const std::int64_t since = services_.clock.now().microseconds - settings_.bounds.fight;
  for (const loop::Residue& residue : residues->residues) {
    if (!acting_.contains(residue.expectation) ||
        standing_->establishing->contains(residue.expectation))
      continue;
    for (const loop::StandingLeaf& leaf : residue.leaves) {
      const bool is_missing = leaf.category == outstanding::Category::missing;
      if (leaf.is_open() && !leaf.contradicted_by && (leaf.closable || is_missing) &&
          board_.of_leaf(leaf.id) == nullptr &&
          !board_.past_of(leaf.id, since).refused.contains(leaf.fingerprint))
        rows.push_back({&residue, &leaf, leaf.since, leaf.id});
    }
  }
  return rows;
}

Result<void> TaskRunner::make(const std::vector<graph::Key>& targets) {
  std::map<graph::Tenant, std::vector<ResidueRows::Row>> by_tenant;
  std::vector<loop::TargetResiduesRef> kept; // the rows point into them
  for (const graph::Key& target : targets) {
    kept.push_back(standing_->index->find(target));
    for (ResidueRows::Row& row : rows_to_close(kept.back()))
      by_tenant[target.tenant].push_back(row);
  }
  for (const auto& [tenant, rows] : by_tenant)
    if (!rows.empty())
      TRY(create(TRY(tasks_for(rows, tenant)), tenant));
  return {};
}

Result<std::vector<loop::Task>> TaskRunner::tasks_for(const std::vector<ResidueRows::Row>& rows,
                                                      graph::Tenant tenant) {
  const loop::EvaluateOptions options = options_at(services_, *standing_, tenant);
  Plan plan;
  TRY(graph::read_in_rounds(services_.store, {.at = standing_->sequence}, {}, nullptr,
                            [&](graph::Subgraph& subgraph) -> Result<void> {
                              ResidueRows views(*standing_, tenant, subgraph);
                              plan = TRY(plan_of(rows, views, subgraph, options, settings_));
                              return {};
                            }));
  for (PlannedTask& planned : plan.tasks)
    judge(planned);
  auto tasks = made_tasks(std::move(plan.tasks), services_.own_context(tenant, made_by_loop), {});
  for (loop::Task& task : tasks)
    task.by = made_by_loop;
  return tasks;
}

/// The change anew, as the target is now: only its leaves are known to be as they were.
void TaskRunner::renew(loop::Task& task) const {
  std::vector<ResidueRows::Row> rows;
  std::map<graph::Key, loop::TargetResiduesRef> kept; // the rows point into them
  for (const loop::DecidedLeaf& leaf : task.because) {
    const auto [known, fresh] = kept.try_emplace(leaf.target);
    if (fresh)
      known->second = standing_->index->find(leaf.target);
    const loop::Residue* residue = known->second ? known->second->find(leaf.expectation) : nullptr;
    const auto leaves = loop::leaves_by_id(residue);
    if (const auto found = leaves.find(leaf.id); found != leaves.end())
      rows.push_back({residue, found->second, found->second->since, leaf.id});
  }
  const graph::Tenant tenant = task.target.tenant;
  const loop::EvaluateOptions options = options_at(services_, *standing_, tenant);
  const auto planned = graph::read_in_rounds(
      services_.store, {.at = standing_->sequence}, {}, nullptr,
      [&](graph::Subgraph& subgraph) -> Result<void> {
        ResidueRows views(*standing_, tenant, subgraph);
        for (PlannedTask& one : TRY(plan_of(rows, views, subgraph, options, {})).tasks)
          if (one.task.target == task.target && one.task.because.size() == task.because.size()) {
            task.change = std::move(one.task.change);
            task.patch = std::move(one.task.patch);
          }
        return {};
      });
  if (!planned)
    services_.log.warning("a task is begun as it was planned",
                          {{"task", task.id}, {"reason", planned.error().text()}});
}

/// Whether a task of the loop's waits for somebody, and why.
void TaskRunner::judge(PlannedTask& planned) const {
  loop::Task& task = planned.task;
  const std::int64_t since = services_.clock.now().microseconds - settings_.bounds.fight;
  task.state = TaskState::queued;
  for (const loop::DecidedLeaf& leaf : task.because) {
    const auto mode = acting_.find(leaf.expectation);
    if (task.state == TaskState::queued && mode != acting_.end() &&
        mode->second == loop::Mode::propose)
      task.state = TaskState::proposed;
    const LeafPast past = board_.past_of(leaf.id, since);
    constexpr std::uint64_t changed_back = 2;
    if (past.done >= changed_back) {
      task.state = TaskState::held;
      task.reason = leaf.address + " was changed back twice by " + others(planned.writer);
      return;
    }
    if (past.tried >= settings_.bounds.attempts) {
      task.state = TaskState::held;
      task.reason = leaf.address + " was not closed by " + std::to_string(past.tried) +
                    " tasks; last written by " + others(planned.writer);
      return;
    }
  }
}

Result<void> TaskRunner::create(std::vector<loop::Task> tasks, graph::Tenant tenant) {
  if (tasks.empty())
    return {};
  const auto decide = [&tasks, tenant](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    graph::ChangeSet change;
    TRY(add_tasks(tasks, tenant, subgraph.schema(), change));
    return graph::Decision(std::move(change));
  };
  graph::FetchPlan plan;
  for (const loop::Task& task : tasks) {
    plan.records.emplace_back(tenant, model::family_task, task.id);
    for (const loop::DecidedLeaf& leaf : task.because)
      plan.claims.push_back({leaf_scope, leaf.id.text()});
  }
  const graph::Commit commit = TRY(graph::transact_and_wait(
      services_.store, services_.own_context(tenant, "the loop makes tasks"), std::move(plan),
      decide));
  for (const graph::RecordRef& record : commit.records)
    if (record) {
      TRY(board_.put(*record, services_.store.schema()));
      unsettled_.insert(record->key());
    }
  return {};
}

} // namespace diffo::server
