#pragma once

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
  /// Told after each batch how many of how many records are there. May be empty.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
};

struct CopyReport {
  std::uint64_t records = 0; ///< in the target, all of them compared
  std::uint64_t claims = 0;
  std::uint64_t sightings = 0; ///< notes of when a source saw a record, of this run
  std::uint64_t found = 0;     ///< records that an earlier try had brought already
};

/// Brings an inventory from one store into another that is empty: domains, records in the order of
/// their creation, claims, and when sources saw records; then compares. Through graph::Store alone,
/// so that any store can be either. The tenant of the context only, as only that has records as
/// long as nobody logs in. Not brought: the journal, earlier versions and times of creation and
/// change, which every store gives itself, answers to idempotency keys, and cursors, which count
/// the commits of their own store. Errors: conflict for a target that is not empty; unsupported for
/// records of other tenants; gone when the source cannot tell its claims; corrupt where the copy
/// differs; those of either store. Waits: never on a thread of a store.
Result<CopyReport> copy_store(graph::Store& source, graph::Store& target,
                              const CopyOptions& options);

} // namespace diffo::server
