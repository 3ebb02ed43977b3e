#pragma once

#include "graph/change.h"
#include "rules/pool_value.h"

#include <diffo/domain_model.h>
#include <diffo/json.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// What has been handed out of pools, as records and claims (domain.md §10).
///
/// An assignment is a root of its own with edges to assigner and assignee, so that neither grows.
/// Each of its values is a claim in the scope of the pool, held by the assignment: so no value is
/// handed out twice, on whatever branch. A reservation is a claim with a lease; once that has run
/// out the value is free again, and whoever gets it next takes the dead assignment away. A value in
/// quarantine is a claim that no assignment holds.
namespace diffo::rules {

struct Further;

/// An assignment, read. A plain value.
struct Assigned {
  graph::Key key;
  graph::Sequence sequence = 0;
  std::string pool{};
  std::string thing{};
  std::int64_t value = 0; ///< the first
  std::int64_t size = 1;
  std::string unit{}; ///< a prefix
  std::string alias{};
  std::string type{};
  std::int64_t lease_until = 0; ///< microseconds since 1970; 0: it stays
  graph::Target assigner{};
  graph::Target assignee{};
  std::int64_t created_at = 0;
  bool by_others = false; ///< it stands in the record of the assigner, and no claim is behind it
  std::uint32_t part = 0; ///< its number there

  /// As it is shown: the number, or the prefix.
  [[nodiscard]] json::Value shown_value() const;
  [[nodiscard]] bool holds(std::int64_t now) const { return lease_until == 0 || lease_until > now; }
};
/// Until when an assignment is reserved, microseconds since 1970; 0: it stays.
std::int64_t lease_of(const graph::Record& record, const graph::Schema& schema);
Assigned read_assigned(const graph::Record& record, const graph::Schema& schema);

/// Numbers that follow each other in one assignment.
inline constexpr std::uint32_t most_numbers = 1024;
/// The scope of the names that an assignee has for what it got.
std::string alias_scope(const graph::Key& assignee);

/// Assignments shown on their assigner, and looked at for one assignee.
inline constexpr std::uint32_t most_shown_assignments = 1000;

/// What others handed out of an instance stands in its record: in the order in which they did.
std::vector<Assigned> handed_out_by_others(const graph::Record& assigner,
                                           const graph::Schema& schema);

/// What a look at the assignments of an instance reads: by it, or to it.
graph::FetchPlan plan_for_assignments(const graph::Key& instance, graph::ElementKind side,
                                      std::uint32_t most = most_shown_assignments);
/// Visits those that are known of, ours and others', in no order, until `visit` returns false. cut:
/// the plan's bound hid some.
graph::Seen each_assignment(graph::Subgraph& subgraph, const graph::Key& instance,
                            graph::ElementKind side, const std::function<bool(Assigned)>& visit);
/// Those that hold, others' first, in the order of their creation; at most as many as were planned.
std::vector<Assigned> assignments_of(graph::Subgraph& subgraph, const graph::Key& instance,
                                     graph::ElementKind side, std::int64_t now);

/// What the deletion of an instance gives back: the values that it was assigned. Errors: conflict
/// while it has handed out values itself.
Result<Further> release_assignments(const graph::Context& context, graph::Subgraph& subgraph,
                                    const graph::Key& instance);

/// The record of an assignment.
graph::RecordDraft assignment_draft(const Assigned& assigned);

/// The claims that an assignment holds, on its values and on its alias. `blocks`: the pool hands
/// out blocks, each of which is one claim.
std::vector<graph::Claim> claims_of(const Assigned& assigned, const graph::Context& context,
                                    bool blocks);

/// Takes an assignment away with all that it holds. Its values rest where the pool says so: from
/// now on or, of a reservation that has run out, from then on.
void give_back(const graph::Context& context, graph::Subgraph& subgraph, const Assigned& assigned,
               Further& further);

/// The most assignments of one instance that a rule looks at.
inline constexpr std::uint32_t most_of_assignee = 10'000;

} // namespace diffo::rules
