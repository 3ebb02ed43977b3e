#pragma once

#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "graph/retention.h"
#include "graph/store.h"
#include "neo4j/connection.h"

#include <diffo/hooks.h>
#include <diffo/result.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

/// The one place that knows which stores there are. Everybody else has a graph::Store and asks its
/// Capabilities.
namespace diffo::server {

/// Where the inventory is kept, and how it is opened.
struct StoreOptions {
  /// The folder of an embedded store; where the inventory is in a database, the store leaves it
  /// alone.
  std::filesystem::path data;
  /// The Neo4j database that has the inventory; nothing: the folder.
  std::optional<neo4j::ConnectionOptions> database{};
  /// How often what others write into the graph of that database is taken in; zero: never.
  std::chrono::milliseconds follow_every{0};
  const Clock* clock = nullptr; ///< required; outlives the store
  const Log* log = nullptr;     ///< outlives the store; none: silent
  graph::Retention retention{};
  /// Reads that nothing announced: served, or a failure, in tests.
  graph::Unplanned unplanned = graph::Unplanned::serve;
  hooks::SharedRegistry hooks{}; ///< what the model of the store may ask for
  bool read_only = false;        ///< it must be there; changes nothing, so that a full disk will do
};

/// Errors: not_found (to be read only, and not there), conflict (another process has it), corrupt,
/// unsupported, io; of a database invalid (a URI that is none), unavailable, unauthenticated.
Result<std::unique_ptr<graph::Store>> open_store(const StoreOptions& options);

/// Keeps a folder for what one process has on this machine beside a database: makes it, and holds
/// it as long as the lock lives. Errors: conflict (another process has it, or an inventory lies in
/// it); io.
Result<LockFile> hold_local_folder(const std::filesystem::path& folder);

/// Copies a store that nobody has open, without changing it, to where it can be opened. Errors:
/// conflict, saying how a running server is asked; those of graph::Store::backup().
Result<graph::BackupReport> backup_store(const std::filesystem::path& data,
                                         const std::filesystem::path& target);

/// Checks a store that nobody has open, without changing it. Errors: conflict, not_found, io.
Result<void> check_store(const std::filesystem::path& data, const graph::FindingSink& sink);

} // namespace diffo::server
