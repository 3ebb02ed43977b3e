#include "query/attribute_access.h"

#include "tmf/emit.h"

namespace diffo::query {
namespace {

tmf::FieldSelection selection_of(const std::vector<std::string>& attributes, model::Api api,
                                 const model::Model& model) {
  std::vector<std::string_view> names(attributes.begin(), attributes.end());
  // An extension is shown only beside the attribute that it explains.
  for (const std::string& attribute : attributes)
    if (const model::Attribute* explained = model.explained_by(api, attribute))
      names.push_back(explained->name);
  return tmf::FieldSelection::only(names);
}

} // namespace

AttributeHome home_of(std::string_view attribute, model::Api api, const model::Model& model) {
  const model::Attribute* row = model.first_level(api, attribute);
  if (row == nullptr)
    return AttributeHome::unmodelled;
  if (row->hidden)
    return AttributeHome::rendered; // and so never found by what nobody may see
  switch (row->home) {
  case model::Home::derived:
    return attribute == "id"     ? AttributeHome::id
           : attribute == "href" ? AttributeHome::href
                                 : AttributeHome::rendered;
  case model::Home::property:
    if (row->otherwise == model::Otherwise::created_at)
      return AttributeHome::birth;
    if (row->otherwise == model::Otherwise::class_name)
      return AttributeHome::type;
    return row->vocabulary != nullptr ? AttributeHome::word : AttributeHome::field;
  case model::Home::part:
  case model::Home::edge:
  case model::Home::inner:
    return AttributeHome::rendered;
  case model::Home::extra:
    break;
  }
  return AttributeHome::unmodelled;
}

std::vector<std::pair<std::string, std::string>>
shown_otherwise(const model::Vocabulary& vocabulary, model::Version version) {
  std::vector<std::pair<std::string, std::string>> shown;
  for (const model::Translation& one : vocabulary.translations)
    if (one.wire(version) != one.internal)
      shown.emplace_back(one.internal, one.wire(version));
  return shown;
}

std::optional<graph::FieldPath> stand_in_path(const model::Attribute& row, model::Version version) {
  const std::string_view source = model::source_of(row.stand_in(version));
  if (source.empty())
    return std::nullopt;
  if (source == "id")
    return graph::FieldPath{.end = graph::FieldPath::End::id};
  return graph::FieldPath{.end = graph::FieldPath::End::member, .member = std::string(source)};
}

AttributeRenderer::AttributeRenderer(const std::vector<std::string>& attributes, model::Api api,
                                     model::Version version, const graph::Schema& schema)
    : api_(api), version_(version), schema_(&schema),
      selection_(selection_of(attributes, api, model::model_of(schema))) {}

json::Value AttributeRenderer::operator()(const graph::Record& record) const {
  return tmf::document_of(record, version_, {.schema = *schema_}, &selection_);
}

json::Object AttributeRenderer::arguments() const {
  return json::Object{{"api", model::collection_of(api_)},
                      {"version", version_ == model::Version::v4 ? "v4" : "v5"}};
}

} // namespace diffo::query
