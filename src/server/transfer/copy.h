#pragma once

#include "base/time.h"
#include "graph/store.h"

#include <cstdint>
#include <functional>
#include <string>

namespace diffo::server {

struct CopyOptions {
  /// What the source is called. A copy that was broken off is gone on with when it was of the same
  /// source at the same commit.
  std::string source;
  graph::Context context{};
  const Clock* clock = nullptr; ///< tells which leases have run out; outlives the copy
  /// Told after each batch how many of how many records are there. May be empty.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
};

struct CopyReport {
  std::uint64_t records = 0; ///< in the target, all of them compared
  std::uint64_t claims = 0;
  std::uint64_t sightings = 0; ///< notes of when a source saw a record, all of them compared
  std::uint64_t found = 0;     ///< records that an earlier try had brought already
  /// Subscribers to events whom the source has not told of all of its commits; nobody tells them
  /// any more.
  std::uint64_t untold = 0;
};

/// Brings an inventory from one store into another that is empty: tenants, domains, records in the
/// order of their creation and with their times, claims, and when sources saw records; then
/// compares all of it. Commits of the target begin behind those of the source, so that no entity
/// tag means two versions, and subscribers to events go on with the first one after the copy.
/// Through graph::Store alone, so that any store can be either. Not brought: the journal, earlier
/// versions, and answers to idempotency keys, which name commits of their own store. Errors:
/// conflict for a target that is not empty; gone when the source cannot tell its claims; corrupt
/// where the copy differs; those of either store. Waits: never on a thread of a store.
Result<CopyReport> copy_store(graph::Store& source, graph::Store& target,
                              const CopyOptions& options);

} // namespace diffo::server
