#include "model/domain/kind_schema.h"

#include "model/field_place.h"

#include <algorithm>

namespace diffo::model {
namespace {

json::Object of_type(std::string_view type) {
  json::Object out;
  out.set("type", type);
  return out;
}

/// Writes schemas of types, and remembers the kinds that they name.
class Writer {
public:
  explicit Writer(const DomainModel& model) : model_(model) {}

  json::Object type(const Type& type) {
    if (!type.array)
      return one(type);
    Type item = type;
    item.array = false;
    item.min_length = item.max_length = std::nullopt;
    json::Object out = of_type("array");
    out.set("items", one(item));
    if (type.min_length)
      out.set("minItems", std::int64_t{*type.min_length});
    if (type.max_length)
      out.set("maxItems", std::int64_t{*type.max_length});
    return out;
  }

  json::Object field(const Field& field) {
    json::Object out = type(field.type);
    if (!field.about.empty())
      out.set("description", field.about);
    if (field.otherwise)
      out.set("default", on_the_wire([this](std::string_view name) { return find(name); },
                                     field.type, *field.otherwise));
    return out;
  }

  /// The value of a characteristic kind: its fields, those of groups within these.
  json::Object value(const DeclaredKind& kind) {
    json::Object properties;
    json::Array required;
    for (const Field& one : kind.fields) {
      if (group_of(kind, one.name).first != nullptr)
        continue;
      properties.set(one.wire_name(), field(one));
      if (one.required)
        required.emplace_back(one.wire_name());
    }
    for (const Group& group : kind.groups)
      properties.set(group.name, members(kind, group));
    json::Object out = of_type("object");
    out.set("properties", std::move(properties));
    if (!required.empty())
      out.set("required", std::move(required));
    out.set("additionalProperties", false);
    return out;
  }

  /// What the kinds that were named look like; writing them may name others.
  json::Object definitions() {
    json::Object out;
    for (std::size_t next = 0; next < named_.size(); ++next) {
      const std::string name = named_[next];
      const DeclaredKind* kind = find(name);
      out.set(name, kind != nullptr ? value(*kind) : of_type("object"));
    }
    return out;
  }

private:
  [[nodiscard]] const DeclaredKind* find(std::string_view name) const {
    for (const Domain& domain : model_.domains)
      if (const DeclaredKind* kind = domain.kind(name))
        return kind;
    return nullptr;
  }

  json::Object members(const DeclaredKind& kind, const Group& group) {
    json::Object properties;
    for (const auto& [name, member] : group.members)
      if (const Field* one = field_declared(kind, member))
        properties.set(name, field(*one));
    json::Object out = of_type("object");
    out.set("properties", std::move(properties));
    out.set("additionalProperties", false);
    return out;
  }

  json::Object one(const Type& type) {
    json::Object out = form(type);
    if (!type.one_of.empty())
      out.set("enum", json::Array(type.one_of));
    if (type.min)
      out.set("minimum", *type.min);
    if (type.max)
      out.set("maximum", *type.max);
    if (type.min_length)
      out.set("minLength", std::int64_t{*type.min_length});
    if (type.max_length)
      out.set("maxLength", std::int64_t{*type.max_length});
    if (!type.pattern.empty())
      out.set("pattern", "^(?:" + type.pattern + ")$");
    return out;
  }

  json::Object form(const Type& type) {
    json::Object out;
    switch (type.scalar) {
    case Scalar::symbol:
      out = of_type("string");
      if (type.pattern.empty())
        out.set("pattern", "^\\S+$");
      return out;
    case Scalar::string:
    case Scalar::ip:
      return of_type("string");
    case Scalar::integer:
      return of_type("integer");
    case Scalar::number:
      return of_type("number");
    case Scalar::boolean:
      return of_type("boolean");
    case Scalar::date_time:
      out = of_type("string");
      out.set("format", "date-time");
      return out;
    case Scalar::uuid:
      out = of_type("string");
      out.set("format", "uuid");
      return out;
    case Scalar::any:
      return out;
    case Scalar::kind:
      if (std::find(named_.begin(), named_.end(), type.kind) == named_.end())
        named_.push_back(type.kind);
      out.set("$ref", "#/$defs/" + type.kind);
      return out;
    }
    return out;
  }

  const DomainModel& model_;
  std::vector<std::string> named_;
};

/// An item of the list of characteristics: that of a name has a value of its type.
json::Object characteristic(const Field& field, Writer& writer) {
  json::Object named = of_type("object");
  named.set("properties",
            json::Object{{"name", json::Object{{"const", std::string(field.wire_name())}}}});
  named.set("required", json::Array{"name"});
  json::Object valued;
  valued.set("properties", json::Object{{"value", writer.field(field)}});
  json::Object out;
  out.set("if", std::move(named));
  out.set("then", std::move(valued));
  return out;
}

json::Object instance(const DeclaredKind& kind, Writer& writer) {
  json::Object properties;
  json::Array required;
  for (const Field& attribute : kind.attributes) {
    if (attribute.hidden)
      continue;
    properties.set(attribute.wire_name(), writer.field(attribute));
    if (attribute.required)
      required.emplace_back(attribute.wire_name());
  }
  json::Array items;
  for (const Field& one : kind.characteristics)
    items.emplace_back(characteristic(one, writer));
  if (!items.empty()) {
    json::Object list = of_type("array");
    list.set("items", json::Object{{"allOf", std::move(items)}});
    properties.set(kind.half == Half::service ? "serviceCharacteristic" : "resourceCharacteristic",
                   std::move(list));
  }
  json::Object out = of_type("object");
  out.set("properties", std::move(properties));
  if (!required.empty())
    out.set("required", std::move(required));
  return out;
}

} // namespace

json::Value kind_schema(const DomainModel& model, const DeclaredKind& kind) {
  Writer writer(model);
  json::Object shape =
      kind.base == Base::characteristic ? writer.value(kind) : instance(kind, writer);
  json::Object out;
  out.set("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.set("title", kind.name);
  if (!kind.about.empty())
    out.set("description", kind.about);
  for (auto& [name, member] : shape)
    out.set(name, std::move(member));
  json::Object definitions = writer.definitions();
  if (!definitions.empty())
    out.set("$defs", std::move(definitions));
  return out;
}

} // namespace diffo::model
