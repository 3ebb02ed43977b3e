#include "server/tasks/task_board.h"

#include <algorithm>

namespace diffo::server {

using loop::TaskState;

namespace {

/// What it changes, and where it makes a difference.
std::set<graph::Key> targets_of(const loop::Task& task) {
  std::set<graph::Key> targets{task.target};
  for (const loop::DecidedLeaf& leaf : task.because)
    targets.insert(leaf.target);
  return targets;
}

} // namespace

Result<void> TaskBoard::put(const graph::Record& record, const graph::Schema& schema) {
  const graph::Key key = record.key();
  if (const ActiveTask* known = find(key); known != nullptr && known->sequence >= record.sequence())
    return {};
  if (ended_.contains(key))
    return {};
  loop::Task task = TRY(loop::stored_task(record, schema));
  drop_active(key);
  if (!loop::is_final(task.state)) {
    add(key, {std::move(task), record.sequence()});
    return {};
  }
  Finished& finished = ended_[key];
  finished.at = task.changed;
  finished_.emplace(task.changed, key);
  for (const loop::DecidedLeaf& leaf : task.because) {
    finished.leaves.push_back(leaf.id);
    past_[leaf.id].push_back({key, task.changed, task.state, task.attempts > 0,
                              task.rejected || task.state == TaskState::failed, leaf.fingerprint});
  }
  return {};
}

void TaskBoard::add(const graph::Key& key, ActiveTask task) {
  for (const graph::Key& target : targets_of(task.task))
    at_target_[target].insert(key);
  for (const loop::DecidedLeaf& leaf : task.task.because)
    of_leaf_.insert_or_assign(leaf.id, key);
  if (task.task.state == TaskState::queued)
    queued_.emplace(task.task.at, key);
  running_ += task.task.state == TaskState::running ? 1 : 0;
  active_.emplace(key, std::move(task));
}

void TaskBoard::drop_active(const graph::Key& key) {
  const auto found = active_.find(key);
  if (found == active_.end())
    return;
  const loop::Task& task = found->second.task;
  for (const graph::Key& one : targets_of(task))
    if (const auto target = at_target_.find(one); target != at_target_.end()) {
      target->second.erase(key);
      if (target->second.empty())
        at_target_.erase(target);
    }
  for (const loop::DecidedLeaf& leaf : task.because)
    if (const auto held = of_leaf_.find(leaf.id); held != of_leaf_.end() && held->second == key)
      of_leaf_.erase(held);
  queued_.erase({task.at, key});
  running_ -= task.state == TaskState::running ? 1 : 0;
  active_.erase(found);
}

void TaskBoard::drop_finished(const graph::Key& key) {
  const auto found = ended_.find(key);
  if (found == ended_.end())
    return;
  for (const loop::LeafId& leaf : found->second.leaves) {
    const auto past = past_.find(leaf);
    if (past == past_.end())
      continue;
    std::erase_if(past->second, [&](const Ended& ended) { return ended.task == key; });
    if (past->second.empty())
      past_.erase(past);
  }
  finished_.erase({found->second.at, key});
  ended_.erase(found);
}

void TaskBoard::erase(const graph::Key& key) {
  drop_active(key);
  drop_finished(key);
}

void TaskBoard::clear() {
  *this = TaskBoard();
}

ActiveTask* TaskBoard::find(const graph::Key& key) {
  const auto found = active_.find(key);
  return found != active_.end() ? &found->second : nullptr;
}

const std::set<graph::Key>& TaskBoard::at(const graph::Key& target) const {
  static const std::set<graph::Key> none;
  const auto found = at_target_.find(target);
  return found != at_target_.end() ? found->second : none;
}

const graph::Key* TaskBoard::of_leaf(const loop::LeafId& leaf) const {
  const auto found = of_leaf_.find(leaf);
  return found != of_leaf_.end() ? &found->second : nullptr;
}

LeafPast TaskBoard::past_of(const loop::LeafId& leaf, std::int64_t since) const {
  LeafPast past;
  const auto found = past_.find(leaf);
  if (found == past_.end())
    return past;
  for (const Ended& ended : found->second) {
    if (ended.refused)
      past.refused.insert(ended.fingerprint);
    if (ended.at < since || !ended.begun)
      continue;
    ++(ended.state == TaskState::done ? past.done : past.tried);
  }
  return past;
}

LeavesNow leaves_now(const loop::Task& task, const loop::Standing& standing) {
  LeavesNow now;
  for (const loop::DecidedLeaf& planned : task.because) {
    const loop::TargetResiduesRef residues = standing.index->find(planned.target);
    const loop::Residue* residue = residues ? residues->find(planned.expectation) : nullptr;
    if (residue != nullptr && !residue->error.empty()) {
      ++now.different;
      continue;
    }
    const auto leaves = loop::leaves_by_id(residue);
    const auto found = leaves.find(planned.id);
    if (found == leaves.end()) {
      const bool is_gone = !task.creates && residue != nullptr && residue->leaves.size() == 1 &&
                           residue->leaves.front().address.empty();
      now.gone = now.gone || is_gone;
      ++now.closed;
    } else if (found->second->approval) {
      ++now.closed;
    } else if (found->second->overruled_by || found->second->contradicted_by ||
               found->second->fingerprint != planned.fingerprint) {
      ++now.different;
    } else {
      ++now.as_planned;
    }
  }
  return now;
}

} // namespace diffo::server
