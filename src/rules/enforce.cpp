#include "rules/enforce.h"

#include "base/uuid.h"
#include "model/declared.h"
#include "model/kinds.h"
#include "model/words.h"
#include "rules/enforcer.h"
#include "rules/policy.h"
#include "rules/pools.h"

#include <utility>

namespace diffo::rules {

void Further::add(Further more) {
  const auto move_to = [](auto& to, auto& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  move_to(changes, more.changes);
  move_to(take, more.take);
  move_to(release, more.release);
}

const model::DeclaredKind* kind_of(const model::Model& model, const graph::RecordDraft& draft) {
  const bool instance =
      draft.key.family == model::family_service || draft.key.family == model::family_resource;
  return instance ? model.declared().claiming(draft.root) : nullptr;
}

const model::DeclaredKind* kind_of(const model::Model& model, const graph::Record& record) {
  const bool instance =
      record.family() == model::family_service || record.family() == model::family_resource;
  return instance && !model.declared().empty()
             ? model.declared().kind_of(record.root(model.dictionary()))
             : nullptr;
}

bool is_enforced(const model::Model& model, const graph::Record* before,
                 const graph::RecordDraft& after) {
  return !model.declared().empty() && ((before != nullptr && kind_of(model, *before) != nullptr) ||
                                       kind_of(model, after) != nullptr);
}

Result<Further> enforce(const graph::Context& context, graph::Subgraph& subgraph,
                        const graph::Record* before, graph::RecordDraft& after, Way way,
                        const model::Action* by) {
  const model::Model& model = model::model_of(subgraph.schema());
  if (!is_enforced(model, before, after))
    return Further{};
  return Enforcer(context, subgraph, model, before, after, way).made_by(by).run();
}

Result<Further> enforce_erasing(const graph::Context& context, graph::Subgraph& subgraph,
                                const graph::Record& record) {
  const model::Model& model = model::model_of(subgraph.schema());
  if (model.declared().empty())
    return Further{};
  TRY(check_writer(context, subgraph.schema(), record));
  Further further = TRY(release_assignments(context, subgraph, record.key()));
  if (const model::DeclaredKind* kind = kind_of(model, record)) {
    const graph::ValueView name =
        record.root(subgraph.schema().dictionary()).field(model::words::name);
    if (name)
      further.release.push_back(
          name_claim(context, *kind, record.key(), record.which(), name.text()));
  }
  return further;
}

} // namespace diffo::rules
