#pragma once

#include "http/router.h"
#include "loop/standing_residues.h"
#include "server/call.h"
#include "server/services.h"
#include "server/tasks/task_runner.h"

#include <functional>

namespace diffo::server {

/// Plans and tasks (wire.md §7.3). Thread rule: handlers on I/O threads; they answer on workers.
class TasksApi {
public:
  TasksApi(Services& services, TaskRunner& runner) : services_(services), runner_(runner) {}
  void add_routes(http::Router& router);

private:
  /// What becomes of a task that somebody wants something of; an error where that cannot be.
  using Transition = std::function<Result<void>(loop::Task&)>;

  void add_hold_routes(http::Router& router);
  Result<void> answer_plan(Call& call, const loop::StandingRef& standing) const;
  Result<void> queue(const CallRef& call, const loop::StandingRef& standing) const;
  Result<void> answer_list(Call& call) const;
  Result<void> answer_one(Call& call) const;
  Result<void> tell(const CallRef& call) const;
  void change(const CallRef& call, Transition transition) const;
  void set_hold(const CallRef& call, bool holds) const;
  Result<void> answer_hold(Call& call) const;

  Services& services_;
  TaskRunner& runner_;
};

} // namespace diffo::server
