#pragma once

#include "base/time.h"
#include "graph/revision.h"
#include "store/state.h"

namespace diffo::store {

/// How much one query may look at, and how long, before it is refused as too large.
struct QueryLimits {
  std::uint64_t max_visited = 50'000'000; ///< keys and records
  std::int64_t max_microseconds = 20'000'000;
  const Clock* clock = nullptr; ///< outlives all revisions; none: no bound on time
};

/// One state as the layers above see it. Thread rule: immutable, any thread.
class StateRevision final : public graph::Revision {
public:
  StateRevision(State state, std::shared_ptr<const graph::Schema> schema, QueryLimits limits)
      : state_(std::move(state)), schema_(std::move(schema)), limits_(limits) {}

  [[nodiscard]] graph::Sequence sequence() const override { return state_.sequence; }
  [[nodiscard]] const graph::Schema& schema() const override { return *schema_; }
  [[nodiscard]] graph::RecordRef find(const graph::KeyView& key) const override {
    return state_.find(key);
  }
  void referrers(const graph::KeyView& key,
                 const std::function<bool(const graph::Referrer&)>& visit) const override;
  [[nodiscard]] std::uint64_t count_referrers(const graph::KeyView& key) const override;
  [[nodiscard]] Result<graph::Page> query(const graph::Query& query,
                                          const Cancellation& cancellation) const override;
  using graph::Revision::query;
  void for_each(graph::Tenant tenant,
                const std::function<bool(const graph::RecordRef&)>& visit) const override;
  [[nodiscard]] std::uint64_t record_count() const override { return state_.record_count; }

  [[nodiscard]] std::optional<graph::Claim> claim(const graph::ClaimName& name,
                                                  std::int64_t now) const override;
  [[nodiscard]] Result<std::uint64_t> count_free(const graph::FreeQuery& query,
                                                 std::int64_t now) const override {
    return state_.claims.count_free(query, now);
  }
  [[nodiscard]] Result<std::optional<std::int64_t>>
  nth_free(const graph::FreeQuery& query, std::uint64_t n, std::int64_t now) const override {
    return state_.claims.nth_free(query, n, now);
  }

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const std::shared_ptr<const graph::Schema>& shared_schema() const {
    return schema_;
  }

private:
  State state_;
  std::shared_ptr<const graph::Schema> schema_; ///< whoever pins the revision reads with it
  QueryLimits limits_;
};

} // namespace diffo::store
