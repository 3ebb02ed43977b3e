#pragma once

#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"
#include "base/uuid.h"
#include "graph/store.h"
#include "http/memory_budget.h"
#include "loop/standing_residues.h"
#include "server/call.h"
#include "server/principal.h"
#include "server/worker.h"

#include <filesystem>
#include <string>

namespace diffo::server {

/// What the surfaces of the server share. All outlive every request.
struct Services {
  graph::Store& store;
  const Clock& clock;
  UuidSource& uuids;
  const Log& log;
  Metrics& metrics;
  Worker& readers;     ///< scans and evaluations
  Worker& large;       ///< what takes long only because it is large: bodies and documents
  Worker& bulk;        ///< pieces of imports and exports
  Worker& maintenance; ///< checks and backups, which must not wait for an import that stands still
  std::filesystem::path backup_root; ///< below it backups over HTTP are written; empty: none are
  http::MemoryBudget& import_memory; ///< of what imports hold
  loop::StandingResidues& residues;
  std::string public_url; ///< "https://inventory.example"; empty: each request's scheme and Host

  /// The circumstances of what a call does.
  [[nodiscard]] graph::Context context(const Call& call, std::string cause) const {
    return context_of(*call.principal, std::move(cause), clock, uuids);
  }
  /// The circumstances of what the server does of its own accord in a tenant.
  [[nodiscard]] graph::Context own_context(graph::Tenant tenant, std::string cause) const {
    graph::Context made = context_of(*local_principal(), std::move(cause), clock, uuids);
    made.principal.tenant = tenant;
    return made;
  }
};

} // namespace diffo::server
