// The schemas of the entities, derived from the table of attributes. An answer promises only what
// is enforced: what a client omits, and what stands off its enumeration below the first level, is
// kept as it came (wire.md §3). Further members are allowed everywhere, and none of the schemas
// says so: of one that does, openapi-generator makes a Java class that is a map
// (docs/reference/clients.md).
#include "model/split.h"
#include "openapi/openapi_parts.h"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace diffo::openapi::openapi {
namespace {

using json::Array;
using json::Object;
using json::Value;
using model::Attribute;
using model::Form;
using model::Of;

enum class Use : std::uint8_t { answer, create, change };

/// A shape of values that is no kind of elements.
struct ValueShape {
  graph::ElementKind shape;
  std::string_view name;
  std::string_view about;
};
constexpr ValueShape value_shapes[] = {
    {model::shapes::time_period, "TimePeriod", "A span of time."},
    {model::shapes::quantity, "Quantity", "An amount in a unit."},
};

Value described(Value schema, std::string_view description) {
  schema.object().set("description", description);
  return schema;
}

Value array_of(Value items) {
  return Object{{"type", "array"}, {"items", std::move(items)}};
}

/// What stands below the first level may be null.
Value nullable(Value schema) {
  if (schema.find("$ref") != nullptr)
    schema = Object{{"allOf", Array{std::move(schema)}}};
  schema.object().set("nullable", true);
  return schema;
}

class EntitySchemas {
public:
  EntitySchemas(const model::Model& model, model::Api api, model::Version version)
      : model_(model), api_(api), version_(version) {}

  Object build() {
    const graph::ElementKind root = model::root_of(api_);
    const model::Kind& kind = *model_.kind(root);
    const std::string name(kind.schema);
    schemas_.set(name, entity(root, kind.about));
    schemas_.set(name + "Create",
                 Object{{"type", "object"},
                        {"description",
                         "An entity to be created; the server gives it an id if it has none."},
                        {"properties", root_properties(root, Use::create)},
                        {"required", demanded(root)}});
    schemas_.set(name + "Change",
                 Object{{"type", "object"},
                        {"description",
                         "The attributes that change; null removes one (RFC 7396). What cannot "
                         "change may be repeated."},
                        {"properties", root_properties(root, Use::change)}});
    while (!wanted_.empty()) {
      const Wanted next = wanted_.front();
      wanted_.pop_front();
      schemas_.set(next.name, item(next));
    }
    for (const auto& [schema, attribute] : enumerations_)
      schemas_.set(schema, enumeration(*attribute));
    return std::move(schemas_);
  }

private:
  /// The schema of the items of a kind that is still to be written.
  struct Wanted {
    std::string name;
    graph::ElementKind kind = 0;
    Of of = Of::around;
    std::string_view about;
  };

  /// `fields` may leave out everything but these.
  Value entity(graph::ElementKind root, std::string_view about) {
    Array always{"id", "href"};
    if (version_ == model::Version::v5)
      always.emplace_back("@type");
    return Object{{"type", "object"},
                  {"description", about},
                  {"required", std::move(always)},
                  {"properties", root_properties(root, Use::answer)}};
  }

  Object root_properties(graph::ElementKind root, Use use) {
    Object properties;
    for (const Attribute& row : model_.attributes_of(root)) {
      const bool extension = is_extension(row);
      if (!row.only_class.empty() || (!row.is_in(version_) && !extension) || !is_part_of(row, use))
        continue;
      Value schema = extension ? extension_of(row, use) : first_level(row, use);
      // On the first level null is absence, and what a merge patch removes by.
      const bool may_be_null = use != Use::answer && !row.is_demanded(version_);
      properties.set(row.name, may_be_null && !schema.object().empty() ? nullable(std::move(schema))
                                                                       : std::move(schema));
    }
    return properties;
  }

  /// Shown beside what the version publishes, where it says more than that can.
  [[nodiscard]] bool is_extension(const Attribute& row) const {
    return row.home == model::Home::derived && !row.is_in(version_) &&
           (row.holds == 0 || version_ == model::Version::v4);
  }

  [[nodiscard]] bool is_part_of(const Attribute& row, Use use) const {
    if (use == Use::answer)
      return true;
    if (row.name == "href" || is_set_by_server(row))
      return false;
    // A type is repeated by whoever follows the published files; an extension is ignored.
    return use == Use::create || (!(row.fixed && row.name != "@type") && !is_extension(row));
  }

  /// TMF638 v5 has no serviceDate in what is sent.
  [[nodiscard]] bool is_set_by_server(const Attribute& row) const {
    return version_ == model::Version::v5 && row.otherwise == model::Otherwise::created_at;
  }

  Value extension_of(const Attribute& row, Use use) {
    if (row.holds != 0) // another thing of that name is kept, too
      return described(Object{}, "All of them, as a list, where there are several.");
    // Of what is sent it counts where it explains the word beside it, else it is passed over.
    return described(use == Use::answer ? Object{{"type", "string"}} : Object{},
                     "What the word beside it hides.");
  }

  Value first_level(const Attribute& row, Use use) {
    if (row.is_enumerated()) {
      enumerations_.emplace(row.schema, &row);
      const Value one = reference("schemas", row.schema);
      return row.form(version_) == Form::texts ? array_of(one) : one;
    }
    Value schema = of_form(row);
    if (use == Use::create && row.name == "id") { // wire.md §1
      schema.object().set("minLength", 1);
      schema.object().set("maxLength", 255);
      schema.object().set("pattern", "^[^/?#\\u0000-\\u001f\\u007f-\\u009f]+$");
    }
    // A date that is none is kept as it came.
    if (use != Use::answer && (row.schema == "date-time" || row.schema == "uri"))
      schema.object().set("format", row.schema);
    return schema;
  }

  Value of_form(const Attribute& row) {
    switch (row.form(version_)) {
    case Form::text:
      return Object{{"type", "string"}};
    case Form::boolean:
      return Object{{"type", "boolean"}};
    case Form::number:
      return Object{{"type", "number"}};
    case Form::texts:
      return array_of(nullable(Object{{"type", "string"}}));
    case Form::object:
      return object_of(row);
    case Form::objects:
      return array_of(nullable(object_of(row)));
    case Form::none:
    case Form::any:
      break;
    }
    return Object{};
  }

  Value object_of(const Attribute& row) {
    if (row.home == model::Home::inner)
      return reference_to(row.owner, Of::reference);
    return row.holds != 0 ? reference_to(row.holds) : Value(Object{{"type", "object"}});
  }

  Value reference_to(graph::ElementKind kind, Of of = Of::around) {
    Wanted wanted{{}, kind, of, {}};
    if (const model::Kind* known = model_.kind(kind)) {
      wanted.name = known->schema;
      wanted.about = known->about;
    }
    for (const ValueShape& shape : value_shapes)
      if (shape.shape == kind) {
        wanted.name = shape.name;
        wanted.about = shape.about;
      }
    if (of == Of::reference) {
      wanted.name += "Target";
      wanted.about = "What it leads to, by reference or by value.";
    }
    Value result = reference("schemas", wanted.name);
    if (named_.insert(wanted.name).second)
      wanted_.push_back(std::move(wanted));
    return result;
  }

  Value item(const Wanted& wanted) {
    const bool flat = model_.traits_of(wanted.kind, api_).build == model::Build::related &&
                      version_ == model::Version::v4;
    Object properties;
    for (const Attribute& row : model_.attributes_of(wanted.kind))
      if (row.is_in(version_) && (flat || row.of == wanted.of || row.of == Of::self)) {
        Value schema = of_form(row);
        properties.set(row.name_in(api_, version_),
                       schema.object().empty() ? std::move(schema) : nullable(std::move(schema)));
      }
    return Object{
        {"type", "object"}, {"description", wanted.about}, {"properties", std::move(properties)}};
  }

  [[nodiscard]] Array demanded(graph::ElementKind root) const {
    Array names;
    for (const Attribute& row : model_.attributes_of(root))
      if (row.is_demanded(version_))
        names.emplace_back(row.name);
    return names;
  }

  [[nodiscard]] Value enumeration(const Attribute& row) const {
    const std::string words = row.words_in(version_);
    Array values;
    for (const std::string_view word : model::split(words, ' '))
      values.emplace_back(word);
    return Object{{"type", "string"}, {"enum", std::move(values)}};
  }

  const model::Model& model_;
  model::Api api_;
  model::Version version_;
  Object schemas_;
  std::deque<Wanted> wanted_;
  std::set<std::string> named_;
  std::map<std::string_view, const Attribute*> enumerations_;
};

} // namespace

Object entity_schemas(const model::Model& model, model::Api api, model::Version version) {
  Object schemas = EntitySchemas(model, api, version).build();
  add_error_schema(schemas);
  return schemas;
}

} // namespace diffo::openapi::openapi
