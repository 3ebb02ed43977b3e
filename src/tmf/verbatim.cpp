#include "tmf/verbatim.h"

#include <algorithm>
#include <string>

namespace diffo::tmf {
namespace {

/// Attributes that only an entity given by value has.
bool has_entity_attributes(const json::Object& object) {
  constexpr std::string_view names[] = {"state",
                                        "serviceSpecification",
                                        "resourceSpecification",
                                        "serviceCharacteristic",
                                        "resourceCharacteristic",
                                        "serviceRelationship",
                                        "resourceRelationship",
                                        "supportingService",
                                        "supportingResource",
                                        "feature",
                                        "activationFeature",
                                        "administrativeState",
                                        "operationalState",
                                        "usageState",
                                        "resourceStatus",
                                        "serviceType",
                                        "serviceDate",
                                        "startDate",
                                        "startOperatingDate",
                                        "category",
                                        "description",
                                        "relatedParty",
                                        "place",
                                        "note"};
  return std::any_of(object.begin(), object.end(), [&](const json::Member& member) {
    return std::find(std::begin(names), std::end(names), member.name) != std::end(names);
  });
}

void add_type(json::Object& object, std::string_view type) {
  const json::Value* present = object.find("@type");
  if (type.empty() || (present != nullptr && present->is_string()))
    return;
  object.set("@type", type);
}

void add_types_to_members(json::Object& object, graph::ElementKind owner, model::Api api) {
  const graph::Dictionary& dictionary = model::inventory_schema().dictionary();
  for (json::Member& member : object) {
    const auto word = dictionary.find(member.name);
    const graph::ElementKind kind =
        word ? model::home_kind(owner, *word, api, model::Version::v4) : graph::ElementKind{0};
    if (kind == 0)
      continue;
    if (json::Object* item = member.value.if_object())
      add_types(*item, kind, api);
    if (json::Array* items = member.value.if_array())
      for (json::Value& item : *items)
        if (json::Object* inner = item.if_object())
          add_types(*inner, kind, api);
  }
}

void add_types_to_reference(json::Object& object, const model::KindTraits& traits) {
  if (!is_by_value(object, model::Version::v4)) {
    add_type(object, traits.inner_default);
    return;
  }
  const bool service = traits.target == model::family_service;
  add_type(object, service ? "Service" : "Resource");
  add_types_to_members(object, service ? model::kinds::service : model::kinds::resource,
                       service ? model::Api::service : model::Api::resource);
}

} // namespace

bool is_by_value(const json::Object& object, model::Version version) {
  if (version == model::Version::v5) {
    const json::Value* type = object.find("@type");
    const std::string* text = type != nullptr ? type->if_string() : nullptr;
    constexpr std::string_view classes[] = {"Service",          "Resource",
                                            "LogicalResource",  "PhysicalResource",
                                            "SoftwareResource", "ResourceFunction"};
    if (text != nullptr &&
        std::find(std::begin(classes), std::end(classes), *text) != std::end(classes))
      return true;
  }
  return has_entity_attributes(object);
}

void add_types(json::Object& item, graph::ElementKind kind, model::Api api) {
  const model::KindTraits& traits = model::traits_of(kind, api);
  if (traits.build == model::Build::reference) {
    const bool entity =
        traits.target == model::family_service || traits.target == model::family_resource;
    if (entity)
      add_types_to_reference(item, traits);
    else
      add_type(item, traits.inner_default);
    return;
  }
  if (kind == model::kinds::characteristic) {
    const json::Value* value = item.find("value");
    add_type(item, model::characteristic_type(value != nullptr ? *value : json::Value()));
  } else {
    add_type(item, traits.outer_default);
  }
  add_types_to_members(item, kind, api);
  if (traits.build == model::Build::part)
    return;
  const std::string_view name = model::inventory_schema().dictionary().text(traits.inner);
  json::Value* inner = item.find(name);
  json::Object* reference = inner != nullptr ? inner->if_object() : nullptr;
  if (reference == nullptr)
    return;
  if (traits.build == model::Build::relation)
    add_types_to_reference(*reference, traits);
  else
    add_type(*reference, traits.inner_default);
}

} // namespace diffo::tmf
