#include "server/tasks/task_runner.h"

#include "model/kinds.h"
#include "rules/instances.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace diffo::server {

using loop::TaskState;
using std::chrono::steady_clock;

namespace {

/// What depends on the clock is looked at so often.
constexpr std::chrono::milliseconds tick{250};
constexpr std::size_t most_published = 256;
/// So many steps are one commit.
constexpr std::size_t most_steps = 256;
constexpr std::chrono::seconds between_questions{2};
constexpr std::chrono::seconds between_trials{5};
/// Threads that ask how far accepted tasks are.
constexpr std::size_t follower_threads = 2;

} // namespace

TaskRunner::TaskRunner(Services& services, TaskSettings settings, http::Router& router)
    : services_(services), settings_(std::move(settings)),
      executors_(executors_of(settings_, router)) {}

void TaskRunner::start(std::string origin) {
  origin_ = std::move(origin);
  const FailureObserver tell = [this](std::string_view, const Error& failure) {
    services_.log.error("an executor fails", {{"reason", failure.message}});
  };
  const std::size_t running = settings_.bounds.running;
  workers_ = std::make_unique<Worker>(WorkerOptions{running, running, 0, tell});
  followers_ = std::make_unique<Worker>(WorkerOptions{follower_threads, running, 0, tell});
  services_.residues.listen([this](const loop::Publication& publication) { take(publication); });
  thread_ = std::thread([this] { run(); });
}

void TaskRunner::stop() {
  {
    const std::lock_guard held(mutex_);
    stopping_ = true;
  }
  cancellation_.request();
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
  for (const auto& worker : {&workers_, &followers_})
    if (*worker)
      (*worker)->stop();
}

void TaskRunner::look_again() {
  {
    const std::lock_guard held(mutex_);
    look_ = true;
  }
  changed_.notify_all();
}

Result<void> TaskRunner::check_room(std::size_t added, std::size_t replaced) const {
  const std::size_t present = unfinished_;
  if (added == 0 || present + added <= settings_.bounds.waiting + replaced)
    return {};
  return Error{ErrorCode::conflict, std::to_string(added) +
                                        " tasks cannot be queued: " + std::to_string(present) +
                                        " are not finished, and there may be " +
                                        std::to_string(settings_.bounds.waiting)};
}

void TaskRunner::take(const loop::Publication& publication) {
  std::deque<loop::Publication> dropped; // ends outside of the lock
  {
    const std::lock_guard held(mutex_);
    if (stopping_)
      return;
    published_.push_back(publication);
    if (published_.size() > most_published) {
      dropped.swap(published_);
      published_.push_back({.before = {}, .now = publication.now, .targets = {}, .commits = {}});
    }
  }
  changed_.notify_all();
}

void TaskRunner::run() {
  const FailureObserver tell = [this](std::string_view, const Error& failure) {
    services_.log.error("tasks cannot go on", {{"reason", failure.message}});
  };
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    auto publications = std::exchange(published_, {});
    auto told = std::exchange(told_, {});
    look_ = false;
    lock.unlock();
    if (guarded(tell, "tasks", [&] { round(std::move(publications), std::move(told)); }))
      loaded_ = false;
    unfinished_ = board_.active().size();
    lock.lock();
    changed_.wait_for(
        lock, tick, [this] { return stopping_ || look_ || !published_.empty() || !told_.empty(); });
  }
}

void TaskRunner::round(std::deque<loop::Publication> publications, std::deque<Told> told) {
  std::move(told.begin(), told.end(), std::back_inserter(heard_));
  const bool ticks = steady_clock::now() - ticked_ >= tick;
  if (ticks)
    ticked_ = steady_clock::now();
  if (!standing_ && publications.empty())
    standing_ = services_.residues.newest();
  for (const loop::Publication& publication : publications)
    absorb(publication);
  if (!standing_)
    return;
  if (!loaded_) {
    if (const auto loaded = load(); !loaded) {
      services_.log.warning("cannot read which tasks there are",
                            {{"reason", loaded.error().text()}});
      return;
    }
    loaded_ = true;
  }
  // What came of attempts is kept until it is heard and written, so that none is told again.
  std::erase_if(heard_, [this](const Told& one) { return hear(one); });
  write_steps();
  if (!steps_.empty())
    return;
  if (ticks)
    for (const auto& [key, active] : board_.active())
      if (active.task.state == TaskState::running || active.task.state == TaskState::verifying)
        unsettled_.insert(key);
  settle();
  write_steps();
  if (!steps_.empty())
    return;
  derive();
  begin();
  if (ticks)
    prune();
  if (ticks && steady_clock::now() >= postponed_until_) {
    looked_at_.merge(postponed_);
    postponed_until_ = steady_clock::now() + between_trials;
  }
}

// ---- What there is

void TaskRunner::absorb(const loop::Publication& publication) {
  const bool follows =
      loaded_ && publication.before && publication.before == standing_ && !publication.anew;
  standing_ = publication.now;
  if (!follows) {
    loaded_ = false; // all is read and looked at anew
    return;
  }
  const graph::Schema& schema = standing_->pinned->schema();
  for (const graph::DeltaRef& commit : publication.commits)
    absorb(*commit, schema);
  if (publication.before->establishing != publication.now->establishing) {
    std::set<graph::Key> established;
    for (const graph::Key& expectation : *publication.before->establishing)
      if (!publication.now->establishing->contains(expectation) && acting_.contains(expectation))
        established.insert(expectation);
    look_where_it_stands(established);
  }
  for (const graph::Key& target : publication.targets) {
    looked_at_.insert(target);
    const auto& tasks = board_.at(target);
    unsettled_.insert(tasks.begin(), tasks.end());
  }
}

void TaskRunner::absorb(const graph::Delta& commit, const graph::Schema& schema) {
  std::set<graph::Key> acting;
  for (const graph::Delta::Change& change : commit.changes) {
    if (change.key.family == model::family_expectation) {
      const auto known = acting_.find(change.key);
      const auto before = known != acting_.end() ? std::optional(known->second) : std::nullopt;
      acting_.erase(change.key);
      if (change.before) // nothing is planned for one that is new
        unsettle_those_of(change.key);
      if (change.after)
        note_expectation(*change.after, schema);
      const auto now = acting_.find(change.key);
      if (now != acting_.end() && before != now->second)
        acting.insert(change.key);
    } else if (change.key.family == model::family_task) {
      if (!change.after) {
        board_.erase(change.key);
      } else if (const auto put = board_.put(*change.after, schema); !put) {
        services_.log.error("a task cannot be read", {{"reason", put.error().text()}});
      } else if (board_.find(change.key) != nullptr) {
        unsettled_.insert(change.key);
      } else if (const auto ended = loop::stored_task(*change.after, schema)) {
        follow_at_.erase(change.key);
        for (const loop::DecidedLeaf& leaf : ended->because)
          looked_at_.insert(leaf.target); // what it did not close may be tried anew
      }
    }
  }
  look_where_it_stands(acting);
}

/// An expectation has changed: who was not chosen before may be now.
void TaskRunner::unsettle_those_of(const graph::Key& expectation) {
  for (const auto& [key, active] : board_.active()) {
    if (!concerns(active.task, expectation))
      continue;
    unsettled_.insert(key);
    if (active.task.state == TaskState::held && !executors_.contains(active.task.executor))
      step(key, active, TaskState::cancelled, "its expectation has changed");
  }
}

void TaskRunner::look_where_it_stands(const std::set<graph::Key>& expectations) {
  if (expectations.empty())
    return;
  standing_->index->for_each([&](const loop::TargetResidues& one) {
    for (const loop::Residue& residue : one.residues)
      if (expectations.contains(residue.expectation))
        looked_at_.insert(one.target);
    return true;
  });
}

bool TaskRunner::concerns(const loop::Task& task, const graph::Key& expectation) {
  return std::any_of(task.because.begin(), task.because.end(),
                     [&](const auto& leaf) { return leaf.expectation == expectation; });
}

/// The loop made it, and none of its expectations lets the loop make tasks any more.
bool TaskRunner::is_unwanted(const loop::Task& task) const {
  return task.by == made_by_loop &&
         std::none_of(task.because.begin(), task.because.end(),
                      [this](const auto& leaf) { return acting_.contains(leaf.expectation); });
}

/// Whether any of its expectations is still there; where that cannot be read, it is.
bool TaskRunner::is_expected(const loop::Task& task) const {
  std::set<graph::Key> expectations;
  for (const loop::DecidedLeaf& leaf : task.because)
    expectations.insert(leaf.expectation);
  auto read = graph::read_and_wait(services_.store, {.at = standing_->sequence},
                                   {.records = {expectations.begin(), expectations.end()}});
  return !read || std::any_of(expectations.begin(), expectations.end(), [&read](const auto& key) {
    return static_cast<bool>(read->find(key));
  });
}

// ---- Steps

void TaskRunner::settle() {
  for (const graph::Key& key : std::exchange(unsettled_, {}))
    if (const ActiveTask* active = board_.find(key))
      settle(key, *active);
}

/// What becomes of a task by what stands, and by the clock.
void TaskRunner::settle(const graph::Key& key, const ActiveTask& active) {
  const loop::Task& task = active.task;
  const std::int64_t now = services_.clock.now().microseconds;
  const LeavesNow leaves = leaves_now(task, *standing_);
  const bool is_late = task.until && *task.until <= now;
  switch (task.state) {
  case TaskState::proposed:
  case TaskState::queued:
  case TaskState::held:
    if (active.sequence > standing_->sequence)
      unsettled_.insert(key); // what stands is older than it
    else if (is_unwanted(task))
      step(key, active, TaskState::cancelled, "nothing that is expected asks for it any more");
    else if (leaves.gone)
      step(key, active, TaskState::cancelled, "the target does not exist any more");
    else if (leaves.all_closed())
      step(key, active, TaskState::cancelled, "nothing is outstanding there any more");
    else if (!leaves.all_as_planned())
      step(key, active, TaskState::cancelled, "something else is outstanding there now");
    return;
  case TaskState::verifying:
    if (leaves.gone)
      step(key, active, TaskState::cancelled, "the target does not exist any more");
    else if (leaves.all_closed() && !is_expected(task))
      step(key, active, TaskState::cancelled, "what expected it was deleted");
    else if (leaves.all_closed())
      step(key, active, TaskState::done, {});
    else if (is_late)
      retry(key, active, "the network does not show it");
    return;
  case TaskState::running:
    if (away_.contains(key))
      return;
    if (!task.accepted)
      send(key, active, false); // told again, after a restart
    else if (is_late)
      retry(key, active, "it was accepted, and nothing was told of it in time");
    else if (!task.follow.empty() && steady_clock::now() >= follow_at_[key])
      send(key, active, true);
    return;
  case TaskState::done:
  case TaskState::failed:
  case TaskState::cancelled:
    return;
  }
}

/// False: the board does not know yet that the attempt was begun.
bool TaskRunner::hear(const Told& told) {
  const ActiveTask* active = board_.find(told.task);
  if (active != nullptr && active->task.attempts < told.attempt)
    return false;
  away_.erase(told.task);
  if (active == nullptr)
    return true;
  loop::Task task = active->task;
  if (task.state != TaskState::running || task.attempts != told.attempt)
    return true;
  const std::int64_t now = services_.clock.now().microseconds;
  switch (told.outcome.kind) {
  case Outcome::Kind::done:
    task.state = TaskState::verifying;
    task.until = now + settings_.bounds.verify;
    task.reason.clear();
    break;
  case Outcome::Kind::accepted: {
    follow_at_[told.task] = steady_clock::now() + between_questions;
    if (task.accepted)
      return true; // and still is
    const auto executor = settings_.executors.find(task.executor);
    constexpr std::int64_t usual = 600'000'000;
    task.accepted = true;
    task.follow = told.outcome.follow;
    task.until = now + (executor != settings_.executors.end() ? executor->second.accepted : usual);
    break;
  }
  case Outcome::Kind::again:
    retry(told.task, *active, told.outcome.reason);
    return true;
  case Outcome::Kind::failed:
    task.state = TaskState::failed;
    task.reason = told.outcome.reason;
    break;
  }
  add_step(told.task, *active, std::move(task));
  return true;
}

void TaskRunner::retry(const graph::Key& key, const ActiveTask& active, std::string reason) {
  loop::Task task = active.task;
  const TaskBounds& bounds = settings_.bounds;
  task.accepted = false;
  task.follow.clear();
  task.until.reset();
  const std::uint64_t attempts = task.attempts - std::min(task.attempts, task.spent);
  if (attempts >= bounds.attempts) {
    task.state = TaskState::held;
    task.reason = "after " + std::to_string(attempts) + " attempts: " + reason;
  } else {
    constexpr std::uint64_t most_doublings = 20;
    const std::uint64_t doublings =
        std::min(std::max<std::uint64_t>(attempts, 1) - 1, most_doublings);
    const std::int64_t pause =
        std::min(bounds.longest_back_off, bounds.back_off * (std::int64_t{1} << doublings));
    task.state = TaskState::queued;
    task.reason = std::move(reason);
    task.not_before = services_.clock.now().microseconds + pause;
  }
  add_step(key, active, std::move(task));
}

void TaskRunner::step(const graph::Key& key, const ActiveTask& active, TaskState state,
                      std::string reason) {
  loop::Task task = active.task;
  task.state = state;
  if (!reason.empty() || state == TaskState::done)
    task.reason = std::move(reason);
  task.until.reset();
  task.not_before.reset();
  add_step(key, active, std::move(task));
}

void TaskRunner::add_step(const graph::Key& key, const ActiveTask& active, loop::Task task) {
  steps_.push_back({key, active.sequence, std::move(task)});
}

void TaskRunner::write_steps() {
  std::map<graph::Tenant, std::vector<Step>> by_tenant;
  for (Step& one : std::exchange(steps_, {}))
    by_tenant[one.key.tenant].push_back(std::move(one));
  for (auto& [tenant, steps] : by_tenant)
    for (std::size_t from = 0; from < steps.size(); from += most_steps) {
      const auto begin = steps.begin() + static_cast<std::ptrdiff_t>(from);
      const auto end =
          steps.begin() + static_cast<std::ptrdiff_t>(std::min(from + most_steps, steps.size()));
      const std::vector<Step> piece(begin, end);
      if (const auto written = write(piece, tenant); !written) {
        services_.log.warning("what became of tasks cannot be written yet",
                              {{"reason", written.error().text()}});
        steps_.insert(steps_.end(), piece.begin(), piece.end());
      }
    }
}

/// The steps in one commit; one whose record is no longer as it was is left out.
Result<void> TaskRunner::write(const std::vector<Step>& steps, graph::Tenant tenant) {
  graph::FetchPlan plan;
  for (const Step& one : steps)
    plan.records.push_back(one.key);
  plan.claims.push_back(hold_switch(tenant));
  const std::int64_t now = services_.clock.now().microseconds;
  const auto decide = [&steps, tenant, now](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    graph::ChangeSet change;
    const bool is_held = subgraph.claim(hold_switch(tenant), now).has_value();
    for (const Step& one : steps)
      if (const graph::RecordRef present = subgraph.find(one.key);
          present && present->sequence() == one.sequence && !(is_held && one.begins))
        TRY(add_task_step(one.task, now, tenant, subgraph.schema(), change));
    return graph::Decision(std::move(change));
  };
  std::string cause =
      "task " + steps.front().task.id + ' ' + std::string(loop::name_of(steps.front().task.state));
  if (steps.size() > 1)
    cause = std::to_string(steps.size()) + " tasks";
  const graph::Commit commit = TRY(graph::transact_and_wait(
      services_.store, services_.own_context(tenant, std::move(cause)), std::move(plan), decide));
  for (const graph::RecordRef& record : commit.records)
    if (record) {
      TRY(board_.put(*record, services_.store.schema()));
      if (board_.find(record->key()) != nullptr) {
        unsettled_.insert(record->key());
      } else {
        follow_at_.erase(record->key());
      }
    }
  return {};
}

/// Keeps as many finished tasks as the settings say.
void TaskRunner::prune() {
  if (board_.finished().size() <= settings_.bounds.finished)
    return;
  std::size_t surplus =
      std::min<std::size_t>(board_.finished().size() - settings_.bounds.finished, most_steps);
  std::map<graph::Tenant, std::vector<graph::Key>> oldest;
  const std::int64_t since = services_.clock.now().microseconds - settings_.bounds.fight;
  for (const auto& [at, key] : board_.finished()) {
    if (surplus-- == 0 || at >= since) // which tell of a fight
      break;
    oldest[key.tenant].push_back(key);
  }
  for (const auto& [tenant, keys] : oldest) {
    const auto decide = [&erased_keys =
                             keys](graph::Subgraph& subgraph) -> Result<graph::Decision> {
      graph::ChangeSet change;
      for (const graph::Key& key : erased_keys)
        if (subgraph.find(key))
          change.changes.push_back({key, {}});
      return graph::Decision(std::move(change));
    };
    const auto erased = graph::transact_and_wait(
        services_.store, services_.own_context(tenant, "old tasks are let go"), {.records = keys},
        decide);
    if (!erased)
      services_.log.warning("old tasks cannot be let go", {{"reason", erased.error().text()}});
  }
}

} // namespace diffo::server
