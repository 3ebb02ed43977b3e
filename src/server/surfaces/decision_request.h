#pragma once

#include "loop/decision_record.h"
#include "server/call.h"
#include "server/services.h"
#include "server/surfaces/adoption.h"
#include "server/surfaces/asked_leaves.h"
#include "server/tasks/planner.h"
#include "server/tasks/replaced_tasks.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace diffo::server {

/// The body of POST /diffo/v1/decisions.
struct DecisionRequest {
  loop::Verdict verdict = loop::Verdict::approve;
  std::string reason;
  std::optional<std::int64_t> until;
  bool all_targets = false; ///< `scope: all`: an expectation of several targets may be adopted
  bool dry_run = false;
  AskedLeaves what;
};

/// Errors: invalid, with the pointer.
Result<DecisionRequest> read_decision_request(std::string_view body, std::int64_t now);

/// What a request decides on.
struct DecidedOn {
  loop::Decision decision; ///< without id
  std::vector<Adoption> adoptions;
  /// Of a push: what is to be done, and the tasks whose place that takes.
  Plan plan;
  std::vector<ReplacedTask> replaced;
};

/// Finds the leaves that a request means and what deciding so on them comes to. Errors: conflict,
/// with the leaves as they are now, when one has changed or is no more, and where it cannot be
/// adopted; too_large for too many leaves; not_found when a filter finds none.
Result<DecidedOn> decided_on(const DecisionRequest& request, const loop::Standing& standing,
                             graph::Tenant tenant, graph::Subgraph& subgraph,
                             const loop::EvaluateOptions& options, const TaskSettings& settings,
                             const graph::Context& context);

} // namespace diffo::server
