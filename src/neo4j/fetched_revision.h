#pragma once

#include "graph/revision.h"
#include "neo4j/flight.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace diffo::neo4j {

using FlightRef = std::shared_ptr<const Flight>; ///< shared by the revisions made of it

/// How a flight is to be made.
struct Manner {
  bool quiet = false; ///< no commit begins meanwhile
  Choose choose = Choose::database;
  std::optional<graph::Sequence> queries_at{}; ///< none, or one to come: the newest
};

/// Flies once more.
using FlyAgain = std::function<Result<FlightRef>(const graph::FetchPlan& plan, const Manner&)>;

/// What flights brought, as it was at one commit: what this process has committed around it is put
/// back or forward. What it does not know it fetches when it is asked; errors of that stand in
/// failure(), and what was concluded then is worth nothing. Thread rule: one thread.
class FetchedRevision final : public graph::Revision {
public:
  FetchedRevision(graph::Sequence sequence, std::shared_ptr<const graph::Schema> schema,
                  const RecentDeltas& recent, const Pools& pools, const FlightLimits& limits,
                  FlyAgain fly);

  /// Takes what a flight brought. False: what happened since it began is not known any more, or
  /// what one of its queries finds was changed on the way, and nobody knows which of it the
  /// database saw: it takes another flight.
  bool take(const FlightRef& flight) { return admit(flight, nullptr); }

  [[nodiscard]] graph::Sequence sequence() const override { return sequence_; }
  [[nodiscard]] const graph::Schema& schema() const override { return *schema_; }
  [[nodiscard]] graph::RecordRef find(const graph::KeyView& key) const override;
  void referrers(const graph::KeyView& key,
                 const std::function<bool(const graph::Referrer&)>& visit) const override;
  [[nodiscard]] std::uint64_t count_referrers(const graph::KeyView& key) const override;
  [[nodiscard]] Result<graph::Page> query(const graph::Query& query,
                                          const Cancellation& cancellation) const override;
  /// Nothing: no flight brings everything.
  void for_each(graph::Tenant, const std::function<bool(const graph::RecordRef&)>&) const override {
  }
  [[nodiscard]] std::uint64_t record_count() const override { return 0; }
  bool fetch_more(const graph::FetchPlan& plan) const override;
  [[nodiscard]] std::optional<graph::Claim> claim(const graph::ClaimName& name,
                                                  std::int64_t now) const override;
  [[nodiscard]] Result<std::uint64_t> count_free(const graph::FreeQuery& query,
                                                 std::int64_t now) const override;
  [[nodiscard]] Result<std::optional<std::int64_t>>
  nth_free(const graph::FreeQuery& query, std::uint64_t n, std::int64_t now) const override;

  [[nodiscard]] const std::vector<FlightRef>& flights() const { return flights_; }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

private:
  struct Answered {
    graph::Query query;
    Result<graph::Page> page;
  };
  [[nodiscard]] graph::FetchPlan unknown(const graph::FetchPlan& plan) const;
  [[nodiscard]] graph::FetchPlan page_targets(const graph::FetchPlan& plan) const;
  bool fetch_unknown(const graph::FetchPlan& plan) const;
  [[nodiscard]] const std::vector<Flight::Referrer>* fetched_referrers(const graph::KeyView& key,
                                                                       bool& is_known) const;
  [[nodiscard]] const Answered* page_of(const graph::Query& query) const;
  [[nodiscard]] graph::RecordRef known(const graph::KeyView& key, bool& is_known) const;
  bool admit(const FlightRef& flight, Choose* choose) const;
  bool note(Error error) const;

  graph::Sequence sequence_;
  std::shared_ptr<const graph::Schema> schema_;
  const RecentDeltas& recent_;
  const Pools& pools_;
  FlightLimits limits_;
  FlyAgain fly_;
  // Reading adds to what is known.
  mutable std::vector<FlightRef> flights_;
  mutable graph::Sequence since_ = 0; ///< when the first of them began
  mutable Images images_;
  mutable std::map<graph::ClaimName, std::optional<graph::Claim>> claims_;
  mutable std::vector<Answered> pages_;
  mutable std::map<graph::Key, graph::RecordRef, std::less<>> paged_; ///< records of pages
  mutable std::optional<Error> failure_;
};

} // namespace diffo::neo4j
