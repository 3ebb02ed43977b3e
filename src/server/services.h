#pragma once

#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"
#include "base/uuid.h"
#include "graph/store.h"
#include "server/worker.h"

#include <functional>
#include <string>
#include <vector>

namespace diffo::server {

/// What the surfaces of the server share. All outlive every request.
struct Services {
  graph::Store& store;
  const Clock& clock;
  UuidSource& uuids;
  const Log& log;
  Metrics& metrics;
  Worker& readers;     ///< scans and evaluations
  Worker& bulk;        ///< imports: one at a time
  Worker& maintenance; ///< checks and backups, which must not wait for an import that stands still
  std::function<Result<std::vector<std::string>>()> check;       ///< of the store, while it runs
  std::function<Result<void>(const std::string& folder)> backup; ///< of the store, while it runs
  std::string public_url; ///< "https://inventory.example"; empty: each request's scheme and Host

  /// The circumstances of one request. There is one tenant and nobody is known until authentication
  /// is configured.
  [[nodiscard]] graph::Context context(std::string cause) const {
    graph::Context context;
    context.cause = std::move(cause);
    context.now = clock.now().microseconds;
    context.new_id = [this] { return uuids.random().text(); };
    return context;
  }
};

} // namespace diffo::server
