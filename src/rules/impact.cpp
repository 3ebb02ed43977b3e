#include "rules/impact.h"

#include "model/declared.h"
#include "model/domain/hops.h"
#include "model/kinds.h"
#include "model/model.h"
#include "model/typed_value.h"
#include "model/value_path.h"
#include "rules/enforce.h"
#include "rules/value_at.h"

#include <algorithm>
#include <set>
#include <utility>

namespace diffo::rules {
namespace {

constexpr std::size_t most_affected = 1000;

std::string text_of(const std::vector<model::Hop>& via) {
  std::string list;
  for (const model::Hop& hop : via) {
    const json::Value text = model::to_json(hop);
    list += (list.empty() ? "" : ", ") + (text.is_string() ? text.string() : json::to_text(text));
  }
  return list;
}

/// The chains that a kind looks along, and under which name it shows what it finds.
std::vector<std::pair<std::string, std::vector<model::Hop>>>
chains_of(const model::DeclaredKind& kind) {
  std::vector<std::pair<std::string, std::vector<model::Hop>>> chains;
  for (const auto* all :
       {&kind.inherited_characteristics, &kind.inherited_places, &kind.inherited_parties})
    for (const model::Inherited& one : *all)
      chains.emplace_back(one.name, one.via);
  for (const model::Calculation& calculation : kind.calculations) {
    if (calculation.by == model::Calculation::By::field_via_assigned_relationship)
      chains.emplace_back(calculation.name, calculation.via.empty()
                                                ? std::vector<model::Hop>{model::Hop{}}
                                                : calculation.via);
    if (calculation.by == model::Calculation::By::field_via_relationship)
      chains.emplace_back(calculation.name,
                          std::vector<model::Hop>{
                              {model::Hop::Direction::forward, model::Hop::Mechanism::relationship,
                               calculation.relationship_type, calculation.alias}});
  }
  return chains;
}

class ImpactFinder {
public:
  ImpactFinder(graph::Subgraph& subgraph, const graph::Key& instance, std::int64_t now)
      : subgraph_(subgraph), instance_(instance), now_(now),
        model_(model::model_of(subgraph.schema())) {}

  Result<Impact> run() {
    for (const model::DeclaredKind* kind : model_.declared().instance_kinds())
      for (const auto& [name, via] : chains_of(*kind))
        TRY(add_inheriting(*kind, name, via));
    add_referrers();
    subgraph_.announce(plan_for_assignments(instance_, model::kinds::assigner));
    impact_.handed_out = assignments_of(subgraph_, instance_, model::kinds::assigner, now_);
    return std::move(impact_);
  }

private:
  /// The instance may stand at the end of the chain or anywhere on the way.
  Result<void> add_inheriting(const model::DeclaredKind& kind, const std::string& name,
                              const std::vector<model::Hop>& via) {
    for (std::size_t length = 1; length <= via.size(); ++length) {
      const auto back = reversed(std::span(via).first(length));
      const Walked walked = TRY(walk(subgraph_, instance_, back, now_));
      graph::FetchPlan plan;
      plan.records = walked.reached;
      subgraph_.announce(plan);
      for (const graph::Key& key : walked.reached) {
        const graph::RecordRef record = subgraph_.find(key);
        if (!record || kind_of(model_, *record) != &kind || !seen_.emplace(key, name).second)
          continue;
        if (impact_.inherits.size() >= most_affected)
          impact_.cut = true;
        else
          impact_.inherits.push_back({key, kind.name, name});
      }
    }
    return {};
  }

  void add_referrers() {
    const std::vector<graph::ElementKind> relations{model::kinds::service_relation,
                                                    model::kinds::resource_relation};
    graph::FetchPlan plan;
    plan.referrers.push_back({instance_, relations, most_affected});
    plan.referrers.push_back({instance_, {model::kinds::expects}, most_affected});
    subgraph_.announce(plan);
    const auto take = [&](const std::vector<graph::ElementKind>& kinds,
                          std::vector<graph::Key>& into) {
      const auto seen = subgraph_.referrers(instance_, kinds, [&](const graph::Referrer& one) {
        const graph::Key key = one.record->key();
        if (std::find(into.begin(), into.end(), key) == into.end())
          into.push_back(key);
        return true;
      });
      impact_.cut = impact_.cut || seen == graph::Seen::cut;
    };
    take(relations, impact_.referrers);
    take({model::kinds::expects}, impact_.expectations);
  }

  graph::Subgraph& subgraph_;
  const graph::Key& instance_;
  std::int64_t now_;
  const model::Model& model_;
  Impact impact_;
  std::set<std::pair<graph::Key, std::string>> seen_;
};

const model::Field* field_at(const model::DeclaredKinds& declared, const model::DeclaredKind& kind,
                             std::string_view path) {
  const model::Field* field = kind.characteristic(model::head_of(path));
  if (field == nullptr)
    return kind.attribute(path);
  const auto place = place_of_field(by_name(declared), field->type, model::tail_of(path));
  return place && place->field != nullptr ? place->field : field;
}

void look_at_own(const graph::Record& record, const model::Model& model, const std::string& path,
                 Provenance& provenance) {
  const model::DeclaredKind* kind = kind_of(model, record);
  provenance.from = provenance.value.is_null() ? "absent" : "record";
  if (kind == nullptr)
    return;
  const model::Specification& specification = *kind->specification;
  const bool of_kind = (path == "category" && provenance.value == specification.category) ||
                       (path == "description" && provenance.value == specification.description);
  if (of_kind) {
    provenance.from = "kind";
    provenance.rule = kind->name + ".specification." + path;
    return;
  }
  if (kind->pool(model::head_of(path)) != nullptr) {
    provenance.from = "pool";
    provenance.rule = kind->name + '.' + path;
    return;
  }
  const model::Field* field = field_at(model.declared(), *kind, path);
  if (field == nullptr)
    return;
  provenance.rule = kind->name + '.' + path;
  if (field->otherwise && provenance.value == default_of(model.declared(), *field))
    provenance.from = "default";
}

} // namespace

Result<Impact> impact_of(graph::Subgraph& subgraph, const graph::Key& instance, std::int64_t now) {
  return ImpactFinder(subgraph, instance, now).run();
}

Result<Provenance> provenance_of(graph::Subgraph& subgraph, const graph::Record& record,
                                 const std::string& path, std::int64_t now) {
  if (path.empty())
    return Error{ErrorCode::invalid,
                 "path is required: an attribute, characteristic.member, or what is inherited or "
                 "calculated",
                 "path"};
  const model::Model& model = model::model_of(subgraph.schema());
  const model::DeclaredKind* kind = kind_of(model, record);
  Provenance provenance;
  const Derivation derivation = kind != nullptr ? derivation_of(*kind, path) : Derivation{};
  if (derivation.inherited != nullptr) {
    InheritedSet set =
        TRY(inherit(subgraph, record.key(), *derivation.inherited, derivation.sort, now));
    provenance.from = "inherited";
    provenance.rule = kind->name + '.' + path + " via " + text_of(derivation.inherited->via);
    provenance.steps = std::move(set.walked.steps);
    provenance.values = std::move(set.values);
    if (provenance.values.empty())
      provenance.why = "the chain leads nowhere";
    return provenance;
  }
  if (derivation.calculation != nullptr) {
    Calculated calculated =
        TRY(calculate(subgraph, record.key(), *kind, *derivation.calculation, now));
    provenance.from = "calculated";
    provenance.rule = kind->name + '.' + path;
    provenance.value = std::move(calculated.value);
    provenance.steps = std::move(calculated.steps);
    provenance.why = std::move(calculated.why);
    return provenance;
  }
  provenance.value = value_at(record, subgraph.schema(), path);
  look_at_own(record, model, path, provenance);
  return provenance;
}

} // namespace diffo::rules
