#include "tmf/diffo_profile.h"

#include "base/dates.h"
#include "base/time.h"
#include "model/schema.h"
#include "model/words.h"

#include <algorithm>
#include <compare>
#include <limits>
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

// What the reference serves generic instances as (profile.md §1).
constexpr std::string_view instance_roots[] = {"serviceInventoryManagement/v4/service/",
                                               "resourceInventoryManagement/v4/resource/"};
constexpr std::string_view specification_roots[] = {
    "serviceCatalogManagement/v4/serviceSpecification/",
    "resourceCatalogManagement/v4/resourceSpecification/"};

std::string path_of(std::string_view root, std::string_view id) {
  return std::string(root) + std::string(id);
}

std::string text_of_field(const ElementView& element, Word word) {
  const ValueView value = element.field(word);
  return value ? value.text() : std::string();
}

/// Keeps a member unless it has nothing to say.
void set_text(Object& object, std::string_view name, std::string text) {
  if (!text.empty())
    object.set(name, std::move(text));
}

void set_items(Object& object, std::string_view name, Array items) {
  if (!items.empty())
    object.set(name, std::move(items));
}

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
  ProfileWriter(const Record& record, graph::Subgraph& subgraph)
      : record_(record), subgraph_(subgraph), dictionary_(subgraph.schema().dictionary()),
        root_(record.root(dictionary_)), resource_(record.family() == model::family_resource) {}

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
              characteristics(root_));
    set_items(result, "relatedEntity", entities());
    set_items(result, "place", by_role(model::kinds::place_reference, "PlaceRef"));
    set_items(result, "relatedParty", by_role(model::kinds::party_reference, "PartyRef"));
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
      result.set("href", path_of(instance_roots[resource_ ? 1 : 0], record_.id()));
    for (const char* name : {"category", "description"})
      set_text(result, name, own_or_specified(name, specification));
    set_text(result, "name", text_of_field(root_, model::words::name));
    set_items(result, "externalIdentifier", external_identifiers());
    if (!references.empty())
      result.set(resource_ ? "resourceSpecification" : "serviceSpecification",
                 specification_reference(references.front(), specification));
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
    Object result{{"id", id}, {"href", path_of(specification_roots[resource_ ? 1 : 0], id)}};
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
    const std::string_view root =
        instance_roots[edge.target_family() == model::family_resource ? 1 : 0];
    return Object{{"id", std::move(id)}, {"href", path_of(root, edge.target_id().text())}};
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
        set_items(item, noun + "RelationshipCharacteristic", characteristics(relation.edge));
        items.emplace_back(std::move(item));
        if (!relation.alias.empty()) // the reference puts the alias where others put the id
          supports[to_resource ? 1 : 0].emplace_back(link(relation.alias, relation.edge));
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

  [[nodiscard]] Array characteristics(const ElementView& owner) const {
    Array items;
    for (const ElementView& part : by_name(owner, model::kinds::characteristic)) {
      Object item{{"name", text_of_field(part, model::words::name)}};
      if (const ValueView view = part.field(model::words::value)) {
        Value value = view.to_json();
        const bool several = value.is_array();
        item.set(several ? "values" : "value", std::move(value));
      }
      items.emplace_back(std::move(item));
    }
    return items;
  }

  [[nodiscard]] Array features() const {
    Array items;
    for (const ElementView& part : by_name(root_, model::kinds::feature)) {
      const ValueView enabled = part.field(number_of("isEnabled"));
      Object item{{"name", text_of_field(part, model::words::name)},
                  {"isEnabled", enabled ? enabled.to_json() : Value(true)}};
      set_items(item, "featureCharacteristic", characteristics(part));
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
      return text.empty() && target ? text_of_field(target->root(dictionary_), word) : text;
    };
    Object item;
    set_text(item, "id", edge.has_target() ? edge.target_id().text() : attribute(model::words::id));
    set_text(item, "href", attribute(model::words::href));
    set_text(item, "name", attribute(model::words::name));
    set_text(item, "role", text_of_field(edge, model::words::role));
    const std::string referred_type = attribute(model::words::referred_type);
    std::string type = attribute(model::words::type);
    set_text(item, "@referredType", referred_type);
    if (type.empty() && !referred_type.empty())
      type = reference_type;
    set_text(item, "@type", std::move(type));
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
  const graph::Dictionary& dictionary_;
  ElementView root_;
  bool resource_;
};

} // namespace

graph::FetchPlan reads_of_diffo_profile(std::vector<graph::Key> keys) {
  graph::FetchPlan plan;
  plan.records = std::move(keys);
  constexpr std::uint32_t all = std::numeric_limits<std::uint32_t>::max();
  graph::FetchPlan::Hop any;
  any.most = all;
  plan.walks.push_back({.from = plan.records, .hops = {std::move(any)}, .most_records = all});
  return plan;
}

graph::FetchPlan reads_of_references(const Record& record, const graph::Schema& schema) {
  graph::FetchPlan targets;
  graph::for_each_edge(record.root(schema.dictionary()), [&](const ElementView& edge) {
    targets.records.emplace_back(record.tenant(), edge.target_family(), edge.target_id().text());
  });
  return targets;
}

void emit_diffo_profile(const Record& record, graph::Subgraph& subgraph, std::string& json) {
  subgraph.announce(reads_of_references(record, subgraph.schema()));
  json::write(ProfileWriter(record, subgraph).document(), json);
}

} // namespace diffo::tmf
