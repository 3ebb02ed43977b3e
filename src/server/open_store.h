#pragma once

#include "base/log.h"
#include "base/time.h"
#include "graph/retention.h"
#include "graph/store.h"

#include <diffo/result.h>

#include <filesystem>
#include <memory>

/// The one place that knows which stores there are. Everybody else has a graph::Store and asks its
/// Capabilities.
namespace diffo::server {

/// Where the inventory is kept, and how it is opened.
struct StoreOptions {
  std::filesystem::path data;   ///< the folder of an embedded store
  const Clock* clock = nullptr; ///< required; outlives the store
  const Log* log = nullptr;     ///< outlives the store; none: silent
  graph::Retention retention{};
  /// Reads that nothing announced: served, or a failure, in tests.
  graph::Unplanned unplanned = graph::Unplanned::serve;
  bool read_only = false; ///< it must be there; changes nothing, so that a full disk will do
};

/// Errors: not_found (to be read only, and not there), conflict (another process has it), corrupt,
/// unsupported, io.
Result<std::unique_ptr<graph::Store>> open_store(const StoreOptions& options);

/// Copies a store that nobody has open, without changing it, to where it can be opened. Errors:
/// conflict, saying how a running server is asked; those of graph::Store::backup().
Result<graph::BackupReport> backup_store(const std::filesystem::path& data,
                                         const std::filesystem::path& target);

/// Checks a store that nobody has open, without changing it. Errors: conflict, not_found, io.
Result<void> check_store(const std::filesystem::path& data, const graph::FindingSink& sink);

} // namespace diffo::server
