#pragma once

#include "http/router.h"
#include "loop/decision_record.h"
#include "loop/standing_residues.h"
#include "server/call.h"
#include "server/services.h"

namespace diffo::server {

/// Decisions on what is outstanding (wire.md §7.2). Thread rule: handlers on I/O threads; they
/// answer on workers.
class DecisionsApi {
public:
  explicit DecisionsApi(Services& services) : services_(services) {}
  void add_routes(http::Router& router);

private:
  Result<void> decide(const CallRef& call, const loop::StandingRef& standing) const;
  void write(const CallRef& call, graph::Context context, graph::FetchPlan plan, graph::Decide rule,
             json::Value view) const;
  void list(CallRef call) const;
  Result<void> answer_list(Call& call) const;
  void get(CallRef call) const;
  void undo(CallRef call) const;
  /// Puts the expectations that were adopted back as they were before.
  Result<void> add_restored(const loop::Decision& decision, const graph::Record& record,
                            graph::Subgraph& subgraph, graph::ChangeSet& change) const;

  Services& services_;
};

} // namespace diffo::server
