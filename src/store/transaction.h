#pragma once

#include "graph/amending_rule.h"
#include "graph/change.h"
#include "graph/footprint.h"
#include "store/tip.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace diffo::store {

/// A transaction on its way. Thread rule: handed from one thread to the next, never shared.
struct Transaction {
  graph::Context context;
  graph::FetchPlan plan;
  graph::Decide decide;
  graph::Deciding deciding;
  std::function<void(Result<graph::Commit>)> done;
  std::string answer_name = {}; ///< of its idempotency key; empty: it has none

  /// What was decided ahead, at which revision, from what.
  struct Decided {
    Result<graph::ChangeSet> wanted;
    graph::Footprint footprint;
    graph::Sequence pinned = 0;
    std::shared_ptr<const graph::Schema> schema; ///< held, so that it is not taken for another
    Prepared prepared;
  };
  std::optional<Decided> decided = {};
  int conflicts = 0; ///< decisions that came too late
  /// Records that nobody else changes until it is through, as keys of the table.
  std::vector<std::string> reserved = {};

  /// The rule, where it brings itself up to what has changed since; else nothing.
  [[nodiscard]] const graph::AmendingRule* amending() const {
    return decide.target<graph::AmendingRule>();
  }
};
using TransactionRef = std::shared_ptr<Transaction>;

inline Error too_contended() {
  return {ErrorCode::unavailable, "too many change the same at once; try again in a second"};
}

} // namespace diffo::store
