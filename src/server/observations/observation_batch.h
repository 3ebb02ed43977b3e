#pragma once

#include "graph/store.h"
#include "rules/kind_attributes.h"
#include "rules/precedence.h"
#include "server/observations/observation_report.h"
#include "server/observations/observed_item.h"
#include "server/observations/written_records.h"

#include <diffo/domain_model.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace diffo::server {

/// When a source saw a record last, microseconds since 1970; 0: never.
using LastSeen = std::function<std::int64_t(const graph::Key& record, std::string_view source)>;

/// What all items of a request share.
struct ObservationScope {
  rules::Said said;
  const rules::Precedence& precedence;
  LastSeen last_seen;
};

/// Several items decided as one change set: each sees what those before it did. Thread rule: one
/// thread at a time.
class ObservationBatch {
public:
  /// All outlive it. `atomic`: nothing is wanted where any item is rejected.
  ObservationBatch(const ObservationScope& scope, graph::Context context,
                   std::span<const ObservedItem> items, bool atomic)
      : scope_(scope), context_(std::move(context)), items_(items), atomic_(atomic) {}

  /// What is read of items that name their instances.
  [[nodiscard]] graph::FetchPlan plan() const;
  /// The rule; it may be called again, and then begins anew. Errors: conflict, where it is atomic
  /// and something is rejected; those of the store.
  Result<graph::Decision> decide(graph::Subgraph& subgraph);
  /// In the order of the items, of the last call.
  [[nodiscard]] const std::vector<ItemOutcome>& outcomes() const { return outcomes_; }
  /// The instances that were found, whatever became of their items.
  [[nodiscard]] const std::set<graph::Key>& found() const { return found_; }

private:
  struct Found {
    std::optional<graph::Key> key; ///< nothing: there is none
    graph::RecordRef record;
  };
  Result<ItemOutcome> settle(const ObservedItem& item, graph::Subgraph& subgraph);
  Result<Found> find(const ItemMatch& match, graph::Subgraph& subgraph);
  Result<Found> find_by_id(const ItemMatch& match, graph::Subgraph& subgraph);
  Result<Found> find_by_filter(const ItemMatch& match, graph::Subgraph& subgraph);
  [[nodiscard]] graph::RecordRef present(const graph::Key& key, graph::Subgraph& subgraph) const;
  Result<ItemOutcome> merge(const ObservedItem& item, const graph::Key& key,
                            const graph::RecordRef& record, graph::Subgraph& subgraph);
  Result<void> see(const graph::Key& key, const graph::Record& record, graph::Subgraph& subgraph);
  Result<ItemOutcome> create(const ObservedItem& item, graph::Subgraph& subgraph);
  Result<graph::RecordRef> encoded(const graph::Record* before, graph::RecordDraft draft,
                                   graph::Subgraph& subgraph);
  Result<void> claim(const std::vector<graph::Claim>& taken);
  /// The order of sources for a record: what its kind says before what is configured.
  [[nodiscard]] bool is_settled(const graph::Record& record, const rules::Precedence& precedence,
                                const graph::Schema& schema) const;
  graph::ChangeSet changes() const;

  const ObservationScope& scope_;
  graph::Context context_;
  std::span<const ObservedItem> items_;
  bool atomic_;

  std::vector<ItemOutcome> outcomes_;
  std::set<graph::Key> found_;
  WrittenRecords written_;
  std::vector<graph::Key> created_;
  std::vector<graph::Claim> take_;
  std::vector<graph::Claim> release_;
  std::set<std::string> claimed_;
  /// Of kinds that say something of sources, and of the schema of this call.
  std::optional<rules::RecordPrecedence> precedence_; ///< of the call that is under way
};

} // namespace diffo::server
