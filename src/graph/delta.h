#pragma once

#include "graph/claims.h"
#include "graph/record.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace diffo::graph {

/// What one commit changed, as a value: what everything downstream of the store consumes. Thread
/// rule: immutable once made.
struct Delta {
  /// One record put or erased; `before` and `after` are never both empty.
  struct Change {
    Key key;
    RecordRef before; ///< empty: it was not there
    RecordRef after;  ///< empty: erased
  };
  Sequence sequence = 0;
  std::int64_t time = 0; ///< microseconds since 1970
  Tenant tenant = 0;     ///< of who asked; each key has its own
  std::string actor;
  std::string cause;
  std::string branch;
  std::string idempotency_key;
  std::vector<Change> changes; ///< in the order of the change set
  std::vector<Claim> taken;
  std::vector<Claim> released;
  bool replaced_schema = false; ///< from this commit on another schema holds
};

/// Shared by all who are told of it.
using DeltaRef = std::shared_ptr<const Delta>;

/// What it holds in memory, about, when nobody else has its records.
inline std::size_t bytes_of(const Delta& delta) {
  std::size_t bytes = sizeof delta;
  for (const Delta::Change& change : delta.changes) {
    bytes += sizeof change;
    for (const RecordRef* record : {&change.before, &change.after})
      if (*record)
        bytes += (*record)->memory_bytes();
  }
  return bytes;
}

} // namespace diffo::graph
