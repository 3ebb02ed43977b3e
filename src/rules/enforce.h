#pragma once

#include "graph/store.h"
#include "model/model.h"

#include <diffo/domain_model.h>

#include <string>
#include <string_view>
#include <vector>

/// What holds of instances of declared kinds, however they are written: one function for POST,
/// PATCH, actions, import. What was changed is told from the difference of before and after.
namespace diffo::rules {

/// What a write does beside the record itself.
struct Further {
  std::vector<graph::Change> changes{};
  std::vector<graph::Claim> take{};
  std::vector<graph::Claim> release{};
  void add(Further more);
  [[nodiscard]] bool empty() const { return changes.empty() && take.empty() && release.empty(); }
};

/// Why a kind does not let an alias stand at one side (source or target) of its relationships;
/// nothing when it does.
std::optional<std::string> refusal_of(const std::optional<model::Permission>& permission,
                                      std::string_view alias, std::string_view side,
                                      const model::DeclaredKind& kind);

/// How a state is reached.
enum class Way : std::uint8_t {
  operate, ///< by a transition, with its side effects; whatever is named must be there
  adopt,   ///< it is so elsewhere: an import
  observe  ///< it was seen so, whatever the kind allows: only what has another type is refused
};

/// The kind that a draft has: that of the record before it, unless its specification is another
/// now; a null pointer for generic records.
const model::DeclaredKind* kind_of(const model::Model& model, const graph::RecordDraft& draft);
const model::DeclaredKind* kind_of(const model::Model& model, const graph::Record& record);

/// Whether the rules of a kind have a say in a write.
bool is_enforced(const model::Model& model, const graph::Record* before,
                 const graph::RecordDraft& after);

/// Makes a draft what its kind says: fills in what the kind supplies, brings values into their
/// form, runs the transition that its state means, and claims its name. Generic records stay as
/// they are. What it reads of others it announces. Errors: invalid with all that is wrong, each
/// with a pointer; conflict for an illegal transition, a name that is taken, bounds that leave out
/// what has been assigned; forbidden by the policy of the kind.
/// `by`: the action of the kind that made the draft, whose own transition has no side effects but
/// those that it declares.
Result<Further> enforce(const graph::Context& context, graph::Subgraph& subgraph,
                        const graph::Record* before, graph::RecordDraft& after,
                        Way way = Way::operate, const model::Action* by = nullptr);

/// What the deletion of a record does beside: gives back its name and what was assigned to it.
/// Errors: forbidden by the policy of its kind; conflict while it has assigned values itself.
Result<Further> enforce_erasing(const graph::Context& context, graph::Subgraph& subgraph,
                                const graph::Record& record);

} // namespace diffo::rules
