#pragma once

#include "rules/enforce.h"

#include <diffo/domain_model.h>
#include <diffo/json.h>

#include <optional>
#include <string_view>

/// The actions of declared kinds (domain.md §6, §8) as changes of a draft, which
/// enforce() then judges as it does those of a document. Handing out of pools is apart (pools.h).
namespace diffo::rules {

/// What an action of that name does: the kind's own, else one that all kinds have: `build`,
/// `define`, `relate`, `status`, `lifecycle`, `respecify`, the transitions, and `assign_` with the
/// thing of a pool. Nothing when there is none.
std::optional<model::Action> action_of(const model::DeclaredKind& kind, std::string_view name);

/// The names of all actions of a kind, its own first.
std::vector<std::string> actions_of(const model::DeclaredKind& kind);

/// What an action is carried out on.
struct ActionCase {
  const graph::Context& context;
  graph::Subgraph& subgraph;
  const model::DeclaredKind& kind;
  const model::Action& action;
};

/// The draft of a new instance as a create action makes it. Errors: invalid, with a JSON pointer.
Result<graph::RecordDraft> build(const ActionCase& act, const json::Object& arguments,
                                 Further& further);

/// Carries out an action on the draft of an instance, and on others that it reaches: a relationship
/// in the other direction is one of its source. Errors: invalid; conflict for a transition that
/// does not leave the present state; not_found.
Result<void> apply(const ActionCase& act, const json::Object& arguments, graph::RecordDraft& draft,
                   Further& further);

} // namespace diffo::rules
