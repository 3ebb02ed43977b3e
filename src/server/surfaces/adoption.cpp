#include "server/surfaces/adoption.h"

#include "loop/adopt.h"
#include "loop/expectation_record.h"
#include "loop/targets.h"
#include "loop/twin.h"
#include "model/contradictions.h"
#include "model/kinds.h"
#include "rules/enforce.h"
#include "rules/instances.h"
#include "tmf/patch.h"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace diffo::server {
namespace {

using json::Value;

bool is_instance(const graph::Record& record) {
  return record.family() != model::family_expectation;
}

/// An instance changed by a patch, and what that means beside. Like what is observed it is taken as
/// it was found, also where the kind would not allow it.
struct ChangedInstance {
  graph::RecordDraft draft;
  rules::Further further;
};

Result<ChangedInstance> changed_instance(const graph::Record& present, const Value& operations,
                                         const graph::Context& context, graph::Subgraph& subgraph) {
  const model::Api api =
      present.family() == model::family_service ? model::Api::service : model::Api::resource;
  auto patched = TRY(tmf::patch(present, operations, tmf::PatchKind::json_patch, api,
                                model::Version::v5, {.schema = subgraph.schema()}));
  ChangedInstance changed{
      patched ? *std::move(patched) : present.to_draft(subgraph.schema().dictionary()), {}};
  changed.further =
      TRY(rules::enforce(context, subgraph, &present, changed.draft, rules::Way::observe));
  return changed;
}

/// Refuses what is expected all the same of an instance that was changed: its kind supplies it.
Result<void> check_met(const ChangedInstance& changed, const std::vector<AdoptedLeaf>& leaves,
                       graph::Subgraph& subgraph, const loop::EvaluateOptions& options) {
  const graph::RecordRef made = TRY(model::encode(changed.draft, subgraph.schema()));
  const auto document = TRY(loop::expectation_of_instance(*made, subgraph));
  std::map<graph::Key, std::set<std::string>> by_target;
  for (const AdoptedLeaf& one : leaves)
    by_target[one.target].insert(one.leaf.address);
  for (const auto& [target, addresses] : by_target) {
    subgraph.announce({.records = {target}});
    const auto evaluated = TRY(loop::evaluate_target(
        document, {target.id, subgraph.find(target), target.family}, subgraph, options));
    for (const outstanding::Leaf& leaf : document.expect.leaves_of(evaluated.evaluation))
      if (addresses.contains(leaf.address))
        return Error{ErrorCode::conflict, leaf.address + " cannot be adopted: the kind of " +
                                              made->id() + " has it say so"};
  }
  return {};
}

} // namespace

Result<Adoption> adoption_of(const graph::RecordRef& present,
                             const std::vector<AdoptedLeaf>& leaves, graph::Subgraph& subgraph,
                             const loop::EvaluateOptions& options, const graph::Context& context) {
  std::vector<outstanding::Leaf> unmet;
  unmet.reserve(leaves.size());
  for (const AdoptedLeaf& one : leaves)
    unmet.push_back(one.leaf);
  if (!is_instance(*present))
    return Adoption{
        present,
        TRY(loop::adopted(loop::expectation_document(*present, subgraph.schema()), unmet)),
        {}};
  const Value before = TRY(loop::document_of(*present, outstanding::Profile::v5, subgraph));
  const Value compared = loop::compared_document(*present, before, subgraph.schema());
  for (outstanding::Leaf& leaf : unmet)
    leaf.pointer = loop::pointer_in_instance(leaf.pointer, compared, before);
  Value after = TRY(
      loop::adopted(Value(json::Object{{"expect", before}}), unmet, loop::Literals::as_they_are));
  Adoption adoption{present, std::move(*after.object().find("expect")), {}};
  adoption.operations = json::difference(before, adoption.document);
  const auto changed = TRY(changed_instance(*present, adoption.operations, context, subgraph));
  if (subgraph.complete())
    TRY(check_met(changed, leaves, subgraph, options));
  return adoption;
}

Result<void> add_adoption(const Adoption& adoption, const graph::Context& context,
                          graph::Subgraph& subgraph, graph::ChangeSet& change) {
  const graph::Schema& schema = subgraph.schema();
  const graph::Key key = adoption.present->key();
  const graph::RecordRef present = subgraph.find(key);
  if (!subgraph.complete())
    return {};
  const bool is_same = present && present->sequence() == adoption.present->sequence();
  if (!is_same)
    return Error{ErrorCode::conflict,
                 std::string(is_instance(*adoption.present) ? "the expected instance "
                                                            : "the expectation ") +
                     key.id + " has changed meanwhile"};
  if (is_instance(*present)) {
    auto changed = TRY(changed_instance(*present, adoption.operations, context, subgraph));
    change.changes.push_back({key, TRY(model::encode(changed.draft, schema))});
    add(change, changed.further);
    return {};
  }
  graph::RecordDraft changed = TRY(loop::changed_expectation(*present, adoption.document, schema));
  TRY(loop::resolve_target(changed, present.get(), subgraph));
  change.changes.push_back({key, TRY(model::encode(changed, schema))});
  return {};
}

Result<void> add_restored(const loop::Decision& decision, const graph::Record& stored,
                          const graph::Store& history, const graph::Context& context,
                          graph::Subgraph& subgraph, graph::ChangeSet& change) {
  std::set<graph::Key> expectations;
  for (const loop::DecidedLeaf& leaf : decision.leaves)
    expectations.insert(leaf.expectation);
  subgraph.announce({.records = {expectations.begin(), expectations.end()}});
  for (const graph::Key& expectation : expectations) {
    const std::string what = expectation.family == model::family_expectation
                                 ? "the expectation "
                                 : "the expected instance ";
    const graph::RecordRef present = subgraph.find(expectation);
    // What the decision wrote was written with it.
    if (!present || present->sequence() != stored.sequence())
      return Error{ErrorCode::conflict,
                   "cannot be undone: " + what + expectation.id + " was changed since"};
    const auto before = TRY(history.history(expectation, present->sequence(), 1));
    if (before.empty() || !before.front().record)
      return Error{ErrorCode::conflict, "cannot be undone: what " + what + expectation.id +
                                            " was before is no longer kept"};
    graph::RecordDraft draft = before.front().record->to_draft(subgraph.schema().dictionary());
    rules::Further further;
    if (is_instance(*present))
      further = TRY(rules::enforce(context, subgraph, present.get(), draft, rules::Way::observe));
    change.changes.push_back({expectation, TRY(model::encode(draft, subgraph.schema()))});
    add(change, further);
  }
  return {};
}

} // namespace diffo::server
