#include "query/attribute_access.h"

#include "model/homes.h"
#include "model/vocabulary.h"
#include "model/words.h"
#include "tmf/emit.h"

#include <vector>

namespace diffo::query {
AttributeHome home_of(std::string_view attribute, model::Api api, model::Version version,
                      const graph::Dictionary& dictionary) {
  const graph::ElementKind owner =
      api == model::Api::service ? model::kinds::service : model::kinds::resource;
  if (attribute == "id")
    return AttributeHome::id;
  if (attribute == "href")
    return AttributeHome::href;
  const auto word = dictionary.find(attribute);
  if (!word)
    return AttributeHome::unmodelled;
  if (model::is_field(owner, *word)) {
    if (*word == model::words::service_date)
      return AttributeHome::birth;
    if (*word == model::words::type)
      return AttributeHome::type;
    return model::has_vocabulary(attribute) ? AttributeHome::word : AttributeHome::field;
  }
  const bool derived = attribute == "places" || attribute == "internalState" ||
                       attribute == "internalOperatingStatus";
  if (derived || model::home_kind(owner, *word, api, version) != 0)
    return AttributeHome::rendered;
  return AttributeHome::unmodelled;
}

std::string_view root_class(model::Api api) {
  return api == model::Api::service ? "Service" : "Resource";
}

bool is_class(std::string_view type, std::string_view base_type, std::string_view wanted,
              model::Api api) {
  const bool logical = type == "SoftwareResource" || type == "ResourceFunction";
  return type == wanted || base_type == wanted || wanted == root_class(api) ||
         (api == model::Api::resource && logical && wanted == "LogicalResource");
}

tmf::FieldSelection selection_for(std::span<const std::string> attributes) {
  std::vector<std::string_view> names(attributes.begin(), attributes.end());
  // An extension is shown only beside the attribute that it explains.
  for (const std::string& attribute : attributes) {
    if (attribute == "internalState")
      names.emplace_back("state");
    if (attribute == "internalOperatingStatus")
      names.emplace_back("operatingStatus");
  }
  return tmf::FieldSelection::only(names);
}

json::Value render_attributes(const graph::Record& record, const tmf::FieldSelection& selection,
                              model::Version version) {
  return tmf::document_of(record, version, tmf::EmitContext{}, &selection);
}

} // namespace diffo::query
