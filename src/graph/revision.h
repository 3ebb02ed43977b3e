#pragma once

#include "base/cancellation.h"
#include "graph/claims.h"
#include "graph/fetch_plan.h"
#include "graph/query.h"
#include "graph/schema.h"

#include <diffo/result.h>

#include <functional>

namespace diffo::graph {

/// A root that has an edge to another, and the kind of that edge.
struct Referrer {
  RecordRef record;
  ElementKind edge = 0;
};

/// The whole state after one commit, as a value: records, reverse edges, indexes. It never changes;
/// a reader keeps it as long as it needs and waits for nobody. Stores that have everything at hand
/// stand on it; whoever reads does so through a Subgraph. Pinned through shared_ptr because
/// readers, the writer and branches share it. Thread rule: immutable, any thread.
class Revision {
public:
  virtual ~Revision() = default;
  [[nodiscard]] virtual Sequence sequence() const = 0;
  [[nodiscard]] virtual const Schema& schema() const = 0;
  /// The record, or an empty reference: unknown here, deleted, or a stub (a known identity without
  /// content).
  [[nodiscard]] virtual RecordRef find(const KeyView& key) const = 0;
  /// Visits those that refer to the key, stub or not, until `visit` returns false. One call per
  /// (referrer, edge kind).
  virtual void referrers(const KeyView& key,
                         const std::function<bool(const Referrer&)>& visit) const = 0;
  /// How many (referrer, edge kind) pairs there are; cheap also for a million. A store far away may
  /// count each edge, so never less than the pairs, and 0 only when nobody refers to the key.
  [[nodiscard]] virtual std::uint64_t count_referrers(const KeyView& key) const = 0;
  /// Errors: those of CompiledFilter; too_large when a search exceeds what is allowed; unavailable
  /// when it was given up.
  [[nodiscard]] virtual Result<Page> query(const Query& query,
                                           const Cancellation& cancellation) const = 0;
  [[nodiscard]] Result<Page> query(const Query& asked) const { return query(asked, {}); }
  /// Visits all records of a tenant in the order of creation, expected ones too, until `visit`
  /// returns false.
  virtual void for_each(Tenant tenant,
                        const std::function<bool(const RecordRef&)>& visit) const = 0;
  [[nodiscard]] virtual std::uint64_t record_count() const = 0;
  /// Brings what is going to be read, in a flight of its own, where not all is at hand. False: it
  /// does not, or could not.
  virtual bool fetch_more(const FetchPlan& plan) const;
  /// Who holds the claim at that time, if anybody.
  [[nodiscard]] virtual std::optional<Claim> claim(const ClaimName& name, std::int64_t now) const;
  /// How many numbers or units of a pool are free at that time. Errors: invalid for what is no pool
  /// or no range; unsupported.
  [[nodiscard]] virtual Result<std::uint64_t> count_free(const FreeQuery& query,
                                                         std::int64_t now) const;
  /// The free one with so many free ones before it; of a unit its first number. Errors: likewise.
  [[nodiscard]] virtual Result<std::optional<std::int64_t>>
  nth_free(const FreeQuery& query, std::uint64_t n, std::int64_t now) const;
};

} // namespace diffo::graph
