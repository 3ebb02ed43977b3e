#include "tmf/verbatim.h"

#include "model/characteristic_type.h"
#include "model/schema.h"

#include <algorithm>
#include <string>

namespace diffo::tmf {
namespace {

void add_type(json::Object& object, std::string_view type) {
  const json::Value* present = object.find("@type");
  if (type.empty() || (present != nullptr && present->is_string()))
    return;
  object.set("@type", type);
}

void add_types_to_members(json::Object& object, graph::ElementKind owner, model::Api api,
                          const model::Model& model) {
  for (json::Member& member : object) {
    const auto word = model.dictionary().find(member.name);
    const graph::ElementKind kind =
        word ? model.home_kind(owner, *word, api, model::Version::v4) : graph::ElementKind{0};
    if (kind == 0)
      continue;
    if (json::Object* item = member.value.if_object())
      add_types(*item, kind, api, model);
    if (json::Array* items = member.value.if_array())
      for (json::Value& item : *items)
        if (json::Object* inner = item.if_object())
          add_types(*inner, kind, api, model);
  }
}

void add_types_to_reference(json::Object& object, const model::KindTraits& traits,
                            const model::Model& model) {
  if (!is_by_value(object, model::Version::v4, model)) {
    add_type(object, traits.inner_default);
    return;
  }
  const model::Api api = model::api_of(traits.target);
  add_type(object, model.class_of(api));
  add_types_to_members(object, model::root_of(api), api, model);
}

} // namespace

bool is_by_value(const json::Object& object, model::Version version, const model::Model& model) {
  if (version == model::Version::v5) {
    const json::Value* type = object.find("@type");
    const std::string* text = type != nullptr ? type->if_string() : nullptr;
    if (text != nullptr && model.is_class(*text))
      return true;
  }
  return std::any_of(object.begin(), object.end(),
                     [&](const json::Member& member) { return model.is_of_entity(member.name); });
}

void add_types(json::Object& item, graph::ElementKind kind, model::Api api,
               const model::Model& model) {
  const model::KindTraits& traits = model.traits_of(kind, api);
  if (traits.build == model::Build::reference) {
    const bool entity =
        traits.target == model::family_service || traits.target == model::family_resource;
    if (entity)
      add_types_to_reference(item, traits, model);
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
  add_types_to_members(item, kind, api, model);
  if (traits.build == model::Build::part)
    return;
  const std::string_view name = model.dictionary().text(traits.inner);
  json::Value* inner = item.find(name);
  json::Object* reference = inner != nullptr ? inner->if_object() : nullptr;
  if (reference == nullptr)
    return;
  if (traits.build == model::Build::relation)
    add_types_to_reference(*reference, traits, model);
  else
    add_type(*reference, traits.inner_default);
}

} // namespace diffo::tmf
