#pragma once

#include "graph/subgraph.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace diffo::graph {

/// Who asks, made once for each call and carried everywhere.
struct Principal {
  Tenant tenant = 0;
  std::string actor; ///< empty: nobody is known
  std::vector<std::string> roles;
  std::string branch = "main"; ///< the one that the call reads and writes
};

/// What every rule and every commit knows about its circumstances. Rules read the clock and make
/// ids only through it.
struct Context {
  Principal principal;
  std::string cause;                   ///< what made it happen: "POST /service", an event, a task
  std::string idempotency_key;         ///< given by the client; empty: none
  std::int64_t now = 0;                ///< one reading of the clock, microseconds since 1970
  std::function<std::string()> new_id; ///< a fresh UUID v4 text
};

/// A held right to a key in a scope: a pool value, a unique name, an idempotency key. Global across
/// branches.
struct Claim {
  std::string scope;
  std::string key;
  std::string holder;
  std::string branch = "main";
  std::int64_t lease_until = 0; ///< microseconds since 1970; 0: until released
};

/// One record put or erased. A put replaces the whole record. Parts that stay keep their numbers
/// and the record its time of creation: a store that keeps parts apart writes the difference by
/// them.
struct Change {
  Key key;
  RecordRef after; ///< empty: erase. Fresh from encode(); the commit stamps sequence and times.
};

/// What one decision wants done, all or nothing. Releases come before takes, so that a claim can go
/// from one holder to another. What is changed must have been read through the subgraph.
struct ChangeSet {
  std::vector<Change> changes; ///< at most one for each key
  std::vector<Claim> take;    ///< refused (conflict) when somebody else holds one; a lease that ran
                              ///< out by Context::now counts as released
  std::vector<Claim> release; ///< ignored when not held by that holder
  [[nodiscard]] bool empty() const { return changes.empty() && take.empty() && release.empty(); }
};

/// What deciding came to: a change set (an empty one changes nothing), or a wish to read more
/// first.
using Decision = std::variant<ChangeSet, FetchPlan>;

/// A rule: pure, quick, called on the writer at the tip of the branch. It may be called again: with
/// a larger subgraph, or at a newer tip when somebody else was faster. So it must not give away
/// what it needs the next time (see copy() of a record).
using Decide = std::function<Result<Decision>(Subgraph&)>;

/// What a commit did.
struct Commit {
  Sequence sequence = 0; ///< 0 when the change set was empty
  std::int64_t time = 0;
  std::vector<RecordRef>
      records; ///< after-images in the order of the change set; empty references for erasures
  std::shared_ptr<const Revision> revision;
};

} // namespace diffo::graph
