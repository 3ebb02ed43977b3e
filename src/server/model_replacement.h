#pragma once

#include "base/cancellation.h"
#include "graph/amending_rule.h"
#include "model/model.h"
#include "rules/instances.h"

#include <diffo/domain_model.h>
#include <diffo/hooks.h>

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace diffo::server {

/// Everything that a change of models means, decided on what there is: the specifications of the
/// kinds, and each instance in the form of its kind (domain.md §12). It is decided once on all
/// instances of a revision, and amended by those that were written since, so that it can be
/// committed while others write. What it keeps is what changes, not what it has looked at. Thread
/// rule: one thread after the other.
class ModelReplacement {
public:
  /// What is referred to must outlive it.
  ModelReplacement(const graph::Context& context, const model::DomainModel& domains,
                   const hooks::SharedRegistry& hooks, Cancellation cancellation)
      : context_(context), domains_(domains), hooks_(hooks),
        cancellation_(std::move(cancellation)) {}

  /// Looks at all instances, page by page. Errors: conflict with what would break the model, the
  /// first 100 of it; invalid for words of two meanings; too_large for more changes than one commit
  /// holds; unavailable when it was cancelled.
  Result<graph::ChangeSet> decide(graph::Subgraph& subgraph);
  /// Looks again at what was written since. Errors: likewise.
  Result<void> amend(graph::Subgraph& later, const graph::Since& since, graph::ChangeSet& changes);
  /// Both, as a rule; this must outlive it.
  graph::AmendingRule rule();

private:
  using Keys = std::unordered_set<graph::Key, graph::KeyHash>;

  Result<void> publish_specifications(graph::Subgraph& subgraph, graph::ChangeSet& changes);
  Result<void> publish(const graph::RecordDraft& draft, graph::Subgraph& subgraph,
                       graph::ChangeSet& changes);
  Result<void> bring_over_all(graph::Subgraph& subgraph, graph::ChangeSet& changes);
  Result<void> bring_over(const graph::Record& record, graph::Subgraph& subgraph,
                          graph::ChangeSet& changes);
  Result<void> add(graph::Change change, rules::Further further, graph::ChangeSet& changes);
  void claim_names(const graph::Record& record, const std::vector<graph::Claim>& names);
  [[nodiscard]] Keys touched_by(const graph::Since& since) const;
  void forget(const Keys& keys, graph::ChangeSet& changes);
  [[nodiscard]] Result<void> judged();
  [[nodiscard]] Result<void> wanted_still() const;

  const graph::Context& context_;
  const model::DomainModel& domains_;
  const hooks::SharedRegistry& hooks_;
  const Cancellation cancellation_;
  std::shared_ptr<const model::Model> next_;
  std::map<graph::Key, graph::RecordDraft> specifications_; ///< of the next model's kinds
  /// What is in the change set, by record: its claims.
  std::unordered_map<graph::Key, rules::Further, graph::KeyHash> changed_;
  std::map<graph::ClaimName, graph::Key> taken_; ///< names that records get by this, and which
  std::vector<Error> violations_;
};

} // namespace diffo::server
