#include "model/homes.h"

#include <algorithm>
#include <array>
#include <span>

namespace diffo::model {
namespace {

using graph::ElementKind;
using graph::Word;
using words::number_of;

struct Home {
  ElementKind owner;
  ElementKind child;
  Word word;
};

constexpr Home homes[] = {
    {kinds::service, kinds::characteristic, number_of("serviceCharacteristic")},
    {kinds::service, kinds::feature, number_of("feature")},
    {kinds::service, kinds::service_relation, number_of("serviceRelationship")},
    {kinds::service, kinds::resource_relation, number_of("resourceRelationship")},
    {kinds::service, kinds::supporting_service, number_of("supportingService")},
    {kinds::service, kinds::supporting_resource, number_of("supportingResource")},
    {kinds::service, kinds::specification_reference, number_of("serviceSpecification")},
    {kinds::service, kinds::place_reference, number_of("place")},
    {kinds::service, kinds::party_reference, number_of("relatedParty")},
    {kinds::service, kinds::entity_reference, number_of("relatedEntity")},
    {kinds::service, kinds::note, number_of("note")},
    {kinds::service, kinds::external_identifier, number_of("externalIdentifier")},
    {kinds::service, kinds::process_status, number_of("processStatus")},
    {kinds::service, kinds::order_item, number_of("serviceOrderItem")},
    {kinds::resource, kinds::characteristic, number_of("resourceCharacteristic")},
    {kinds::resource, kinds::feature, number_of("activationFeature")},
    {kinds::resource, kinds::service_relation, number_of("serviceRelationship")},
    {kinds::resource, kinds::resource_relation, number_of("resourceRelationship")},
    {kinds::resource, kinds::supporting_service, number_of("supportingService")},
    {kinds::resource, kinds::supporting_resource, number_of("supportingResource")},
    {kinds::resource, kinds::specification_reference, number_of("resourceSpecification")},
    {kinds::resource, kinds::place_reference, number_of("place")},
    {kinds::resource, kinds::party_reference, number_of("relatedParty")},
    {kinds::resource, kinds::entity_reference, number_of("relatedEntity")},
    {kinds::resource, kinds::note, number_of("note")},
    {kinds::resource, kinds::external_identifier, number_of("externalIdentifier")},
    {kinds::resource, kinds::process_status, number_of("processStatus")},
    {kinds::resource, kinds::order_item, number_of("resourceOrderItem")},
    {kinds::resource, kinds::attachment, number_of("attachment")},
    {kinds::feature, kinds::characteristic, number_of("featureCharacteristic")},
    {kinds::feature, kinds::feature_relationship, number_of("featureRelationship")},
    {kinds::feature, kinds::constraint, number_of("constraint")},
    {kinds::characteristic, kinds::characteristic_relationship,
     number_of("characteristicRelationship")},
    {kinds::service_relation, kinds::characteristic,
     number_of("serviceRelationshipCharacteristic")},
    {kinds::resource_relation, kinds::characteristic,
     number_of("resourceRelationshipCharacteristic")},
};

constexpr std::size_t kind_count = 64;
constexpr Word no_home = 0xffff;

/// Word by owner and child, for the emitter.
constexpr auto words_by_kind = [] {
  std::array<std::array<Word, kind_count>, kind_count> table{};
  for (auto& row : table)
    row.fill(no_home);
  for (const Home& home : homes)
    table[home.owner][home.child] = home.word;
  return table;
}();

constexpr Word service_fields[] = {number_of("name"),        number_of("@type"),
                                   number_of("@baseType"),   number_of("@schemaLocation"),
                                   number_of("description"), number_of("category"),
                                   number_of("serviceType"), number_of("startDate"),
                                   number_of("endDate"),     number_of("serviceDate"),
                                   number_of("state"),       number_of("operatingStatus")};
constexpr Word resource_fields[] = {number_of("name"),
                                    number_of("@type"),
                                    number_of("@baseType"),
                                    number_of("@schemaLocation"),
                                    number_of("description"),
                                    number_of("category"),
                                    number_of("resourceVersion"),
                                    number_of("startOperatingDate"),
                                    number_of("endOperatingDate"),
                                    number_of("administrativeState"),
                                    number_of("operationalState"),
                                    number_of("usageState"),
                                    number_of("resourceStatus"),
                                    number_of("lifecycleState")};
constexpr Word characteristic_fields[] = {number_of("id"), number_of("name"), number_of("value"),
                                          number_of("valueType"), number_of("@type")};
constexpr Word feature_fields[] = {number_of("id"), number_of("name"), number_of("isBundle"),
                                   number_of("isEnabled"), number_of("@type")};
constexpr Word note_fields[] = {number_of("id"), number_of("author"), number_of("date"),
                                number_of("text"), number_of("@type")};
constexpr Word identifier_fields[] = {number_of("id"), number_of("owner"),
                                      number_of("externalIdentifierType"), number_of("@type")};
constexpr Word status_fields[] = {number_of("code"),      number_of("severity"),
                                  number_of("message"),   number_of("parameterizedMessage"),
                                  number_of("timeStamp"), number_of("@type")};
constexpr Word relationship_fields[] = {number_of("id"), number_of("name"),
                                        number_of("relationshipType"), number_of("@type")};
constexpr Word order_item_fields[] = {number_of("itemId"), number_of("role"),
                                      number_of("itemAction"), number_of("@type")};
constexpr Word reference_fields[] = {number_of("id"),        number_of("href"),
                                     number_of("name"),      number_of("version"),
                                     number_of("@type"),     number_of("@referredType"),
                                     number_of("@baseType"), number_of("@schemaLocation")};

std::span<const Word> fields_of(ElementKind owner) {
  switch (owner) {
  case kinds::service:
    return service_fields;
  case kinds::resource:
    return resource_fields;
  case kinds::characteristic:
    return characteristic_fields;
  case kinds::feature:
    return feature_fields;
  case kinds::note:
    return note_fields;
  case kinds::external_identifier:
    return identifier_fields;
  case kinds::process_status:
    return status_fields;
  case kinds::characteristic_relationship:
  case kinds::feature_relationship:
    return relationship_fields;
  case kinds::order_item:
    return order_item_fields;
  default:
    return reference_fields;
  }
}

using TraitsTable = std::array<KindTraits, kind_count>;

TraitsTable traits_table(Api api) {
  const bool service = api == Api::service;
  TraitsTable table;
  const auto part = [&](ElementKind kind, std::string_view type) {
    table[kind] = {Build::part, 0, 0, type, {}};
  };
  part(kinds::feature, "Feature");
  part(kinds::characteristic, {}); // its value decides
  part(kinds::characteristic_relationship, "CharacteristicRelationship");
  part(kinds::feature_relationship, "FeatureRelationship");
  part(kinds::constraint, service ? "ConstraintRef" : "PolicyRef");
  part(kinds::note, "Note");
  part(kinds::external_identifier, "ExternalIdentifier");
  part(kinds::process_status, "ProcessStatus");
  part(kinds::order_item, service ? "RelatedServiceOrderItem" : "RelatedResourceOrderItem");
  part(kinds::attachment, "AttachmentRef");
  table[kinds::service_relation] = {Build::relation, family_service, number_of("service"),
                                    "ServiceRelationship", "ServiceRef"};
  table[kinds::resource_relation] = {Build::relation, family_resource, number_of("resource"),
                                     "ResourceRelationship", "ResourceRef"};
  table[kinds::supporting_service] = {Build::reference, family_service, 0, {}, "ServiceRef"};
  table[kinds::supporting_resource] = {Build::reference, family_resource, 0, {}, "ResourceRef"};
  table[kinds::specification_reference] = {Build::reference,
                                           family_specification,
                                           0,
                                           {},
                                           service ? "ServiceSpecificationRef"
                                                   : "ResourceSpecificationRef"};
  table[kinds::place_reference] = {Build::related, family_place, number_of("place"),
                                   service ? "RelatedPlaceRefOrValue" : "RelatedPlaceRef",
                                   "PlaceRef"};
  table[kinds::party_reference] = {Build::related, family_party, number_of("partyOrPartyRole"),
                                   "RelatedPartyRefOrPartyRoleRef", "PartyRef"};
  table[kinds::entity_reference] = {Build::related, family_entity, number_of("entity"),
                                    "RelatedEntityRefOrValue", "EntityRef"};
  return table;
}

bool swaps_constraint(ElementKind owner, Api api, Version version) {
  return owner == kinds::feature && api == Api::resource && version == Version::v5;
}

constexpr Word constraint_word = number_of("constraint");
constexpr Word policy_word = number_of("policyConstraint");

bool is_integer_text(std::string_view digits) {
  return digits.find_first_of(".eE") == std::string_view::npos;
}

enum class Scalar : std::uint8_t { text, integer, number, boolean, object, other };

Scalar scalar_of(const json::Value& value) {
  switch (value.kind()) {
  case json::Kind::string:
    return Scalar::text;
  case json::Kind::integer:
    return Scalar::integer;
  case json::Kind::number:
    return is_integer_text(value.number_text()) ? Scalar::integer : Scalar::number;
  case json::Kind::real:
    return Scalar::number;
  case json::Kind::boolean:
    return Scalar::boolean;
  case json::Kind::object:
    return Scalar::object;
  case json::Kind::null:
  case json::Kind::array:
    return Scalar::other;
  }
  return Scalar::other;
}

std::string_view array_type(const json::Array& items) {
  constexpr std::string_view names[] = {"StringArrayCharacteristic", "IntegerArrayCharacteristic",
                                        "NumberArrayCharacteristic", "BooleanArrayCharacteristic",
                                        "ObjectArrayCharacteristic", "Characteristic"};
  if (items.empty())
    return names[0];
  Scalar common = scalar_of(items.front());
  for (const json::Value& item : items) {
    const Scalar next = scalar_of(item);
    if (next == common)
      continue;
    const bool both_numbers = (next == Scalar::integer || next == Scalar::number) &&
                              (common == Scalar::integer || common == Scalar::number);
    if (!both_numbers)
      return names[5];
    common = Scalar::number;
  }
  return names[static_cast<std::size_t>(common)];
}

} // namespace

const KindTraits& traits_of(ElementKind kind, Api api) {
  static const TraitsTable of_services = traits_table(Api::service);
  static const TraitsTable of_resources = traits_table(Api::resource);
  const TraitsTable& table = api == Api::service ? of_services : of_resources;
  return table[kind < kind_count ? kind : 0];
}

std::optional<Word> home_word(ElementKind owner, ElementKind child, Api api, Version version) {
  if (owner >= kind_count || child >= kind_count)
    return std::nullopt;
  const Word word = words_by_kind[owner][child];
  if (word == no_home)
    return std::nullopt;
  if (word == constraint_word && swaps_constraint(owner, api, version))
    return policy_word;
  return word;
}

ElementKind home_kind(ElementKind owner, Word attribute, Api api, Version version) {
  if (swaps_constraint(owner, api, version)) {
    if (attribute == constraint_word)
      return 0;
    if (attribute == policy_word)
      return kinds::constraint;
  }
  for (const Home& home : homes)
    if (home.owner == owner && home.word == attribute)
      return home.child;
  return 0;
}

bool is_field(ElementKind owner, Word attribute) {
  const auto fields = fields_of(owner);
  return std::find(fields.begin(), fields.end(), attribute) != fields.end();
}

std::string_view characteristic_type(const json::Value& value) {
  constexpr std::string_view names[] = {"StringCharacteristic", "IntegerCharacteristic",
                                        "NumberCharacteristic", "BooleanCharacteristic",
                                        "ObjectCharacteristic", "Characteristic"};
  if (const json::Array* items = value.if_array())
    return array_type(*items);
  return names[static_cast<std::size_t>(scalar_of(value))];
}

std::string_view feature_attribute(std::string_view name, Api api, Version version) {
  if (swaps_constraint(kinds::feature, api, version)) {
    if (name == "constraint")
      return "policyConstraint";
    if (name == "policyConstraint")
      return "constraint";
  }
  return name;
}

} // namespace diffo::model
