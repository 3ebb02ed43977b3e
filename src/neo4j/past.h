#pragma once

#include "graph/revision.h"
#include "graph/store.h"
#include "neo4j/connection.h"

#include <map>
#include <memory>
#include <vector>

namespace diffo::neo4j {

/// Versions of a record from `last` on backwards, newest first, at most `limit`. One flight.
/// Errors: those of the database; corrupt.
Result<std::vector<graph::Version>> versions_of(Database& database, const graph::Schema& schema,
                                                const graph::KeyView& key, graph::Sequence last,
                                                std::size_t limit);

/// Journal entries of these sequences, in order, at most `limit`.
Result<std::vector<graph::JournalEntry>> entries_of(Database& database, graph::Sequence from,
                                                    graph::Sequence upto, std::size_t limit);

/// What entries changed, with the images they name. One flight.
Result<std::vector<graph::DeltaRef>> deltas_of(Database& database, const graph::Schema& schema,
                                               std::vector<graph::JournalEntry> entries);

/// A revision of which single records are known and nothing else.
class PastRevision final : public graph::Revision {
public:
  PastRevision(graph::Sequence sequence, std::shared_ptr<const graph::Schema> schema,
               std::map<graph::Key, graph::RecordRef, std::less<>> records)
      : sequence_(sequence), schema_(std::move(schema)), records_(std::move(records)) {}
  [[nodiscard]] graph::Sequence sequence() const override { return sequence_; }
  [[nodiscard]] const graph::Schema& schema() const override { return *schema_; }
  [[nodiscard]] graph::RecordRef find(const graph::KeyView& key) const override {
    const auto found = records_.find(key);
    return found == records_.end() ? graph::RecordRef() : found->second;
  }
  void referrers(const graph::KeyView&,
                 const std::function<bool(const graph::Referrer&)>&) const override {}
  [[nodiscard]] std::uint64_t count_referrers(const graph::KeyView&) const override { return 0; }
  [[nodiscard]] Result<graph::Page> query(const graph::Query&, const Cancellation&) const override {
    return Error{ErrorCode::unsupported, "of past revisions only single records can be read"};
  }
  void for_each(graph::Tenant, const std::function<bool(const graph::RecordRef&)>&) const override {
  }
  [[nodiscard]] std::uint64_t record_count() const override { return 0; }

private:
  graph::Sequence sequence_;
  std::shared_ptr<const graph::Schema> schema_;
  std::map<graph::Key, graph::RecordRef, std::less<>> records_;
};

} // namespace diffo::neo4j
