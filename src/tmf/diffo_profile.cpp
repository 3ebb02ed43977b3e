#include "tmf/diffo_profile.h"

#include "base/dates.h"
#include "base/time.h"
#include "model/model.h"
#include "model/schema.h"
#include "model/words.h"
#include "rules/enforce.h"
#include "tmf/profile_characteristics.h"
#include "tmf/profile_parts.h"

#include <algorithm>
#include <compare>
#include <utility>
#include <vector>

namespace diffo::tmf {
namespace {

using graph::ElementKind;
using graph::ElementView;
using graph::Record;
using graph::RecordRef;
using graph::ValueView;
using graph::Word;
using json::Array;
using json::Object;
using json::Value;
using model::words::number_of;

/// A date as the reference writes it, in milliseconds; what is no date-time stays.
std::string in_milliseconds(std::string text) {
  const auto instants = parse_instants(text);
  return instants && instants->has_time() ? text_of({instants->from}) : text;
}

/// Ascending, with those that have none at the end, as the reference sorts.
std::strong_ordering compare_texts(const std::string& left, const std::string& right) {
  if (left.empty() != right.empty())
    return left.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  return left.compare(right) <=> 0;
}

/// Ascending by a text, the newest first between equals.
void sort_by_field(std::vector<ElementView>& elements, Word word) {
  std::sort(
      elements.begin(), elements.end(), [word](const ElementView& left, const ElementView& right) {
        const auto order = compare_texts(text_of_field(left, word), text_of_field(right, word));
        return order != 0 ? order < 0 : left.part() > right.part();
      });
}

class ProfileWriter {
public:
  ProfileWriter(const Record& record, graph::Subgraph& subgraph, const rules::Beside& beside)
      : record_(record), subgraph_(subgraph), beside_(beside),
        dictionary_(subgraph.schema().dictionary()), root_(record.root(dictionary_)),
        resource_(record.family() == model::family_resource),
        characteristics_(model::model_of(subgraph.schema()),
                         rules::kind_of(model::model_of(subgraph.schema()), record)) {}

  [[nodiscard]] Value document() const {
    Object result;
    add_identity(result);
    if (resource_)
      add_resource_attributes(result);
    else
      add_service_attributes(result);
    set_items(result, "processStatus", process_statuses());
    add_relationships(result);
    set_items(result, resource_ ? "activationFeature" : "feature", features());
    set_items(result, resource_ ? "resourceCharacteristic" : "serviceCharacteristic",
              with_inherited(characteristics_.of_instance(root_), rules::Sort::characteristic, {}));
    set_items(result, "relatedEntity", entities());
    set_items(result, "place",
              with_inherited(by_role(model::kinds::place_reference, "PlaceRef"), rules::Sort::place,
                             "PlaceRef"));
    set_items(result, "relatedParty",
              with_inherited(by_role(model::kinds::party_reference, "PartyRef"), rules::Sort::party,
                             "PartyRef"));
    add_calculated(result);
    return result;
  }

private:
  /// The children of a kind that are more than kept text, the newest first.
  [[nodiscard]] std::vector<ElementView> newest_first(const ElementView& owner,
                                                      ElementKind kind) const {
    std::vector<ElementView> found;
    ElementView child;
    for (graph::ChildCursor children = owner.children(); children.next(child);)
      if (child.kind() == kind && !child.is_verbatim())
        found.push_back(child);
    std::sort(found.begin(), found.end(), [](const ElementView& left, const ElementView& right) {
      return left.part() > right.part();
    });
    return found;
  }

  [[nodiscard]] std::vector<ElementView> by_name(const ElementView& owner, ElementKind kind) const {
    auto found = newest_first(owner, kind);
    sort_by_field(found, model::words::name);
    return found;
  }

  void add_identity(Object& result) const {
    const auto references = newest_first(root_, model::kinds::specification_reference);
    const RecordRef specification =
        references.empty() ? RecordRef() : target_of(references.front());
    result.set("id", record_.id());
    if (!references.empty())
      result.set("href", path_of(instance_roots[resource_ ? 1 : 0], record_.id(),
                                 api_version(specification)));
    for (const char* name : {"category", "description"})
      set_text(result, name, own_or_specified(name, specification));
    set_text(result, "name", text_of_field(root_, model::words::name));
    set_items(result, "externalIdentifier", external_identifiers());
    if (!references.empty())
      result.set(resource_ ? "resourceSpecification" : "serviceSpecification",
                 specification_reference(references.front(), specification));
  }

  [[nodiscard]] std::int64_t api_version(const RecordRef& specification) const {
    return specification ? api_version_of(specification->root(dictionary_)) : 4;
  }

  [[nodiscard]] std::string own_or_specified(std::string_view name,
                                             const RecordRef& specification) const {
    const auto word = dictionary_.find(name);
    DIFFO_ASSERT(word.has_value());
    std::string own = text_of_field(root_, *word);
    return own.empty() && specification ? text_of_field(specification->root(dictionary_), *word)
                                        : own;
  }

  [[nodiscard]] RecordRef target_of(const ElementView& edge) const {
    return edge.has_target()
               ? subgraph_.find({record_.tenant(), edge.target_family(), edge.target_id().text()})
               : RecordRef();
  }

  [[nodiscard]] Value specification_reference(const ElementView& edge,
                                              const RecordRef& specification) const {
    const std::string id = edge.target_id().text();
    Object result{
        {"id", id},
        {"href", path_of(specification_roots[resource_ ? 1 : 0], id, api_version(specification))}};
    for (const Word word : {model::words::name, number_of("version")}) {
      std::string text = text_of_field(edge, word);
      if (text.empty() && specification)
        text = text_of_field(specification->root(dictionary_), word);
      set_text(result, dictionary_.text(word), std::move(text));
    }
    return result;
  }

  [[nodiscard]] Array external_identifiers() const {
    Array items;
    for (const ElementView& part : newest_first(root_, model::kinds::external_identifier)) {
      Object item;
      const std::string type = text_of_field(part, model::words::external_identifier_type);
      item.set("externalIdentifierType", type.empty() ? Value() : Value(type));
      set_text(item, "id", text_of_field(part, model::words::id));
      set_text(item, "owner", text_of_field(part, number_of("owner")));
      items.emplace_back(std::move(item));
    }
    return items;
  }

  void add_dates(Object& result, Word start, std::string_view start_name, Word end,
                 std::string_view end_name) const {
    set_text(result, start_name, in_milliseconds(text_of_field(root_, start)));
    set_text(result, end_name, in_milliseconds(text_of_field(root_, end)));
  }

  void add_service_attributes(Object& result) const {
    const std::string given = text_of_field(root_, model::words::service_date);
    result.set("serviceDate",
               given.empty() ? text_of(Timestamp{record_.created_at()}) : in_milliseconds(given));
    add_dates(result, number_of("startDate"), "startDate", number_of("endDate"), "endDate");
    set_text(result, "state", text_of_field(root_, model::words::state));
    set_text(result, "operatingStatus", text_of_field(root_, model::words::operating_status));
  }

  void add_resource_attributes(Object& result) const {
    set_text(result, "resourceVersion", text_of_field(root_, number_of("resourceVersion")));
    add_dates(result, number_of("startOperatingDate"), "startOperatingDate",
              number_of("endOperatingDate"), "endOperatingDate");
    for (const Word word :
         {number_of("lifecycleState"), model::words::administrative_state,
          model::words::operational_state, number_of("resourceStatus"), number_of("usageState")})
      set_text(result, dictionary_.text(word), text_of_field(root_, word));
  }

  [[nodiscard]] Array process_statuses() const {
    auto parts = newest_first(root_, model::kinds::process_status);
    constexpr Word time = number_of("timeStamp");
    std::sort(parts.begin(), parts.end(), [](const ElementView& left, const ElementView& right) {
      const auto order = in_milliseconds(text_of_field(left, time))
                             .compare(in_milliseconds(text_of_field(right, time)));
      return order != 0 ? order > 0 : left.part() > right.part();
    });
    Array items;
    for (const ElementView& part : parts) {
      Object item;
      for (const Word word : {number_of("code"), number_of("severity"), number_of("message")})
        set_text(item, dictionary_.text(word), text_of_field(part, word));
      if (const ValueView parameters = part.field(number_of("parameterizedMessage")))
        item.set("parameterizedMessage", parameters.to_json());
      set_text(item, "timeStamp", in_milliseconds(text_of_field(part, time)));
      items.emplace_back(std::move(item));
    }
    return items;
  }

  /// An edge to another instance and what the reference sorts it by.
  struct Relation {
    ElementView edge;
    std::string alias;
    std::string type;
  };

  [[nodiscard]] std::vector<Relation> relations(ElementKind kind) const {
    std::vector<Relation> found;
    for (const ElementView& edge : newest_first(root_, kind))
      found.push_back({edge, text_of_field(edge, model::words::alias),
                       text_of_field(edge, model::words::relationship_type)});
    std::sort(found.begin(), found.end(), [](const Relation& left, const Relation& right) {
      if (const auto order = compare_texts(left.alias, right.alias); order != 0)
        return order < 0;
      if (const auto order = compare_texts(left.type, right.type); order != 0)
        return order < 0;
      return left.edge.part() < right.edge.part();
    });
    return found;
  }

  /// A reference as the reference writes it: the end of an edge by id and relative link.
  [[nodiscard]] static Object link(std::string id, const ElementView& edge) {
    return link(std::move(id), edge.target_family(), edge.target_id().text());
  }
  [[nodiscard]] static Object link(std::string id, graph::Family family, std::string_view target) {
    const std::string_view root = instance_roots[family == model::family_resource ? 1 : 0];
    return Object{{"id", std::move(id)}, {"href", path_of(root, target)}};
  }

  /// A value that was handed out (domain.md §10.4).
  [[nodiscard]] static Object assignment(const rules::Assigned& one, const std::string& noun) {
    Array values{Object{{"name", one.thing}, {"value", one.shown_value()}}};
    if (!one.alias.empty())
      values.emplace_back(Object{{"name", "alias"}, {"value", one.alias}});
    return Object{{"type", "assignedTo"},
                  {noun, link(one.assignee.id, one.assignee.family, one.assignee.id)},
                  {noun + "RelationshipCharacteristic", std::move(values)}};
  }

  void add_relationships(Object& result) const {
    Array supports[2];
    for (const bool to_resource : {false, true}) {
      const std::string noun = to_resource ? "resource" : "service";
      Array items;
      for (const Relation& relation : relations(to_resource ? model::kinds::resource_relation
                                                            : model::kinds::service_relation)) {
        Object item;
        set_text(item, "alias", relation.alias);
        item.set("type", relation.type);
        item.set(noun, link(relation.edge.target_id().text(), relation.edge));
        set_items(item, noun + "RelationshipCharacteristic",
                  characteristics_.of_relationship(relation.edge));
        items.emplace_back(std::move(item));
        if (!relation.alias.empty()) // the reference puts the alias where others put the id
          supports[to_resource ? 1 : 0].emplace_back(link(relation.alias, relation.edge));
      }
      for (const rules::Assigned& one : beside_.assigned)
        if (one.assignee.family == (to_resource ? model::family_resource : model::family_service)) {
          items.emplace_back(assignment(one, noun));
          if (!one.alias.empty())
            supports[to_resource ? 1 : 0].emplace_back(
                link(one.alias, one.assignee.family, one.assignee.id));
        }
      for (const ElementView& edge :
           newest_first(root_, to_resource ? model::kinds::supporting_resource
                                           : model::kinds::supporting_service))
        supports[to_resource ? 1 : 0].emplace_back(link(edge.target_id().text(), edge));
      set_items(result, noun + "Relationship", std::move(items));
    }
    set_items(result, "supportingService", std::move(supports[0]));
    set_items(result, "supportingResource", std::move(supports[1]));
  }

  /// What is inherited stands behind the instance's own; what is unknown never shows
  /// (domain.md §13.3).
  [[nodiscard]] Array with_inherited(Array items, rules::Sort sort,
                                     std::string_view reference_type) const {
    for (const rules::InheritedSet& set : beside_.inherited) {
      if (set.sort != sort)
        continue;
      for (const rules::InheritedValue& one : set.values) {
        if (one.unknown)
          continue;
        if (sort == rules::Sort::characteristic)
          items.emplace_back(
              Object{{"name", set.name}, {one.value.is_array() ? "values" : "value", one.value}});
        else
          items.emplace_back(inherited_reference(set, one, reference_type));
      }
    }
    return items;
  }

  /// What says no type is a reference where it says what it refers to, else what it leads to.
  void add_types(Object& item, std::string referred_type, std::string type,
                 std::string_view reference_type, const RecordRef& target) const {
    if (type.empty() && !referred_type.empty())
      type = reference_type;
    else if (type.empty() && target)
      type = type_of_root(target->root(dictionary_));
    set_text(item, "@referredType", std::move(referred_type));
    set_text(item, "@type", std::move(type));
  }

  [[nodiscard]] Object inherited_reference(const rules::InheritedSet& set,
                                           const rules::InheritedValue& one,
                                           std::string_view reference_type) const {
    const RecordRef target = subgraph_.find({record_.tenant(), one.target.family, one.target.id});
    const auto attribute = [&](std::string_view name, Word word) {
      std::string text;
      if (const Value* own = one.reference.find(name); own != nullptr)
        text = own->string();
      return text.empty() && target ? text_of_root(target->root(dictionary_), word) : text;
    };
    Object item{{"id", one.target.id}};
    set_text(item, "href", attribute("href", model::words::href));
    set_text(item, "name", attribute("name", model::words::name));
    item.set("role", set.name);
    add_types(item, attribute("@referredType", model::words::referred_type),
              attribute("@type", model::words::type), reference_type, target);
    return item;
  }

  void add_calculated(Object& result) const {
    if (beside_.calculated.empty())
      return;
    Object values;
    for (const rules::Calculated& one : beside_.calculated)
      values.set(one.name, one.value);
    result.set("calculations", std::move(values));
  }

  [[nodiscard]] Array features() const {
    Array items;
    for (const ElementView& part : by_name(root_, model::kinds::feature)) {
      const ValueView enabled = part.field(number_of("isEnabled"));
      Object item{{"name", text_of_field(part, model::words::name)},
                  {"isEnabled", enabled ? enabled.to_json() : Value(true)}};
      set_items(item, "featureCharacteristic", characteristics_.of_feature(part));
      items.emplace_back(std::move(item));
    }
    return items;
  }

  /// A place, party or entity with its role: its own attributes stand in the reference, or else in
  /// the record that it leads to.
  [[nodiscard]] Object related(const ElementView& edge, std::string_view reference_type) const {
    const RecordRef target = target_of(edge);
    const auto attribute = [&](Word word) {
      std::string text = text_of_field(edge, word);
      return text.empty() && target ? text_of_root(target->root(dictionary_), word) : text;
    };
    Object item;
    set_text(item, "id", edge.has_target() ? edge.target_id().text() : attribute(model::words::id));
    set_text(item, "href", attribute(model::words::href));
    set_text(item, "name", attribute(model::words::name));
    std::string role = text_of_field(edge, model::words::role);
    if (!role.empty() || edge.has_target()) // the one thing that the reference shows as null
      item.set("role", role.empty() ? Value() : Value(std::move(role)));
    add_types(item, attribute(model::words::referred_type), attribute(model::words::type),
              reference_type, target);
    return item;
  }

  [[nodiscard]] Array entities() const {
    Array items;
    for (const ElementView& edge : newest_first(root_, model::kinds::entity_reference))
      items.emplace_back(related(edge, "EntityRef"));
    return items;
  }

  [[nodiscard]] Array by_role(ElementKind kind, std::string_view type) const {
    auto edges = newest_first(root_, kind);
    sort_by_field(edges, model::words::role);
    Array items;
    for (const ElementView& edge : edges)
      items.emplace_back(related(edge, type));
    return items;
  }

  const Record& record_;
  graph::Subgraph& subgraph_;
  const rules::Beside& beside_;
  const graph::Dictionary& dictionary_;
  ElementView root_;
  bool resource_;
  ProfileCharacteristics characteristics_;
};

} // namespace

void emit_diffo_profile(const Record& record, graph::Subgraph& subgraph,
                        const rules::Beside& beside, std::string& json) {
  if (record.family() != model::family_service && record.family() != model::family_resource)
    return json::write(profile_of_root(record, subgraph.schema().dictionary()), json);
  graph::FetchPlan targets = reads_of_references(record, subgraph.schema());
  for (const rules::InheritedSet& set : beside.inherited)
    for (const rules::InheritedValue& one : set.values)
      if (!one.target.id.empty())
        targets.records.emplace_back(record.tenant(), one.target.family, one.target.id);
  subgraph.announce(targets);
  json::write(ProfileWriter(record, subgraph, beside).document(), json);
}

} // namespace diffo::tmf
