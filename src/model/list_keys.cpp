#include "model/list_keys.h"

#include "model/schema.h"
#include "model/words.h"

#include <algorithm>
#include <array>
#include <map>

namespace diffo::model {
namespace {

using outstanding::AttributeShape;
using outstanding::ListShape;

struct Row {
  graph::ElementKind kind;
  std::string_view attributes; ///< the lists, separated by spaces
  /// Groups separated by `|`, parts by spaces; `attribute=word` where the element has another word.
  std::string_view keys;
  std::string_view nested = {};
  bool flat_form = false;
  std::string_view family = {};
  bool holds_values = false;
};

// `type` and `alias` are names of profile diffo.
constexpr std::string_view relation_keys = "name=outer:name|alias|relationshipType type @target";
constexpr std::string_view part_relation_keys = "name|relationshipType id";

constexpr auto rows = std::to_array<Row>({
    {.kind = kinds::characteristic,
     .attributes = "serviceCharacteristic resourceCharacteristic featureCharacteristic "
                   "serviceRelationshipCharacteristic resourceRelationshipCharacteristic "
                   "relationshipCharacteristic characteristic",
     .keys = "name",
     .holds_values = true},
    {.kind = kinds::feature, .attributes = "feature activationFeature", .keys = "name"},
    {.kind = kinds::party_reference,
     .attributes = "relatedParty",
     .keys = "role",
     .nested = "partyOrPartyRole",
     .flat_form = true,
     .family = "party"},
    {.kind = kinds::place_reference,
     .attributes = "place places relatedPlace",
     .keys = "role",
     .nested = "place",
     .flat_form = true,
     .family = "place"},
    {.kind = kinds::entity_reference,
     .attributes = "relatedEntity",
     .keys = "role",
     .nested = "entity",
     .flat_form = true,
     .family = "entity"},
    {.kind = kinds::service_relation,
     .attributes = "serviceRelationship",
     .keys = relation_keys,
     .nested = "service",
     .family = "service"},
    {.kind = kinds::resource_relation,
     .attributes = "resourceRelationship",
     .keys = relation_keys,
     .nested = "resource",
     .family = "resource"},
    {.kind = kinds::supporting_service,
     .attributes = "supportingService",
     .keys = "id @target",
     .family = "service"},
    {.kind = kinds::supporting_resource,
     .attributes = "supportingResource",
     .keys = "id @target",
     .family = "resource"},
    {.kind = kinds::feature_relationship,
     .attributes = "featureRelationship",
     .keys = part_relation_keys},
    {.kind = kinds::characteristic_relationship,
     .attributes = "characteristicRelationship",
     .keys = part_relation_keys},
    {.kind = kinds::external_identifier,
     .attributes = "externalIdentifier",
     .keys = "externalIdentifierType type|id"},
    {.kind = kinds::note, .attributes = "note", .keys = "id"},
    {.kind = kinds::process_status, .attributes = "processStatus", .keys = "code"},
    {.kind = kinds::constraint, .attributes = "constraint policyConstraint", .keys = "id|name"},
    {.kind = kinds::attachment, .attributes = "attachment", .keys = "id|name"},
    {.kind = kinds::order_item,
     .attributes = "serviceOrderItem resourceOrderItem",
     .keys = "itemId"},
});

// Attributes that are one reference.
constexpr std::pair<std::string_view, std::string_view> references[] = {
    {"service", "service"},
    {"resource", "resource"},
    {"partyOrPartyRole", "party"},
    {"party", "party"},
    {"place", "place"},
    {"entity", "entity"},
    {"serviceSpecification", "specification"},
    {"resourceSpecification", "specification"}};

constexpr std::string_view dates[] = {"serviceDate",        "startDate",        "endDate",
                                      "startOperatingDate", "endOperatingDate", "creationDate"};

constexpr std::string_view texts[] = {"id",
                                      "href",
                                      "name",
                                      "@type",
                                      "@baseType",
                                      "@referredType",
                                      "@schemaLocation",
                                      "category",
                                      "description",
                                      "serviceType",
                                      "resourceVersion",
                                      "state",
                                      "operatingStatus",
                                      "administrativeState",
                                      "operationalState",
                                      "usageState",
                                      "resourceStatus",
                                      "lifecycleState",
                                      "startMode",
                                      "role",
                                      "relationshipType",
                                      "alias",
                                      "version",
                                      "code"};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

graph::Word word_of(std::string_view text) {
  const auto* const found = std::find(std::begin(inventory_words), std::end(inventory_words), text);
  DIFFO_ASSERT(found != std::end(inventory_words));
  return static_cast<graph::Word>(found - std::begin(inventory_words));
}

using Groups = std::vector<std::vector<ListKeyPart>>;

Groups groups_of(std::string_view keys) {
  Groups groups;
  for (const std::string_view group : split(keys, '|')) {
    std::vector<ListKeyPart>& parts = groups.emplace_back();
    for (const std::string_view part : split(group, ' ')) {
      const std::size_t equals = std::min(part.find('='), part.size());
      const bool is_target = part == "@target";
      const std::string_view word = equals < part.size() ? part.substr(equals + 1) : part;
      parts.push_back({std::string(part.substr(0, equals)),
                       is_target ? graph::Word{} : word_of(word), is_target});
    }
  }
  return groups;
}

class InventoryShapes final : public outstanding::DocumentShapes {
public:
  InventoryShapes() {
    for (const std::string_view attribute : texts)
      shapes_[std::string(attribute)].reading = Reading::text;
    for (const std::string_view attribute : dates)
      shapes_[std::string(attribute)].reading = Reading::instant;
    for (const auto& [attribute, family] : references)
      shapes_[std::string(attribute)].family = family;
    for (const Row& row : rows)
      for (const std::string_view attribute : split(row.attributes, ' '))
        shapes_[std::string(attribute)].list = shape_of(row);
  }
  [[nodiscard]] const AttributeShape* find(std::string_view attribute) const override {
    const auto found = shapes_.find(attribute);
    return found == shapes_.end() ? nullptr : &found->second;
  }

private:
  static ListShape shape_of(const Row& row) {
    ListShape shape{.nested = std::string(row.nested),
                    .flat_form = row.flat_form,
                    .family = std::string(row.family),
                    .holds_values = row.holds_values};
    for (const auto& group : groups_of(row.keys)) {
      auto& names = shape.keys.emplace_back();
      for (const ListKeyPart& part : group)
        if (!part.is_target || !row.nested.empty())
          names.push_back(part.attribute);
    }
    return shape;
  }

  std::map<std::string, AttributeShape, std::less<>> shapes_;
};

} // namespace

std::span<const std::vector<ListKeyPart>> list_keys(graph::ElementKind kind) {
  static const std::map<graph::ElementKind, Groups> groups = [] {
    std::map<graph::ElementKind, Groups> all;
    for (const Row& row : rows)
      all.emplace(row.kind, groups_of(row.keys));
    return all;
  }();
  const auto found = groups.find(kind);
  if (found == groups.end())
    return {};
  return found->second;
}

const outstanding::DocumentShapes& document_shapes() {
  static const InventoryShapes shapes;
  return shapes;
}

} // namespace diffo::model
