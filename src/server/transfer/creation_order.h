#pragma once

#include "graph/store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

namespace diffo::server {

/// All records of a store, of all tenants and families, actual and expected, in the order of their
/// creation and, where that is equal, of their keys; of one revision. The store outlives it. Thread
/// rule: one thread, which may wait.
class CreationOrder {
public:
  explicit CreationOrder(graph::Store& store) : store_(store) {}

  /// Pins the newest revision and counts. Once, first. Errors: those of the store.
  Result<void> begin();
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] graph::Sequence sequence() const { return pinned_->sequence(); }
  [[nodiscard]] const graph::Schema& schema() const { return pinned_->schema(); }

  /// Leaves out what was created before that time. Before the first next().
  void begin_at(std::int64_t created_at);
  /// The next one; empty at the end. Errors: those of the store.
  Result<graph::RecordRef> next();

private:
  /// Those of one tenant and family, actual or expected.
  struct Stream {
    graph::Query query;
    std::vector<graph::RecordRef> page{};
    std::size_t taken = 0;
    bool ended = false;
  };
  struct Head {
    graph::RecordRef record;
    std::size_t stream = 0;
  };
  struct IsLater {
    bool operator()(const Head& a, const Head& b) const;
  };

  Result<graph::Subgraph> read(graph::FetchPlan plan);
  Result<void> count(graph::Tenant tenant);
  Result<void> advance(std::size_t number);

  graph::Store& store_;
  std::optional<graph::Subgraph> pinned_; ///< keeps the revision
  std::uint64_t total_ = 0;
  std::vector<Stream> streams_;
  std::priority_queue<Head, std::vector<Head>, IsLater> heads_;
  bool is_begun_ = false;
};

} // namespace diffo::server
