#pragma once

#include "graph/change.h"
#include "server/tasks/planner.h"

#include <cstdint>
#include <vector>

namespace diffo::server {

/// A task that waits for somebody, whose place another takes.
struct ReplacedTask {
  graph::Key task;
  graph::Sequence sequence = 0; ///< of its record
};

/// Takes those leaves out of the rows that a task is on its way to close, and says so of them.
Result<std::vector<Unreachable>> take_busy(std::vector<ResidueRows::Row>& rows,
                                           graph::Subgraph& subgraph, std::int64_t now);
/// Those about the leaves of a plan. Errors: conflict, when a task is on its way to close one of
/// the leaves.
Result<std::vector<ReplacedTask>> replaced_by(const Plan& plan, graph::Subgraph& subgraph,
                                              std::int64_t now);
/// Cancels them. Errors: conflict, when one is no longer as it was.
Result<void> replace_tasks(const std::vector<ReplacedTask>& replaced, std::int64_t now,
                           graph::Tenant tenant, graph::Subgraph& subgraph,
                           graph::ChangeSet& change);
/// What is read to write new tasks in their place.
graph::FetchPlan reads_of_tasks(const std::vector<loop::Task>& tasks,
                                const std::vector<ReplacedTask>& replaced, graph::Tenant tenant);

} // namespace diffo::server
