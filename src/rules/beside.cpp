#include "rules/beside.h"

#include "model/declared.h"
#include "model/kinds.h"
#include "model/words.h"
#include "rules/enforce.h"

#include <algorithm>
#include <map>
#include <utility>

namespace diffo::rules {
namespace {

using graph::Element;
namespace words = model::words;

Element characteristic(std::string_view name, json::Value value) {
  Element part;
  part.kind = model::kinds::characteristic;
  part.set_field(words::name, name);
  part.set_field(words::value, std::move(value));
  return part;
}

/// Who a calculation says has a role: an id, an object with one, or several of them.
InheritedSet set_of(const model::Role& role, Sort sort, const graph::Key& instance,
                    Calculated calculated, graph::Subgraph& subgraph) {
  InheritedSet set;
  set.sort = sort;
  set.name = role.role;
  set.contributed = std::move(calculated.contributed);
  set.walked.steps = std::move(calculated.steps);
  json::Array several;
  if (json::Array* items = calculated.value.if_array())
    several = std::move(*items);
  else
    several.push_back(std::move(calculated.value));
  const graph::Family family = sort == Sort::place ? model::family_place : model::family_party;
  graph::FetchPlan plan;
  for (const json::Value& item : several) {
    const std::string_view id = item.if_string() != nullptr ? item.string() : item.text_of("id");
    if (id.empty() || (!role.many && !set.values.empty()))
      continue;
    InheritedValue& value = set.values.emplace_back();
    value.target = {family, std::string(id)};
    value.from = instance;
    for (const char* member : {"href", "name", "@type", "@referredType"})
      if (const std::string_view text = item.text_of(member); !text.empty())
        value.reference.set(member, text);
    plan.records.emplace_back(instance.tenant, family, value.target.id);
  }
  subgraph.announce(plan);
  for (const graph::Key& key : plan.records)
    if (const graph::RecordRef target = subgraph.find(key)) // its name is shown
      set.contributed += key.id + '/' + std::to_string(target->sequence()) + '/';
  return set;
}

/// An assignment as a relationship of its assigner.
Element relation_of(const Assigned& assigned) {
  Element edge;
  edge.kind = assigned.assignee.family == model::family_service ? model::kinds::service_relation
                                                                : model::kinds::resource_relation;
  edge.target = assigned.assignee;
  edge.set_field(words::relationship_type, "assignedTo");
  edge.children.push_back(characteristic(assigned.thing, assigned.shown_value()));
  if (!assigned.alias.empty())
    edge.children.push_back(characteristic("alias", assigned.alias));
  return edge;
}

} // namespace

bool shows_more(const model::Model& model, const graph::Record& record) {
  const model::DeclaredKind* kind = kind_of(model, record);
  if (kind != nullptr && !kind->pools.empty())
    return true;
  graph::ElementView edge; // others handed out of it
  for (auto children = record.root(model.schema().dictionary()).children(); children.next(edge);)
    if (edge.kind() == model::kinds::assignment)
      return true;
  return false;
}

graph::FetchPlan plan_for_beside(const graph::Key& instance) {
  return plan_for_assignments(instance, model::kinds::assigner);
}

Beside look_beside(graph::Subgraph& subgraph, const graph::Key& instance, std::int64_t now) {
  Beside beside;
  beside.assigned = assignments_of(subgraph, instance, model::kinds::assigner, now);
  for (const Assigned& one : beside.assigned)
    beside.contributed += one.key.id + '/' + std::to_string(one.sequence) + '/';
  return beside;
}

Result<void> load_beside(Beside& beside, graph::Subgraph& subgraph, const graph::Record& record,
                         const std::vector<std::string>& names, std::int64_t now) {
  const model::DeclaredKind* kind = kind_of(model::model_of(subgraph.schema()), record);
  for (const std::string& name : names) {
    if (kind == nullptr)
      return Error{ErrorCode::invalid, "it is of no declared kind, and inherits nothing", "load"};
    if (name != "*" && !derivation_of(*kind, name).found())
      return Error{ErrorCode::invalid,
                   "the kind " + kind->name + " inherits and calculates no " + name + "; it does " +
                       derivations_of(*kind),
                   "load"};
  }
  if (kind == nullptr || names.empty())
    return {};
  const auto wanted = [&names](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end() ||
           std::find(names.begin(), names.end(), "*") != names.end();
  };
  const auto load = [&](const std::vector<model::Inherited>& all, Sort sort) -> Result<void> {
    for (const model::Inherited& one : all)
      if (wanted(one.name)) {
        beside.inherited.push_back(TRY(inherit(subgraph, record.key(), one, sort, now)));
        beside.contributed += beside.inherited.back().contributed;
      }
    return {};
  };
  TRY(load(kind->inherited_places, Sort::place));
  TRY(load(kind->inherited_parties, Sort::party));
  TRY(load(kind->inherited_characteristics, Sort::characteristic));
  const auto load_roles = [&](const std::vector<model::Role>& roles, Sort sort) -> Result<void> {
    for (const model::Role& role : roles) {
      const model::Calculation* calculation =
          role.calculate.empty() || !wanted(role.role)
              ? nullptr
              : derivation_of(*kind, role.calculate).calculation;
      if (calculation == nullptr)
        continue;
      beside.inherited.push_back(
          set_of(role, sort, record.key(),
                 TRY(calculate(subgraph, record.key(), *kind, *calculation, now)), subgraph));
      beside.contributed += beside.inherited.back().contributed;
    }
    return {};
  };
  TRY(load_roles(kind->places, Sort::place));
  TRY(load_roles(kind->parties, Sort::party));
  for (const model::Calculation& calculation : kind->calculations)
    if (wanted(calculation.name)) {
      beside.calculated.push_back(TRY(calculate(subgraph, record.key(), *kind, calculation, now)));
      beside.contributed += beside.calculated.back().contributed;
    }
  return {};
}

graph::RecordRef with_beside(const graph::Record& record, const graph::Schema& schema,
                             const Beside& beside) {
  graph::RecordDraft draft = record.to_draft(schema.dictionary());
  for (const Assigned& assigned : beside.assigned)
    draft.root.children.push_back(relation_of(assigned));
  // Encoding gives new parts the next numbers and leaves those that are there.
  return graph::encode(draft, schema.dictionary());
}

Result<void> without_beside(graph::RecordDraft& changed, const graph::Record& shown,
                            std::uint32_t first_part, const graph::Schema& schema) {
  std::map<std::uint32_t, std::string> contents;
  graph::ElementView child;
  for (auto children = shown.root(schema.dictionary()).children(); children.next(child);)
    if (child.part() >= first_part)
      child.append_content(contents[child.part()]);
  auto& elements = changed.root.children;
  graph::RecordDraft probe;
  probe.key = changed.key;
  probe.root.kind = changed.root.kind;
  for (const Element& element : elements)
    if (contents.contains(element.part)) {
      probe.root.children.push_back(element);
      probe.next_part = std::max(probe.next_part, shown.next_part());
    }
  const graph::RecordRef encoded = graph::encode(probe, schema.dictionary());
  for (auto children = encoded->root(schema.dictionary()).children(); children.next(child);) {
    std::string content;
    child.append_content(content);
    if (contents[child.part()] != content)
      return Error{ErrorCode::conflict,
                   "what has been assigned is changed by the assign action of the pool",
                   changed.key.family == model::family_service ? "/serviceRelationship"
                                                               : "/resourceRelationship"};
  }
  for (const Element& element : elements) {
    const bool is_new = element.part == 0 || element.part >= first_part;
    if (is_new && !contents.contains(element.part) &&
        element.field_text(words::relationship_type) == "assignedTo")
      return Error{ErrorCode::conflict,
                   "what has been assigned is changed by the assign action of the pool",
                   changed.key.family == model::family_service ? "/serviceRelationship"
                                                               : "/resourceRelationship"};
  }
  std::erase_if(elements,
                [&contents](const Element& element) { return contents.contains(element.part); });
  changed.next_part = std::max(first_part, changed.next_part);
  return {};
}

} // namespace diffo::rules
