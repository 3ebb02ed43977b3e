// Which lists are keyed and by what: wire.md §7.
#include "outstanding/compiled.h"

#include <algorithm>
#include <array>

namespace diffo::outstanding {
namespace {

struct NamedShape {
  std::string_view attribute;
  ListShape shape;
};

using Groups = std::vector<std::vector<std::string>>;

const std::vector<NamedShape>& named_shapes() {
  static const std::vector<NamedShape> shapes = [] {
    const ListShape characteristics{.key_groups = Groups{{"name"}}, .holds_values = true};
    const ListShape features{.key_groups = Groups{{"name"}}};
    const ListShape parties{.key_groups = Groups{{"role"}},
                            .nested = "partyOrPartyRole",
                            .flat_form = true,
                            .family = "party"};
    const ListShape places{
        .key_groups = Groups{{"role"}}, .nested = "place", .flat_form = true, .family = "place"};
    const ListShape entities{
        .key_groups = Groups{{"role"}}, .nested = "entity", .flat_form = true, .family = "entity"};
    // `type` and `alias` are the names of profile diffo.
    const Groups relation{{"name"}, {"alias"}, {"relationshipType", "type", "@target"}};
    const ListShape services{.key_groups = relation, .nested = "service", .family = "service"};
    const ListShape resources{.key_groups = relation, .nested = "resource", .family = "resource"};
    const ListShape part_relations{.key_groups = Groups{{"name"}, {"relationshipType", "id"}}};
    return std::vector<NamedShape>{
        {"serviceCharacteristic", characteristics},
        {"resourceCharacteristic", characteristics},
        {"featureCharacteristic", characteristics},
        {"serviceRelationshipCharacteristic", characteristics},
        {"resourceRelationshipCharacteristic", characteristics},
        {"relationshipCharacteristic", characteristics},
        {"characteristic", characteristics},
        {"feature", features},
        {"activationFeature", features},
        {"relatedParty", parties},
        {"place", places},
        {"places", places},
        {"relatedPlace", places},
        {"relatedEntity", entities},
        {"serviceRelationship", services},
        {"resourceRelationship", resources},
        {"supportingService", {.key_groups = Groups{{"id"}}, .family = "service"}},
        {"supportingResource", {.key_groups = Groups{{"id"}}, .family = "resource"}},
        {"featureRelationship", part_relations},
        {"characteristicRelationship", part_relations},
        {"externalIdentifier", {.key_groups = Groups{{"externalIdentifierType", "type"}, {"id"}}}},
        {"note", {.key_groups = Groups{{"id"}}}},
        {"processStatus", {.key_groups = Groups{{"code"}}}},
        {"constraint", {.key_groups = Groups{{"id"}, {"name"}}}},
        {"policyConstraint", {.key_groups = Groups{{"id"}, {"name"}}}},
        {"attachment", {.key_groups = Groups{{"id"}, {"name"}}}},
        {"serviceOrderItem", {.key_groups = Groups{{"itemId"}}}},
        {"resourceOrderItem", {.key_groups = Groups{{"itemId"}}}},
    };
  }();
  return shapes;
}

/// The attributes that a flat item has from its reference.
bool belongs_to_reference(std::string_view attribute) {
  return attribute == "id" || attribute == "href" || attribute == "name" ||
         attribute == "@referredType";
}

} // namespace

const ListShape* shape_of(std::string_view attribute) {
  const auto& shapes = named_shapes();
  const auto found =
      std::find_if(shapes.begin(), shapes.end(),
                   [attribute](const NamedShape& named) { return named.attribute == attribute; });
  return found == shapes.end() ? nullptr : &found->shape;
}

const ListShape& general_shape() {
  static const ListShape shape{.key_groups = Groups{{"name"}, {"id"}, {"role"}, {"type"}}};
  return shape;
}

std::string_view family_of(std::string_view attribute) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> families{{
      {"service", "service"},
      {"resource", "resource"},
      {"partyOrPartyRole", "party"},
      {"party", "party"},
      {"place", "place"},
      {"entity", "entity"},
      {"serviceSpecification", "specification"},
      {"resourceSpecification", "specification"},
  }};
  for (const auto& [name, family] : families)
    if (name == attribute)
      return family;
  return {};
}

const json::Value* item_attribute(const json::Value& item, std::string_view name,
                                  const ListShape* shape) {
  if (const json::Value* found = item.find(name))
    return found;
  if (shape == nullptr || !shape->flat_form || !item.is_object())
    return nullptr;
  if (name == shape->nested)
    return &item; // A flat item is its own reference.
  const json::Value* nested = item.find(shape->nested);
  return nested != nullptr && belongs_to_reference(name) ? nested->find(name) : nullptr;
}

} // namespace diffo::outstanding
