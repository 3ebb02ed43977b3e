#pragma once

#include "graph/query.h"
#include "graph/schema.h"
#include "graph/store.h"
#include "graph/unseen.h"
#include "server/observations/observation_batch.h"
#include "server/observations/observed_item.h"
#include "server/observations/unseen_report.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace diffo::server {

/// The instances that are meant, a query a family. Errors: invalid, with the place from `/complete`
/// on.
Result<std::vector<graph::Query>> queries_of(const CompleteScope& scope,
                                             const graph::Schema& schema, graph::Tenant tenant);

/// Finds and marks what a source no longer sees: the instances of its scope that it has not told
/// of, unless somebody who is believed has seen them since. Invariant: what was told of is known by
/// a hash of its key, so that a stream of millions is held in some megabytes; a collision would
/// keep a mark away and never make one. Thread rule: one thread at a time, not one of the store's.
class CompleteSweep {
public:
  /// All outlive it.
  CompleteSweep(graph::Store& store, const ObservationScope& observer, CompleteScope scope)
      : store_(store), observer_(observer), scope_(std::move(scope)) {}

  void saw(const graph::KeyView& instance);
  /// What it holds.
  [[nodiscard]] std::uint64_t bytes() const;
  /// Looks for what was not told of. `held` says now and then why so much must not be held, or
  /// nothing. Errors: that one, and those of the store.
  Result<void> find(const graph::Context& context, const std::function<Result<void>()>& held);
  /// Marks what find() found, some hundred in a change set. Errors: those of the store; what was
  /// marked until then stays so.
  Result<void> mark(const std::function<graph::Context()>& context);
  [[nodiscard]] UnseenReport take_report() { return std::move(report_); }

private:
  using Name = std::array<std::uint8_t, 16>;
  static Name name_of(const graph::KeyView& instance);
  /// Nothing: it is to be marked.
  [[nodiscard]] std::optional<UnseenOutcome> why_not(const graph::Record& record,
                                                     const rules::Precedence& precedence,
                                                     const graph::Context& context,
                                                     const graph::Schema& schema) const;
  [[nodiscard]] graph::Unseen mark_of(const graph::Record& record,
                                      const graph::Schema& schema) const;
  Result<graph::ChangeSet> marked(const std::vector<graph::Key>& keys,
                                  const graph::Context& context, graph::Subgraph& subgraph,
                                  std::vector<UnseenOutcome>& outcomes) const;

  graph::Store& store_;
  const ObservationScope& observer_;
  CompleteScope scope_;
  std::vector<Name> seen_;
  std::vector<graph::Key> unseen_;
  UnseenReport report_;
};

} // namespace diffo::server
