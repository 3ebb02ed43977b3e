#pragma once

#include "graph/change.h"
#include "loop/task_record.h"
#include "server/parameters.h"
#include "server/surfaces/asked_leaves.h"
#include "server/tasks/planner.h"

#include <diffo/json.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What is asked of plans and tasks, and how they are shown (wire.md §7.3).
namespace diffo::server {

/// The body of POST /diffo/v1/tasks.
struct TasksRequest {
  AskedLeaves what;
  loop::TaskState state = loop::TaskState::queued; ///< or proposed
  std::string reason;
};
/// Errors: invalid, with the pointer.
Result<TasksRequest> read_tasks_request(std::string_view body);

/// The body of PATCH /diffo/v1/tasks/{id}.
struct ToldOfTask {
  loop::TaskState state = loop::TaskState::done; ///< or failed
  std::string reason;
};
Result<ToldOfTask> read_told(std::string_view body);

/// The body of POST /diffo/v1/tasks/hold, which may be empty, as a claim without a name; and what
/// it says. Errors: invalid.
Result<graph::Claim> read_hold(std::string_view body, const graph::Context& context);
json::Value hold_view(const std::optional<graph::Claim>& claim);

/// Which tasks are listed.
struct TaskFilter {
  std::set<loop::TaskState> states; ///< none: all
  std::string target;
  std::string executor;
  std::string decision;
  std::string expectation;

  [[nodiscard]] bool is_empty() const;
  [[nodiscard]] bool takes(const loop::Task& task) const;
};
Result<TaskFilter> read_task_filter(const Parameters& parameters);

/// `{tasks, unreachable}`; the tasks by their number, in an order that can be followed.
json::Value plan_view(const Plan& plan, ResidueRows& rows, const std::string& origin,
                      const loop::EvaluateOptions& options, const graph::Schema& schema);
json::Array unreachable_view(const Plan& plan, ResidueRows& rows, const std::string& origin,
                             const loop::EvaluateOptions& options);

} // namespace diffo::server
