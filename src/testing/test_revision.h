#pragma once

#include "graph/revision.h"

#include <string_view>
#include <vector>

namespace diffo::testing {

/// A revision for tests: records in a vector, and queries answered by asking every record. Thread
/// rule: one thread.
class TestRevision final : public graph::Revision {
public:
  explicit TestRevision(const graph::Schema& schema) : schema_(schema) {}

  void add(graph::RecordRef record) { records_.push_back(std::move(record)); }

  [[nodiscard]] graph::Sequence sequence() const override { return records_.size(); }
  [[nodiscard]] const graph::Schema& schema() const override { return schema_; }
  [[nodiscard]] graph::RecordRef find(const graph::KeyView& key) const override;
  void referrers(const graph::KeyView& key,
                 const std::function<bool(const graph::Referrer&)>& visit) const override;
  [[nodiscard]] std::uint64_t count_referrers(const graph::KeyView& key) const override;
  using graph::Revision::query;
  [[nodiscard]] Result<graph::Page> query(const graph::Query& query,
                                          const Cancellation& cancellation) const override;
  void for_each(graph::Tenant tenant,
                const std::function<bool(const graph::RecordRef&)>& visit) const override;
  [[nodiscard]] std::uint64_t record_count() const override { return records_.size(); }

private:
  const graph::Schema& schema_;
  std::vector<graph::RecordRef> records_;
};

} // namespace diffo::testing
