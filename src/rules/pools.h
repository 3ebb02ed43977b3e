#pragma once

#include "graph/claims.h"
#include "graph/store.h"

#include <cstdint>
#include <optional>
#include <string>

/// The rules for handing out the values of pools. An assignment is a root of its own with edges to
/// assigner and assignee, so that neither grows; its value is held by a claim, so that none is
/// handed out twice, on whatever branch. Decide them at the tip: many ask one pool at once.
namespace diffo::rules {

/// Where an assignment keeps what it says.
struct AssignmentForm {
  graph::Family family = 0;
  graph::ElementKind root = 0;
  graph::ElementKind assigner = 0; ///< edge
  graph::ElementKind assignee = 0; ///< edge
  graph::Word pool = 0;            ///< field: the name of the pool
  graph::Word value = 0;           ///< field: a number
};

/// Which value is taken when none is named.
enum class Pick : std::uint8_t { first, last, random };

struct Assignment {
  graph::Key key; ///< of the new root
  graph::Target assigner;
  graph::Target assignee;
  std::string pool;
  graph::FreeQuery values;           ///< what the pool has
  std::optional<std::int64_t> value; ///< nothing: one is picked
  Pick pick = Pick::first;
  std::int64_t lease_until = 0; ///< microseconds since 1970; 0: until it is unassigned
};

/// Takes a value and makes the assignment. Errors: not_found without assigner or assignee, conflict
/// when the id or the value is taken or none is free, invalid for a value that the pool has not.
graph::Decide assign(AssignmentForm form, Assignment wanted, graph::Context context);

/// Gives the value back and erases the assignment. Errors: not_found.
graph::Decide unassign(AssignmentForm form, graph::Key key, std::string scope);

/// What assign() reads: both sides, the id, and the value or what is free.
graph::FetchPlan plan_for_assigning(const Assignment& wanted);

} // namespace diffo::rules
