#pragma once

#include "graph/fetch_plan.h"
#include "graph/revision.h"

#include <diffo/result.h>

#include <map>
#include <memory>

namespace diffo::store {

class EmbeddedStore;

/// Some records as they were after a commit, from the history on disk. Nothing else is known of
/// that revision. Thread rule: immutable, any thread.
class PastRevision final : public graph::Revision {
public:
  /// Reads the records of the plan. Errors: invalid (not committed yet), gone (behind the
  /// retention), unsupported for what only a whole revision can tell.
  static Result<std::shared_ptr<const graph::Revision>>
  load(const EmbeddedStore& store, graph::Sequence sequence, const graph::FetchPlan& plan);

  [[nodiscard]] graph::Sequence sequence() const override { return sequence_; }
  [[nodiscard]] const graph::Schema& schema() const override { return schema_; }
  [[nodiscard]] graph::RecordRef find(const graph::KeyView& key) const override;
  void referrers(const graph::KeyView&,
                 const std::function<bool(const graph::Referrer&)>&) const override {}
  [[nodiscard]] std::uint64_t count_referrers(const graph::KeyView&) const override { return 0; }
  [[nodiscard]] Result<graph::Page> query(const graph::Query& query,
                                          const Cancellation& cancellation) const override;
  void for_each(graph::Tenant, const std::function<bool(const graph::RecordRef&)>&) const override {
  }
  [[nodiscard]] std::uint64_t record_count() const override { return records_.size(); }

private:
  PastRevision(graph::Sequence sequence, const graph::Schema& schema)
      : sequence_(sequence), schema_(schema) {}

  graph::Sequence sequence_;
  const graph::Schema& schema_;
  std::map<graph::Key, graph::RecordRef, std::less<>> records_;
};

} // namespace diffo::store
