#include "base/uuid.h"
#include "model/domain/defaults.h"
#include "model/domain/verify_parts.h"
#include "model/model.h"
#include "model/typed_value.h"

#include <diffo/expectation.h>

#include <algorithm>

namespace diffo::model::verifying {
namespace {

constexpr std::string_view name_pattern = "^[a-z][a-zA-Z0-9]*$";

bool is_camel_case(std::string_view text) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && lower(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
    return lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

/// Version 4 and the variant of RFC 9562.
bool is_uuid4(std::string_view text) {
  Uuid uuid;
  return uuid.read(text) && uuid.version() == 4 && (uuid.bytes[8] >> 6U) == 2;
}

/// The row of a published attribute; a null pointer for none.
const Attribute* first_level(Half half, std::string_view name) {
  const Model& model = inventory_model();
  if (half == Half::service)
    return model.first_level(Api::service, name);
  return half == Half::resource ? model.first_level(Api::resource, name) : nullptr;
}

bool is_free_text(Half half, std::string_view name) {
  const Attribute* row = first_level(half, name);
  return row != nullptr && row->home == Home::property && row->reading == Reading::text &&
         !row->is_enumerated();
}

/// Fields of one list: their names, and their names on the wire.
void verify_fields(const std::vector<Field>& fields, std::string_view section, const Known& known,
                   const Report& report) {
  Names names;
  Names wire_names;
  const std::string name(section);
  for (const Field& field : fields) {
    const Report here = report.in(field.name, field.at);
    if (!names.add(field.name))
      report.problem(name + ": name :" + field.name + " is declared more than once");
    else if (!wire_names.add(field.wire_name()))
      here.problem(name + ": another is called " + std::string(field.wire_name()) + " on the wire");
    verify_field(field, name + ": ", known, here);
  }
}

} // namespace

bool is_published(const DeclaredKind& kind, std::string_view attribute) {
  constexpr std::string_view of_parties_and_places[] = {"id",   "href",         "name",
                                                        "type", "referredType", "@type"};
  const std::string name = camel_case(attribute);
  if (kind.base == Base::instance)
    return first_level(kind.half, attribute) != nullptr ||
           first_level(kind.half, name) != nullptr || name == "which" || name == "type" ||
           name == "lifecycleState";
  return std::find(std::begin(of_parties_and_places), std::end(of_parties_and_places), name) !=
         std::end(of_parties_and_places);
}

void verify_specification(const DeclaredKind& kind, const Report& report) {
  if (!kind.specification)
    return;
  const Specification& specification = *kind.specification;
  const Report here = report.in("specification", specification.at);
  const auto problem = [&here](const std::string& what) { here.problem("specification: " + what); };
  if (!is_uuid4(specification.id))
    problem("id must be a valid UUID4");
  if (!is_camel_case(specification.name))
    problem("name - must match the pattern " + std::string(name_pattern));
  const std::string& type = specification.type;
  if (type != "serviceSpecification" && type != "resourceSpecification")
    problem("type - atom must be one of serviceSpecification, resourceSpecification, got: " + type);
  const auto at_least = [&problem](std::string_view name, std::int64_t least,
                                   std::optional<std::int64_t> value) {
    if (value && *value < least)
      problem(std::string(name) + " - must be greater than or equal to " + std::to_string(least));
  };
  at_least("major_version", 0, specification.major_version);
  at_least("minor_version", 0, specification.minor_version);
  at_least("patch_version", 0, specification.patch_version);
  at_least("tmf_version", 1, specification.tmf_version);
  const std::string_view expected = defaults::specification_type(kind.half);
  if (!expected.empty() && type != expected)
    problem(std::string("a ") + (kind.half == Half::service ? "service" : "resource") +
            " instance must declare type :" + std::string(expected) + ", got :" + type);
}

/// What only attributes of the first level can have.
void verify_shown(const Field& field, std::string_view begins, const Report& report) {
  if (field.hidden)
    report.problem(std::string(begins) + "only an attribute can be hidden");
}

/// A characteristic is called alike in the model, in documents and by actions.
void verify_characteristic(const Field& characteristic, std::string_view begins,
                           const Report& report) {
  verify_shown(characteristic, begins, report);
  if (!characteristic.as.empty() && characteristic.as != characteristic.name)
    report.problem(std::string(begins) +
                   "a characteristic shows under its own name: as is of fields and attributes");
}

void verify_attributes(const DeclaredKind& kind, const Known& known, const Report& report) {
  const Report section = report.in("attributes");
  verify_fields(kind.attributes, "attributes", known, section);
  for (const Field& attribute : kind.attributes)
    if (is_published(kind, attribute.name) || is_published(kind, attribute.wire_name()))
      section.in(attribute.name, attribute.at)
          .problem("attributes: " + std::string(attribute.wire_name()) +
                   " is there already and cannot be declared again");
}

void verify_characteristic_kind(const DeclaredKind& kind, const Known& known,
                                const Report& report) {
  verify_fields(kind.fields, "fields", known, report.in("fields"));
  for (const Field& field : kind.fields)
    verify_shown(field, "fields: ", report.in("fields").in(field.name, field.at));
  const Report section = report.in("value");
  Names groups;
  Names grouped;
  for (const Group& group : kind.groups) {
    const Report here = section.in(group.name, group.at);
    if (!is_name(group.name))
      here.problem("value: " + std::string(name_rule));
    if (!groups.add(group.name))
      section.problem("value: name :" + group.name + " is declared more than once");
    if (group.members.empty())
      here.problem("value: has no members");
    Names members;
    for (const auto& [name, field] : group.members) {
      if (!members.add(name))
        here.problem("value: member :" + name + " is declared more than once");
      if (std::none_of(kind.fields.begin(), kind.fields.end(),
                       [&wanted = field](const Field& one) { return one.name == wanted; }))
        here.problem("value: field " + field + " does not exist");
      else if (!grouped.add(field))
        here.problem("value: field " + field + " is in several groups");
    }
  }
  for (const Field& field : kind.fields)
    if (!grouped.contains(field.name) && groups.contains(field.wire_name()))
      section.problem("value: :" + std::string(field.wire_name()) + " is a field, too");
}

void verify_characteristics(const DeclaredKind& kind, const Known& known, const Report& report) {
  verify_fields(kind.characteristics, "characteristics", known, report.in("characteristics"));
  Names pools;
  for (const Pool& pool : kind.pools)
    pools.add(pool.name);
  const Report section = report.in("characteristics");
  for (const Field& characteristic : kind.characteristics) {
    verify_characteristic(characteristic,
                          "characteristics: ", section.in(characteristic.name, characteristic.at));
    if (pools.contains(characteristic.name))
      section.problem("characteristics: name :" + characteristic.name + " is that of a pool");
  }
}

void verify_features(const DeclaredKind& kind, const Known& known, const Report& report) {
  const Report section = report.in("features");
  Names features;
  for (const Feature& feature : kind.features) {
    const Report here = section.in(feature.name, feature.at);
    if (!is_name(feature.name))
      here.problem("features: " + std::string(name_rule));
    if (!features.add(feature.name))
      section.problem("features: name :" + feature.name + " is declared more than once");
    Names names;
    for (const Field& characteristic : feature.characteristics) {
      if (!names.add(characteristic.name))
        here.problem("features: characteristic name :" + characteristic.name +
                     " is declared more than once in :" + feature.name);
      const Report inside = here.in("characteristics").in(characteristic.name, characteristic.at);
      verify_field(characteristic, "features: characteristic ", known, inside);
      verify_characteristic(characteristic, "features: ", inside);
    }
  }
}

/// What is made or compared as a text must be one that instances hold.
void verify_text_attribute(const DeclaredKind& kind, const std::string& name,
                           const std::string& section, const Report& report) {
  const Field* own = kind.attribute(name);
  if (own == nullptr && !is_published(kind, name))
    return report.problem(section + ": attribute " + name + " does not exist");
  const bool text = own != nullptr
                        ? !own->type.array && (own->type.scalar == Scalar::string ||
                                               own->type.scalar == Scalar::symbol)
                        : kind.base != Base::instance || is_free_text(kind.half, camel_case(name));
  if (!text)
    report.problem(section + ": attribute " + name + " is no text that can be chosen");
}

void verify_generated_and_policy(const DeclaredKind& kind, const Report& report) {
  Names generated;
  for (const Generated& one : kind.generated) {
    const Report here = report.in("generate").in(one.attribute, one.at);
    if (!generated.add(one.attribute))
      here.problem("generate: name :" + one.attribute + " is declared more than once");
    verify_text_attribute(kind, one.attribute, "generate", here);
    if (one.digits < 1 || one.digits > 64)
      here.problem("generate: digits must be 1 to 64");
  }
  if (kind.policy && kind.policy->of == Policy::Of::owner)
    verify_text_attribute(kind, kind.policy->attribute, "policy",
                          report.in("policy", kind.policy->at));
}

namespace {

/// Why what is expected of an instance can say nothing under the name; nothing: it can.
std::string not_compared(const DeclaredKind& kind, std::string_view name, const Known& known) {
  if (name.find('.') != std::string_view::npos)
    return find_value(kind, name, known).message;
  const bool is_there =
      is_published(kind, name) || kind.attribute(name) != nullptr ||
      kind.characteristic(name) != nullptr || kind.pool(name) != nullptr ||
      std::any_of(kind.inherited_characteristics.begin(), kind.inherited_characteristics.end(),
                  [name](const Inherited& one) { return one.name == name; });
  return is_there ? "" : std::string(name) + " is no attribute or characteristic of the kind";
}

void verify_compared(const DeclaredKind& kind, const Known& known, const Report& report) {
  Names names;
  for (const std::string& name : kind.expect)
    if (!names.add(name))
      report.in("expect").problem("expect: " + name + " is named more than once");
    else if (const std::string why = not_compared(kind, name, known); !why.empty())
      report.in("expect").problem("expect: " + why);
  for (const auto& [attribute, matcher] : kind.customize)
    if (const std::string why = not_compared(kind, attribute, known); !why.empty())
      report.in("customize").in(attribute).problem("customize: " + why);
    else if (const auto compiled = outstanding::Expectation::compile(matcher); !compiled)
      report.in("customize").in(attribute).problem("customize: " + compiled.error().text());
}

void verify_sources(const DeclaredKind& kind, const Known& known, const Report& report) {
  Names attributes;
  for (const Sources& one : kind.sources) {
    const Report here = report.in("sources").in(one.attribute);
    if (!attributes.add(one.attribute))
      here.problem("sources: name :" + one.attribute + " is declared more than once");
    if (one.sources.empty())
      here.problem("sources: names nobody");
    Names names;
    for (const std::string& source : one.sources)
      if (!names.add(source))
        here.problem("sources: " + source + " is named more than once");
    if (one.attribute == "*" || is_published(kind, one.attribute))
      continue;
    if (const Found found = find_value(kind, one.attribute, known); !found.exists)
      here.problem("sources: " + found.message);
  }
}

} // namespace

void verify_observed(const DeclaredKind& kind, const Known& known, const Report& report) {
  verify_compared(kind, known, report);
  verify_sources(kind, known, report);
  Names indexes;
  for (const std::string& index : kind.indexes) {
    const Report here = report.in("indexes").in(index);
    if (!indexes.add(index))
      here.problem("indexes: " + index + " is declared more than once");
    if (kind.attribute(index) == nullptr && is_published(kind, index)) {
      here.problem("indexes: " + index + " is indexed already, or cannot be");
      continue;
    }
    const Found found = find_value(kind, index, known);
    if (!found.exists) {
      here.problem("indexes: " + found.message);
      continue;
    }
    const bool scalar =
        !found.types.empty() &&
        std::all_of(found.types.begin(), found.types.end(), [](const Type* type) {
          return !type->array && type->scalar != Scalar::kind && type->scalar != Scalar::any;
        });
    if (!scalar)
      here.problem("indexes: " + index + " is no single value");
  }
}

} // namespace diffo::model::verifying
