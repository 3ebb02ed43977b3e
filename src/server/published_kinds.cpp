#include "server/published_kinds.h"

#include "model/declared.h"
#include "model/typed_value.h"
#include "tmf/decode.h"
#include "tmf/same_content.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::string_view last_update = "lastUpdate";
constexpr double largest_exact = 9007199254740992.0;

/// The words of TMF633 for the types of values.
std::string_view value_type_of(model::Scalar scalar) {
  switch (scalar) {
  case model::Scalar::symbol:
  case model::Scalar::string:
  case model::Scalar::uuid:
  case model::Scalar::ip:
    return "string";
  case model::Scalar::integer:
    return "integer";
  case model::Scalar::number:
    return "number";
  case model::Scalar::boolean:
    return "boolean";
  case model::Scalar::date_time:
    return "dateTime";
  case model::Scalar::any:
    return "any";
  case model::Scalar::kind:
    break;
  }
  return "object";
}

json::Object value_specification(std::string_view value_type) {
  return {{"@type", "CharacteristicValueSpecification"}, {"valueType", value_type}};
}

/// valueFrom and valueTo are whole numbers (TMF633 v4).
void add_bound(json::Object& range, std::string_view name, const std::optional<double>& bound) {
  if (bound && std::trunc(*bound) == *bound && std::abs(*bound) < largest_exact)
    range.set(name, static_cast<std::int64_t>(*bound));
}

/// What values there may be: those that are listed, a range, what counts when none is given.
json::Array values_of(const model::Field& field, const model::DeclaredKinds& kinds) {
  json::Array values;
  const std::string_view type = value_type_of(field.type.scalar);
  for (const json::Value& value : field.type.one_of) {
    json::Object one = value_specification(type);
    one.set("value", value);
    one.set("isDefault", field.otherwise && *field.otherwise == value);
    values.emplace_back(std::move(one));
  }
  if (field.type.min || field.type.max) {
    json::Object range = value_specification(type);
    add_bound(range, "valueFrom", field.type.min);
    add_bound(range, "valueTo", field.type.max);
    values.emplace_back(std::move(range));
  }
  if (field.otherwise && field.type.one_of.empty()) {
    json::Object otherwise = value_specification(type);
    otherwise.set("value", model::default_of(kinds, field));
    otherwise.set("isDefault", true);
    values.emplace_back(std::move(otherwise));
  }
  return values;
}

json::Object characteristic_of(const model::Field& field, const model::DeclaredKinds& kinds) {
  json::Object made{{"@type", "CharacteristicSpecification"},
                    {"name", field.wire_name()},
                    {"valueType", value_type_of(field.type.scalar)},
                    {"configurable", true},
                    {"minCardinality", field.required ? 1 : 0}};
  if (!field.type.array)
    made.set("maxCardinality", 1);
  else if (field.type.max_length)
    made.set("maxCardinality", static_cast<std::int64_t>(*field.type.max_length));
  if (!field.about.empty())
    made.set("description", field.about);
  if (!field.type.pattern.empty())
    made.set("regex", field.type.pattern);
  if (!field.type.kind.empty())
    made.set("@valueSchemaLocation", "/diffo/v1/kinds/" + field.type.kind);
  if (json::Array values = values_of(field, kinds); !values.empty())
    made.set("characteristicValueSpecification", std::move(values));
  return made;
}

json::Array characteristics_of(const std::vector<model::Field>& fields,
                               const model::DeclaredKinds& kinds) {
  json::Array made;
  for (const model::Field& field : fields)
    made.emplace_back(characteristic_of(field, kinds));
  return made;
}

json::Array features_of(const model::DeclaredKind& kind, const model::DeclaredKinds& kinds) {
  json::Array made;
  for (const model::Feature& feature : kind.features) {
    json::Object one{{"@type", "FeatureSpecification"},
                     {"name", feature.name},
                     {"isBundle", false},
                     {"isEnabled", feature.enabled}};
    if (json::Array characteristics = characteristics_of(feature.characteristics, kinds);
        !characteristics.empty())
      one.set("featureSpecCharacteristic", std::move(characteristics));
    made.emplace_back(std::move(one));
  }
  return made;
}

json::Array characteristics_of(const model::DeclaredKind& kind, const model::DeclaredKinds& kinds) {
  json::Array made = characteristics_of(kind.characteristics, kinds);
  // What a pool hands out shows as a characteristic of its name.
  for (const model::Pool& pool : kind.pools)
    made.emplace_back(json::Object{{"@type", "CharacteristicSpecification"},
                                   {"name", pool.name},
                                   {"valueType", "object"},
                                   {"configurable", true},
                                   {"minCardinality", 0},
                                   {"maxCardinality", 1},
                                   {"description", "The pool that hands out: " + pool.thing}});
  return made;
}

} // namespace

Result<graph::RecordDraft> specification_of(const model::DeclaredKind& kind,
                                            const model::Model& model,
                                            const graph::Context& context) {
  const model::Specification& specification = *kind.specification;
  const bool service = kind.half == model::Half::service;
  json::Object document{
      {"id", specification.id},
      {"@type", service ? "ServiceSpecification" : "ResourceSpecification"},
      {"name", specification.name},
      {"version", specification.version()},
      {"lifecycleStatus", "Active"},
  };
  if (!specification.description.empty())
    document.set("description", specification.description);
  if (!specification.category.empty())
    document.set("category", specification.category);
  document.set(service ? "specCharacteristic" : "resourceSpecCharacteristic",
               characteristics_of(kind, model.declared()));
  document.set("featureSpecification", features_of(kind, model.declared()));
  document.set(
      service ? "targetEntitySchema" : "targetResourceSchema",
      json::Object{{"@type", kind.name}, {"@schemaLocation", "/diffo/v1/kinds/" + kind.name}});
  graph::RecordDraft draft = TRY(
      tmf::decode(std::move(document),
                  service ? model::Api::service_specification : model::Api::resource_specification,
                  service ? model::Version::v4 : model::Version::v5, model.schema(), context));
  draft.key.tenant = 0; // declared for all
  return draft;
}

bool says_the_same(const graph::Record& present, const graph::RecordDraft& draft,
                   const graph::Schema& schema) {
  const auto undated = [](graph::Element root) {
    std::erase_if(root.extra, [](const json::Member& one) { return one.name == last_update; });
    return root;
  };
  return tmf::equal_elements(undated(present.root(schema.dictionary()).to_draft()),
                             undated(draft.root));
}

} // namespace diffo::server
