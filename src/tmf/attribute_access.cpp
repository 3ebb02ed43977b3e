#include "tmf/attribute_access.h"

#include "tmf/emit.h"
#include "tmf/homes.h"
#include "tmf/vocabulary.h"
#include "tmf/words.h"

#include <vector>

namespace diffo::tmf {
AttributeHome home_of(std::string_view attribute, Api api, Version version,
                      const graph::Dictionary& dictionary) {
  const graph::ElementKind owner = api == Api::service ? kinds::service : kinds::resource;
  if (attribute == "id")
    return AttributeHome::id;
  if (attribute == "href")
    return AttributeHome::href;
  const auto word = dictionary.find(attribute);
  if (!word)
    return AttributeHome::unmodelled;
  if (is_field(owner, *word)) {
    if (*word == words::service_date)
      return AttributeHome::birth;
    if (*word == words::type)
      return AttributeHome::type;
    return has_vocabulary(attribute) ? AttributeHome::word : AttributeHome::field;
  }
  const bool derived = attribute == "places" || attribute == "internalState" ||
                       attribute == "internalOperatingStatus";
  if (derived || home_kind(owner, *word, api, version) != 0)
    return AttributeHome::rendered;
  return AttributeHome::unmodelled;
}

std::string_view root_class(Api api) {
  return api == Api::service ? "Service" : "Resource";
}

bool is_class(std::string_view type, std::string_view base_type, std::string_view wanted, Api api) {
  const bool logical = type == "SoftwareResource" || type == "ResourceFunction";
  return type == wanted || base_type == wanted || wanted == root_class(api) ||
         (api == Api::resource && logical && wanted == "LogicalResource");
}

FieldSelection selection_for(std::span<const std::string> attributes) {
  std::vector<std::string_view> names(attributes.begin(), attributes.end());
  // An extension is shown only beside the attribute that it explains.
  for (const std::string& attribute : attributes) {
    if (attribute == "internalState")
      names.emplace_back("state");
    if (attribute == "internalOperatingStatus")
      names.emplace_back("operatingStatus");
  }
  return FieldSelection::only(names);
}

json::Value render_attributes(const graph::Record& record, const FieldSelection& selection,
                              Version version) {
  std::string text;
  emit(record, version, EmitContext{}, &selection, text);
  auto document = json::read(text);
  DIFFO_ASSERT(document.has_value());
  return std::move(document).value();
}

} // namespace diffo::tmf
