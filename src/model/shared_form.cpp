#include "model/shared_form.h"

#include "model/declared.h"
#include "model/kinds.h"
#include "model/words.h"

#include <string>
#include <string_view>

namespace diffo::model {
namespace {

using graph::ElementDefinition;
using graph::PropertyDefinition;
using graph::PropertySource;

constexpr std::int64_t tmf_version = 4; // of what the links name

PropertyDefinition constant(std::string property, json::Value value) {
  return {.property = std::move(property), .constant = std::move(value)};
}

void add_instance(ElementDefinition& element, const char* type) {
  element.properties.push_back(constant("type", type));
  element.properties.push_back({.property = "which", .source = PropertySource::which});
  element.as_owner = "instance";
}

/// `type`: empty where the record's own says it.
void add_specification(ElementDefinition& element, std::string_view type) {
  if (!type.empty())
    element.properties.push_back(constant("type", type));
  const auto version = [&element](const char* property, std::size_t part, int otherwise) {
    element.properties.push_back({.property = property,
                                  .source = PropertySource::version_part,
                                  .constant = otherwise,
                                  .word = words::number_of("version"),
                                  .part = part});
  };
  version("majorVersion", 0, 1);
  version("minorVersion", 1, 0);
  version("patchVersion", 2, 0);
  element.properties.push_back(constant("tmfVersion", tmf_version));
}

void add_characteristic(ElementDefinition& element) {
  for (graph::FieldDefinition& field : element.fields)
    if (field.word == words::value) {
      field.encoding = graph::PropertyEncoding::tagged;
      field.list_property = "values";
    }
  element.properties.push_back({.property = "type", .source = PropertySource::owner_word});
  element.properties.push_back(
      {.property = "isArray", .source = PropertySource::has_list, .word = words::value});
  element.alternatives.push_back({.labels = {"Provider", "AssignableCharacteristic"},
                                  .members = {{"assignableType", "type"}},
                                  .aside = {"thing"}}); // a pool
}

void add_relation(ElementDefinition& element) {
  element.properties.push_back({.property = "targetType", .source = PropertySource::target_word});
  element.properties.push_back({.property = "targetHref", .source = PropertySource::target_link});
  element.as_owner = "relationship";
}

/// A text that is the id of a party, where it is one.
void add_named_party(ElementDefinition& element, graph::Word field, const char* relationship) {
  element.named_family = family_party;
  element.naming_field = field;
  element.target_relationship_type = relationship;
  element.target_points_here = true;
}

/// A geometry: points are the `location` of a place, areas its `bounds`.
void add_bounds(ElementDefinition& element) {
  for (graph::FieldDefinition& field : element.fields)
    if (field.property == "location")
      field.list_property = "bounds";
}

/// Where the kind of a characteristic is declared: in the kind of the instance, or in its feature.
const Field* declared_field(const DeclaredKind& kind, const graph::ElementView& owner,
                            std::string_view name) {
  if (owner.part() == 0)
    return kind.characteristic(name);
  const Feature* feature =
      owner.kind() == kinds::feature ? kind.feature(owner.field(words::name).text()) : nullptr;
  if (feature == nullptr)
    return nullptr;
  for (const Field& field : feature->characteristics)
    if (field.name == name)
      return &field;
  return nullptr;
}

std::vector<std::string> labels_of(const DeclaredKinds& declared, const DeclaredKind& kind) {
  const Domain& domain = declared.domain_of(kind);
  std::vector<std::string> labels = {domain.name, kind.name};
  if (domain.provider)
    labels.emplace_back("Provider");
  return labels;
}

/// domain.md §9: pools and what is of a characteristic kind are nodes of their own kinds.
graph::DeclaredForm form_of_part(const DeclaredKinds& declared, const graph::ElementView& root,
                                 const graph::ElementView& owner, const graph::ElementView& part) {
  const DeclaredKind* kind =
      part.kind() == kinds::characteristic ? declared.kind_of(root) : nullptr;
  const graph::ValueView value = part.field(words::value);
  if (kind == nullptr || (value && value.kind() != json::Kind::object))
    return {};
  const std::string name = part.field(words::name).text();
  if (const Pool* pool = owner.part() == 0 ? kind->pool(name) : nullptr)
    return {.labels = {"Provider", "AssignableCharacteristic"},
            .properties = {{"thing", pool->thing}}};
  const Field* field = declared_field(*kind, owner, name);
  if (field == nullptr || field->type.scalar != Scalar::kind || field->type.array)
    return {};
  const DeclaredKind* type = declared.named(field->type.kind);
  return type == nullptr ? graph::DeclaredForm{}
                         : graph::DeclaredForm{.labels = labels_of(declared, *type)};
}

} // namespace

graph::DeclaredForms shared_forms(const DeclaredKinds& declared) {
  return {.root_labels =
              [&declared](const graph::ElementView& root) {
                const DeclaredKind* kind = declared.kind_of(root);
                if (kind == nullptr)
                  return std::vector<std::string>();
                std::vector<std::string> labels = labels_of(declared, *kind);
                labels.emplace_back("Instance");
                return labels;
              },
          .part =
              [&declared](const graph::ElementView& root, const graph::ElementView& owner,
                          const graph::ElementView& part) {
                return form_of_part(declared, root, owner, part);
              }};
}

void add_shared_form(graph::FamilyDefinition& family) {
  switch (family.family) {
  case family_service:
    family.shared_link = "serviceInventoryManagement/v4/service/";
    break;
  case family_resource:
    family.shared_link = "resourceInventoryManagement/v4/resource/";
    break;
  case family_party:
  case family_place:
    family.shared_key = "key";
    break;
  case family_entity:
    family.shared_key = "string";
    break;
  case family_specification:
    family.shared_unique = {"name", "majorVersion"};
    break;
  default:
    break;
  }
}

void add_shared_form(ElementDefinition& element) {
  switch (element.kind) {
  case kinds::service:
    return add_instance(element, "service");
  case kinds::resource:
    return add_instance(element, "resource");
  case kinds::specification:
    return add_specification(element, {});
  case kinds::service_specification:
    return add_specification(element, "serviceSpecification");
  case kinds::resource_specification:
    return add_specification(element, "resourceSpecification");
  case kinds::characteristic:
    return add_characteristic(element);
  case kinds::feature:
    element.as_owner = "feature";
    return;
  case kinds::service_relation:
  case kinds::resource_relation:
    return add_relation(element);
  case kinds::note:
    element.has_times = false;
    return add_named_party(element, words::number_of("author"), "AUTHORS");
  case kinds::external_identifier:
    return add_named_party(element, words::number_of("owner"), "OWNS");
  case kinds::process_status:
    element.has_times = false;
    return;
  case kinds::assignment:
    return add_relation(element);
  case kinds::defined_simple_relation:
    element.aside = {"characteristic"};
    return add_relation(element);
  case kinds::place:
    return add_bounds(element);
  case kinds::geographic_location:
    add_bounds(element);
    // Others name no form of the geometry there, and fail over words that they do not know.
    element.properties.push_back(constant("type", "GeographicLocation"));
    [[fallthrough]];
  case kinds::individual:
  case kinds::organization:
  case kinds::geographic_address:
  case kinds::geographic_site:
    element.aside = {"href", "referredType"}; // the record's own follow from where it is
    return;
  case kinds::assignment_root:
    element.properties.push_back(constant("type", "assignedTo"));
    return add_relation(element);
  case kinds::assigner:
    element.target_points_here = true;
    [[fallthrough]];
  case kinds::assignee:
    element.target_relationship_type = "RELATES";
    [[fallthrough]];
  case kinds::expects:
    element.ours_alone = true;
    return;
  default:
    return;
  }
}

} // namespace diffo::model
