#pragma once

#include "loop/task_record.h"
#include "server/surfaces/residue_rows.h"
#include "server/tasks/task_settings.h"

#include <cstddef>
#include <string>
#include <vector>

/// What would close what is outstanding (wire.md §7.3).
namespace diffo::server {

struct PlannedTask {
  loop::Task task;                ///< without id, times and whoever made it
  std::vector<std::size_t> after; ///< of the plan's tasks
  /// Who wrote what is there now, where that is known.
  std::string writer;
};

struct Unreachable {
  ResidueRows::Row row;
  std::string reason;
};

/// A plan: one task for each target and executor, and what no task can close, with the reason.
struct Plan {
  std::vector<PlannedTask> tasks;
  std::vector<Unreachable> unreachable;
};

/// Plans what closes the chosen leaves: for each target one change, what others rely on first,
/// removals in the reverse order. Nothing is written. What the rows were made of must outlive the
/// plan's use. Errors: those of reading.
Result<Plan> plan_of(const std::vector<ResidueRows::Row>& chosen, ResidueRows& rows,
                     graph::Subgraph& subgraph, const loop::EvaluateOptions& options,
                     const TaskSettings& settings);

} // namespace diffo::server
