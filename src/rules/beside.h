#pragma once

#include "graph/subgraph.h"
#include "model/model.h"
#include "rules/inherit.h"
#include "rules/pools.h"

#include <cstdint>
#include <string>
#include <vector>

/// What a document of an instance shows that stands in other records: what it has handed out of its
/// pools (domain.md §10.4), and what it has from others where that is asked for.
namespace diffo::rules {

/// A plain value.
struct Beside {
  std::vector<Assigned> assigned{};
  std::vector<InheritedSet> inherited{}; ///< what was asked for, in the order of its declaration
  std::vector<Calculated> calculated{};
  /// (key, sequence) of each record that contributed, for an ETag; empty: none did.
  std::string contributed{};
};

/// Whether there may be such a thing.
bool shows_more(const model::Model& model, const graph::Record& record);
/// What look_beside() reads.
graph::FetchPlan plan_for_beside(const graph::Key& instance);
Beside look_beside(graph::Subgraph& subgraph, const graph::Key& instance, std::int64_t now);
/// Adds what is inherited and calculated under these names; `*`: all. Errors: invalid for a name
/// that the kind has not, naming those that it has; those of inherit() and calculate().
Result<void> load_beside(Beside& beside, graph::Subgraph& subgraph, const graph::Record& record,
                         const std::vector<std::string>& names, std::int64_t now);

/// A copy of the record with what is shown as further elements, for those who show records. Their
/// part numbers begin at Record::next_part() of the original.
graph::RecordRef with_beside(const graph::Record& record, const graph::Schema& schema,
                             const Beside& beside);

/// Takes out of a changed document what only with_beside() had put there: what was assigned is
/// changed by the actions of the assigner alone. Errors: conflict for such an element that was
/// changed.
Result<void> without_beside(graph::RecordDraft& changed, const graph::Record& shown,
                            std::uint32_t first_part, const graph::Schema& schema);

} // namespace diffo::rules
