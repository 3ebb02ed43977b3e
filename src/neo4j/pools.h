#pragma once

#include "neo4j/pool_claims.h"
#include "neo4j/recent_deltas.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diffo::neo4j {

/// Who holds what of the pools that were asked about: the claims of each, once read, are kept up to
/// date here, for nobody else writes them. They are those of the newest decision, maybe ahead of
/// what is published: who decides on them is held against what was committed since. Thread rule:
/// any thread.
class Pools {
public:
  explicit Pools(RecentDeltas& recent) : recent_(recent) {}

  /// Those of the scopes that have to be read.
  [[nodiscard]] std::vector<std::string> unknown(const std::vector<graph::FreeQuery>& asked) const;
  /// Takes the claims of a scope, read when `since` was the newest.
  void learn(const std::string& scope, const std::vector<graph::Claim>& claims,
             graph::Sequence since);
  /// A commit is decided: the delta is known from here on.
  void apply(graph::DeltaRef delta);
  /// Commits from that one on have not come about: what is known of pools is read again.
  void drop_from(graph::Sequence sequence);

  /// The holder; the outer one is nothing for a scope that is not known.
  [[nodiscard]] std::optional<std::optional<graph::Claim>> find(const graph::ClaimName& name) const;
  /// The same, where what is known is as of that commit.
  [[nodiscard]] std::optional<std::optional<graph::Claim>> find_at(const graph::ClaimName& name,
                                                                   graph::Sequence at) const;
  [[nodiscard]] Result<std::uint64_t> count_free(const graph::FreeQuery& query,
                                                 std::int64_t now) const;
  [[nodiscard]] Result<std::optional<std::int64_t>>
  nth_free(const graph::FreeQuery& query, std::uint64_t n, std::int64_t now) const;

private:
  /// Under mutex_.
  [[nodiscard]] std::optional<std::optional<graph::Claim>>
  known(const graph::ClaimName& name) const;
  void note(const graph::Delta& delta, const std::string* only);

  RecentDeltas& recent_;
  mutable std::mutex mutex_; ///< taken before that of the deltas
  std::map<std::string, std::unique_ptr<PoolClaims>, std::less<>> pools_;
  graph::Sequence newest_ = 0;
};

} // namespace diffo::neo4j
