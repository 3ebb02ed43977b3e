#pragma once

#include "graph/change.h"
#include "graph/delta.h"
#include "graph/journal.h"

#include <functional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace diffo::graph {

/// What was committed after a revision.
struct Since {
  std::unordered_set<Key, KeyHash> records; ///< put or erased
  std::vector<ClaimName> claims;            ///< taken or given back

  void add(const Delta& delta) { add_all(delta); }
  void add(const JournalEntry& entry) { add_all(entry); }
  [[nodiscard]] std::size_t size() const { return records.size() + claims.size(); }

private:
  template <typename Commit> void add_all(const Commit& commit) {
    for (const auto& change : commit.changes)
      records.insert(change.key);
    for (const auto* some : {&commit.taken, &commit.released})
      for (const Claim& claim : *some)
        claims.push_back({claim.scope, claim.key});
  }
};

/// Brings what was decided up to a later revision: told what was committed in between, it makes of
/// the change set what would be decided there, or refuses. Of the changes that are in it, those
/// that stay, stay in order, and new ones follow: what was worked out for them is kept.
using Amend = std::function<Result<void>(Subgraph& later, const Since& since, ChangeSet& changes)>;

/// A rule that rests on more than can be compared with what has happened since, as on all records
/// that there are. It is handed over as a Decide like any other. A store that finds it there
/// (`target<AmendingRule>()`) takes down no footprint, has the change set amended aside until
/// little is left, and the last time on the writer; it decides again only when the schema was
/// replaced, or when it is not known any more what has changed. For other stores it is a rule
/// without an amendment. Thread rule: one thread after the other.
struct AmendingRule {
  Decide decide;
  Amend amend;
  Result<Decision> operator()(Subgraph& subgraph) const { return decide(subgraph); }
};

} // namespace diffo::graph
