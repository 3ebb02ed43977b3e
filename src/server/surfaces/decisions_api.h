#pragma once

#include "http/router.h"
#include "loop/decision_record.h"
#include "loop/standing_residues.h"
#include "server/call.h"
#include "server/services.h"
#include "server/tasks/task_runner.h"

namespace diffo::server {

/// Decisions on what is outstanding (wire.md §7.2). Thread rule: handlers on I/O threads; they
/// answer on workers.
class DecisionsApi {
public:
  DecisionsApi(Services& services, TaskRunner& runner) : services_(services), runner_(runner) {}
  void add_routes(http::Router& router);

private:
  Result<void> decide(const CallRef& call, const loop::StandingRef& standing) const;
  void write(const CallRef& call, graph::Context context, graph::FetchPlan plan, graph::Decide rule,
             json::Value view) const;
  void list(CallRef call) const;
  Result<void> answer_list(Call& call) const;
  void get(CallRef call) const;
  void undo(CallRef call) const;

  Services& services_;
  TaskRunner& runner_;
};

} // namespace diffo::server
