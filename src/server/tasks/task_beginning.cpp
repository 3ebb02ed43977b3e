#include "server/tasks/task_runner.h"

#include "model/kinds.h"

#include <algorithm>
#include <utility>

/// How the runner begins tasks and hands them to their executors.
namespace diffo::server {

using loop::TaskState;

namespace {

std::int64_t minute_of_day(std::int64_t microseconds) {
  constexpr std::int64_t minute = 60'000'000;
  constexpr std::int64_t minutes = 24 * 60;
  return (microseconds / minute % minutes + minutes) % minutes;
}

bool is_inside(const TaskWindow& window, std::int64_t minute) {
  return window.from <= window.to ? minute >= window.from && minute < window.to
                                  : minute >= window.from || minute < window.to;
}

} // namespace

bool TaskRunner::is_held_back() const {
  const std::int64_t now = services_.clock.now().microseconds;
  if (settings_.window && !is_inside(*settings_.window, minute_of_day(now)))
    return true;
  const graph::ClaimName name = hold_switch(0);
  auto present = graph::read_and_wait(services_.store, {}, {.claims = {name}});
  return !present || present->claim(name, now).has_value();
}

/// Whether its turn has come, as far as it and its neighbours go.
bool TaskRunner::may_begin(const ActiveTask& active) const {
  const loop::Task& task = active.task;
  if (active.sequence > standing_->sequence ||
      (task.not_before && *task.not_before > services_.clock.now().microseconds) ||
      !leaves_now(task, *standing_).all_as_planned())
    return false;
  for (const graph::Key& other : board_.at(task.target)) {
    const loop::Task& neighbour = board_.active().at(other).task;
    if (neighbour.target == task.target &&
        (neighbour.state == TaskState::running || neighbour.state == TaskState::verifying))
      return false;
  }
  return std::none_of(task.after.begin(), task.after.end(), [&](const std::string& id) {
    return board_.active().contains({task.target.tenant, model::family_task, id});
  });
}

void TaskRunner::begin() {
  if (board_.queued().empty() || board_.running() >= settings_.bounds.running)
    return;
  std::vector<graph::Key> begun;
  std::set<graph::Key> targets;
  for (const auto& [at, key] : board_.queued()) {
    if (board_.running() + begun.size() >= settings_.bounds.running)
      break;
    const ActiveTask& active = *board_.find(key);
    if (!targets.contains(active.task.target) && !away_.contains(key) && may_begin(active)) {
      begun.push_back(key);
      targets.insert(active.task.target);
    }
  }
  if (begun.empty() || is_held_back())
    return;
  for (const graph::Key& key : begun) {
    const ActiveTask& active = *board_.find(key);
    loop::Task task = active.task;
    task.not_before.reset();
    if (executors_.contains(task.executor)) {
      renew(task);
      ++task.attempts;
      task.state = TaskState::running;
      task.reason.clear();
    } else {
      task.state = TaskState::held;
      task.reason = task.executor.empty()
                        ? "nobody is chosen to run it: name an executor in the expectation or in "
                          "the settings"
                        : "there is no executor " + task.executor;
    }
    add_step(key, active, std::move(task));
    steps_.back().begins = true;
  }
  write_steps();
  for (const graph::Key& key : begun)
    if (const ActiveTask* active = board_.find(key);
        active != nullptr && active->task.state == TaskState::running && !away_.contains(key))
      send(key, *active, false);
}

void TaskRunner::send(const graph::Key& key, const ActiveTask& active, bool follows) {
  const auto found = executors_.find(active.task.executor);
  if (found == executors_.end())
    return retry(key, active, "there is no executor " + active.task.executor);
  json::Value document = loop::task_document(active.task, services_.store.schema(), origin_);
  const std::uint64_t number = active.task.attempts;
  document.object().append("attempt", static_cast<std::int64_t>(number));
  Executor& executor = *found->second;
  const bool posted =
      (follows ? followers_ : workers_)
          ->post([this, key, follows, &executor,
                  attempt = Attempt{active.task, std::move(document), number}]() {
            Outcome outcome{Outcome::Kind::again, "it could not be carried out", {}};
            guarded([](std::string_view, const Error&) {}, "an executor",
                    [&] {
                      outcome = follows ? executor.follow(attempt, cancellation_.token())
                                        : executor.run(attempt, cancellation_.token());
                    });
            const std::lock_guard held(mutex_);
            told_.push_back({key, attempt.number, std::move(outcome)});
            changed_.notify_all();
          });
  if (posted)
    away_.insert(key); // else it is tried again at the next tick
}

} // namespace diffo::server
