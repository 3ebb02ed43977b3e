#pragma once

#include "base/text_hash.h"
#include "store/embedded_store.h"
#include "store/loaded_state.h"

#include <string>

namespace diffo::store {

/// Recomputes what the state should hold from its records and compares.
void check_state(const State& state, const graph::Schema& schema, const FindingSink& sink);
/// Compares two states that name their records alike, key by key.
void compare_states(const State& left, const State& right, const FindingSink& sink);

/// What the tables are compared with.
struct CheckedAgainst {
  const State& state;
  const graph::Schema& schema;
  const TextMap<std::string>& claims;
  SealedPrefix sealed;
  Head head;
  std::int64_t now = 0;
  const RecordFindings& record_findings; ///< may be empty
};
/// Reads all tables at one moment: journal chain, records against their last images, claims.
void check_tables(const Disk& disk, const Disk::Snapshot* snapshot, const CheckedAgainst& against,
                  const FindingSink& sink);

} // namespace diffo::store
