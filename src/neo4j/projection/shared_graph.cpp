#include "neo4j/projection/shared_graph.h"

#include "base/uuid.h"
#include "neo4j/layout.h"
#include "neo4j/projection/foreign_form.h"
#include "neo4j/projection/geometry.h"
#include "neo4j/projection/shared_value.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <utility>

namespace diffo::neo4j {
namespace {

using graph::ElementDefinition;
using graph::ElementRole;
using graph::ElementView;
using graph::FamilyDefinition;
using graph::FieldDefinition;
using graph::PropertyDefinition;
using graph::PropertyEncoding;
using graph::PropertySource;
using graph::ValueView;

/// Labels of our own: what bears one is nothing that others know.
constexpr std::string_view own_prefix = "Diffo";

bool is_own(std::string_view label) {
  return label.starts_with(own_prefix);
}

/// The number at that place of a text like "v1.2.0"; nothing where there is none.
std::optional<std::int64_t> version_part(std::string_view text, std::size_t part) {
  if (text.starts_with('v'))
    text.remove_prefix(1);
  for (; part > 0; --part) {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos)
      return std::nullopt;
    text.remove_prefix(dot + 1);
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || (end != text.data() + text.size() && *end != '.'))
    return std::nullopt;
  return number;
}

std::optional<json::Value> field_value(const ElementView& element, const FieldDefinition& field) {
  ValueView value = element.field(field.word);
  // What was kept before its attribute was modelled stands as extra.
  if (!value && element.has_extra())
    value = element.extra(element.dictionary().text(field.word));
  return value ? std::optional(value.to_json()) : std::nullopt;
}

/// The values of a tagged field, each as a text.
void add_tagged(const json::Value& value, const FieldDefinition& field, const ForeignForm& form,
                bolt::Map& properties) {
  const auto type_at = [&form](std::size_t index) {
    return index < form.value_types.size() ? std::string_view(form.value_types[index])
                                           : std::string_view();
  };
  const json::Array* items = value.if_array();
  if (items == nullptr) {
    if (const auto text = tagged_text(value, type_at(0)))
      properties.set(field.property, *text);
    return;
  }
  bolt::List texts;
  for (const json::Value& item : *items) {
    const auto text = tagged_text(item, type_at(texts.size()));
    if (!text) // what cannot be said whole is not said
      return;
    texts.emplace_back(*text);
  }
  properties.set(field.list_property, std::move(texts));
}

class Projector {
public:
  Projector(const graph::Record& record, const graph::Schema& schema)
      : record_(record), schema_(schema), root_(record.root(schema.dictionary())) {}

  SharedGraph graph() && {
    const FamilyDefinition* family = schema_.family(record_.family());
    const ElementDefinition* definition = schema_.element(root_.kind());
    const graph::Key key = record_.key();
    if (key.tenant != 0 || family == nullptr || definition == nullptr || !is_shared(*definition) ||
        key.id.size() > max_indexed_bytes)
      return {};
    graph_.owner = key_text(key);
    if (!is_shared(*family))
      return between(*definition);
    SharedNode node = make(root_, *definition, nullptr, foreign_form_of(root_),
                           {family->shared_label, definition->key_property, key.id});
    if (is_too_long(node, *family))
      return {};
    set_times(node, record_.created_at());
    add_direct_tie(root_, node);
    const NodeName name = node.name;
    graph_.nodes.push_back(std::move(node));
    add_parts(root_, *definition, name);
    return std::move(graph_);
  }

private:
  /// So many nodes of one record at most stand between others.
  static constexpr std::int64_t most_between = 1024;

  /// Others know no root of that family, but a node for each number, between the roots that the
  /// edges lead to.
  SharedGraph between(const ElementDefinition& definition) {
    SharedNode node =
        make(root_, definition, nullptr, {}, {std::string(part_label), "uuid", record_.key().id});
    node.needs_target = true;
    ElementView edge;
    for (graph::ChildCursor children = root_.children(); children.next(edge);) {
      const ElementDefinition* kind = schema_.element(edge.kind());
      if (kind == nullptr || kind->role != ElementRole::edge || !edge.has_target() ||
          kind->target_relationship_type.empty())
        continue;
      SharedNode end = node;
      tie(edge.target_family(), edge.target_id().text(), *kind, end);
      if (kind->target_points_here && end.target) {
        node.holder = end.target;
        node.held_by = end.properties.text_of(target_property);
      } else if (end.target) {
        for (const PropertyDefinition& property : definition.properties)
          if (auto value = of_target(property.source, edge))
            end.properties.set(property.property, *std::move(value));
        node.target = end.target;
        node.properties = std::move(end.properties);
      }
    }
    const auto first = integer_at(node.properties, "value");
    if (!node.holder || !node.target || !first || node.properties.contains("unit") ||
        *first > std::numeric_limits<std::int64_t>::max() - most_between)
      return {};
    const std::int64_t count = integer_at(node.properties, "size").value_or(1);
    set_times(node, record_.created_at());
    for (std::int64_t index = 0; index < std::min(count, most_between); ++index) {
      SharedNode& one = graph_.nodes.emplace_back(node);
      one.properties.set("value", *first + index);
      if (index != 0) {
        one.name.key = Uuid{graph::part_uuid(record_.key(), record_.created_at(),
                                             static_cast<std::uint32_t>(index))}
                           .text();
        one.properties.set("uuid", one.name.key);
      }
    }
    return std::move(graph_);
  }

  static std::optional<std::int64_t> integer_at(const bolt::Map& properties,
                                                std::string_view name) {
    const bolt::Value* value = properties.find(name);
    const auto* integer = value == nullptr ? nullptr : value->get_if<std::int64_t>();
    return integer == nullptr ? std::nullopt : std::optional(*integer);
  }

  void set_times(SharedNode& node, std::int64_t created_at) const {
    node.properties.set(updated_property, instant_value(record_.updated_at()));
    node.properties.set(stamp_property, instant_value(record_.updated_at()));
    node.properties.set(created_property, instant_value(created_at));
  }

  static bool is_too_long(const SharedNode& node, const FamilyDefinition& family) {
    return std::any_of(family.shared_unique.begin(), family.shared_unique.end(),
                       [&node](const std::string& property) {
                         return node.properties.text_of(property).size() > max_indexed_bytes;
                       });
  }

  /// `owner`: that of the element's owner, a null pointer for the root.
  SharedNode make(const ElementView& element, const ElementDefinition& definition,
                  const ElementDefinition* owner, ForeignForm form, NodeName name) {
    SharedNode node{.name = std::move(name), .labels = {}, .properties = {}};
    node.labels = form.labels.empty() ? definition.labels : form.labels;
    if (owner == nullptr && form.labels.empty() && schema_.declared_forms().root_labels)
      if (auto declared = schema_.declared_forms().root_labels(element); !declared.empty())
        node.labels = std::move(declared);
    const bool own_kind =
        owner != nullptr && !form.labels.empty() && !has_all(form.labels, definition.labels);
    if (own_kind)
      add_members(element, definition, form, node.properties);
    else
      add_fields(element, definition, owner, form, node.properties);
    if (!own_kind && !form.labels.empty())
      add_extras(element, definition, form, node.properties);
    for (const json::Member& kept : form.aside)
      node.properties.set(kept.name, untyped_value(kept.value));
    node.labels.emplace_back(part_label);
    std::sort(node.labels.begin(), node.labels.end());
    node.labels.erase(std::unique(node.labels.begin(), node.labels.end()), node.labels.end());
    node.properties.set(node.name.property, node.name.key);
    node.properties.set(owner_property, graph_.owner);
    return node;
  }

  /// The form that a part came in, or else the one that is declared.
  [[nodiscard]] ForeignForm form_of(const ElementView& owner, const ElementView& part) const {
    ForeignForm form = foreign_form_of(part);
    if (!form.labels.empty() || !schema_.declared_forms().part)
      return form;
    graph::DeclaredForm declared = schema_.declared_forms().part(root_, owner, part);
    form.labels = std::move(declared.labels);
    for (json::Member& property : declared.properties)
      form.aside.set(property.name, std::move(property.value));
    return form;
  }

  void add_fields(const ElementView& element, const ElementDefinition& definition,
                  const ElementDefinition* owner, const ForeignForm& form,
                  bolt::Map& properties) const {
    for (const FieldDefinition& field : definition.fields) {
      const auto value = field_value(element, field);
      if (!value)
        continue;
      if (field.encoding == PropertyEncoding::tagged)
        add_tagged(*value, field, form, properties);
      else if (is_geometry(field))
        add_geometry(field, *value, properties);
      else if (auto encoded = encode(*value, field.encoding))
        properties.set(field.property, *std::move(encoded));
    }
    for (const PropertyDefinition& property : definition.properties)
      if (property.source == PropertySource::has_list)
        properties.set(property.property, has_list(property, definition, properties));
      else if (auto value = value_of(property, element, owner))
        properties.set(property.property, *std::move(value));
  }

  /// Whether a list stands there, which not all arrays can.
  static bool has_list(const PropertyDefinition& property, const ElementDefinition& definition,
                       const bolt::Map& properties) {
    return std::any_of(
        definition.fields.begin(), definition.fields.end(), [&](const FieldDefinition& field) {
          return field.word == property.word && properties.contains(field.list_property);
        });
  }

  /// Of a kind that others declare: the members of its value are properties of their own.
  static void add_members(const ElementView& element, const ElementDefinition& definition,
                          const ForeignForm& form, bolt::Map& properties) {
    for (const FieldDefinition& field : definition.fields) {
      const auto value = field_value(element, field);
      if (!value)
        continue;
      if (field.encoding != PropertyEncoding::tagged) {
        if (auto encoded = encode(*value, field.encoding))
          properties.set(field.property, *std::move(encoded));
      } else if (const json::Object* members = value->if_object()) {
        for (const json::Member& member : *members) {
          const json::Member property{property_of_member(definition, form.labels, member.name),
                                      member.value};
          if (is_written(property, form, properties))
            add_untyped(property.name, property.value, properties);
        }
      }
    }
  }

  /// Of a kind that others declare: what it has beside what the base has.
  static void add_extras(const ElementView& element, const ElementDefinition& definition,
                         const ForeignForm& form, bolt::Map& properties) {
    graph::Name name;
    ValueView value;
    for (graph::ExtraCursor extra = element.extra(); extra.next(name, value);) {
      const json::Member member{std::string(name.text), value.to_json()};
      if (is_written(member, form, properties) &&
          !is_field(definition, member.name, element.dictionary()))
        add_untyped(member.name, member.value, properties);
    }
  }

  /// Whether a field says it already.
  static bool is_field(const ElementDefinition& definition, std::string_view name,
                       const graph::Dictionary& dictionary) {
    return std::any_of(definition.fields.begin(), definition.fields.end(),
                       [&](const FieldDefinition& field) {
                         return field.in_extra && dictionary.text(field.word) == name;
                       });
  }

  /// Whether it can be a property as others name theirs, and nothing else is.
  static bool is_written(const json::Member& member, const ForeignForm& form,
                         const bolt::Map& properties) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const std::string& name = member.name;
    return !member.value.is_null() && !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
           !name.starts_with("diffo") &&
           std::all_of(name.begin(), name.end(),
                       [&is_letter](char c) { return is_letter(c) || (c >= '0' && c <= '9'); }) &&
           !properties.contains(name) &&
           std::find(form.unwritten.begin(), form.unwritten.end(), name) == form.unwritten.end();
  }

  [[nodiscard]] std::optional<bolt::Value> value_of(const PropertyDefinition& property,
                                                    const ElementView& element,
                                                    const ElementDefinition* owner) const {
    switch (property.source) {
    case PropertySource::constant:
      return untyped_value(property.constant);
    case PropertySource::which:
      return bolt::Value(record_.which() == graph::Which::actual ? "actual" : "expected");
    case PropertySource::owner_word:
      return owner == nullptr ? std::nullopt : std::optional(bolt::Value(owner->as_owner));
    case PropertySource::target_word:
    case PropertySource::target_link:
      return of_target(property.source, element);
    case PropertySource::has_list:
      break;
    case PropertySource::version_part: {
      const ValueView value = element.field(property.word);
      const auto number = value ? version_part(value.text(), property.part) : std::nullopt;
      return number ? bolt::Value(*number) : untyped_value(property.constant);
    }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<bolt::Value> of_target(PropertySource source,
                                                     const ElementView& element) const {
    const FamilyDefinition* family =
        element.has_target() ? schema_.family(element.target_family()) : nullptr;
    if (family == nullptr ||
        (source != PropertySource::target_word && source != PropertySource::target_link))
      return std::nullopt;
    return bolt::Value(source == PropertySource::target_word
                           ? family->name
                           : family->shared_link + element.target_id().text());
  }

  /// Parts and edges that have nodes, at any depth.
  void add_parts(const ElementView& owner, const ElementDefinition& owner_definition,
                 const NodeName& owner_name) {
    ElementView child;
    for (graph::ChildCursor children = owner.children(); children.next(child);) {
      const ElementDefinition* definition = schema_.element(child.kind());
      if (definition == nullptr || definition->labels.empty() || !is_shared(*definition) ||
          child.is_verbatim() || (definition->role == ElementRole::edge && !child.has_target()))
        continue;
      const Uuid uuid{record_.part_uuid(child)};
      SharedNode node = make(child, *definition, &owner_definition, form_of(owner, child),
                             {std::string(part_label), "uuid", uuid.text()});
      if (!names_.insert(node.name.key).second)
        continue; // somebody gave two parts one identity
      node.brought = child.uuid().has_value();
      node.holder = Tie{owner_name, definition->relationship_type, definition->points_to_owner};
      if (definition->has_times)
        set_times(node, record_.updated_at());
      node.needs_target = definition->role == ElementRole::edge;
      if (node.needs_target)
        add_target(child, *definition, node);
      else
        add_named(child, *definition, node);
      const NodeName name = node.name;
      graph_.nodes.push_back(std::move(node));
      add_parts(child, *definition, name);
    }
  }

  /// An edge without a node of its own ties the root itself: the first one, for others count on
  /// there being no more.
  void add_direct_tie(const ElementView& root, SharedNode& node) const {
    ElementView child;
    for (graph::ChildCursor children = root.children(); !node.target && children.next(child);) {
      const ElementDefinition* definition = schema_.element(child.kind());
      if (definition != nullptr && definition->role == ElementRole::edge &&
          definition->labels.empty() && is_shared(*definition) && child.has_target())
        add_target(child, *definition, node);
    }
  }

  void add_target(const ElementView& edge, const ElementDefinition& definition,
                  SharedNode& node) const {
    tie(edge.target_family(), edge.target_id().text(), definition, node);
  }

  void add_named(const ElementView& part, const ElementDefinition& definition,
                 SharedNode& node) const {
    if (definition.named_family == 0)
      return;
    if (const ValueView id = part.field(definition.naming_field); id && !id.text().empty())
      tie(definition.named_family, id.text(), definition, node);
  }

  void tie(graph::Family to, std::string id, const ElementDefinition& definition,
           SharedNode& node) const {
    const FamilyDefinition* family = schema_.family(to);
    if (family == nullptr || !is_shared(*family) || id.size() > max_indexed_bytes)
      return;
    node.properties.set(target_property, key_text({record_.tenant(), to, id}));
    node.properties.set(tie_property, definition.target_relationship_type);
    node.target = Tie{{family->shared_label, family->shared_key, std::move(id)},
                      definition.target_relationship_type,
                      !definition.target_points_here};
  }

  const graph::Record& record_;
  const graph::Schema& schema_;
  ElementView root_;
  SharedGraph graph_;
  std::set<std::string, std::less<>> names_;
};

} // namespace

bool can_be_named(const graph::Key& key, const graph::Schema& schema) {
  const graph::FamilyDefinition* family = schema.family(key.family);
  if (family == nullptr || family->shared_key != "uuid")
    return true;
  const auto uuid = Uuid::parse(key.id);
  return uuid && uuid->text() == key.id;
}

bool is_shared(const FamilyDefinition& family) {
  return !family.shared_label.empty() && !is_own(family.shared_label);
}

bool is_shared(const ElementDefinition& element) {
  if (element.ours_alone)
    return false;
  if (element.labels.empty())
    return element.role == ElementRole::edge && !element.target_relationship_type.empty();
  return std::none_of(element.labels.begin(), element.labels.end(), is_own);
}

const graph::AlternativeForm* alternative_of(const ElementDefinition& definition,
                                             const std::vector<std::string>& labels) {
  for (const graph::AlternativeForm& form : definition.alternatives)
    if (has_all(labels, form.labels))
      return &form;
  return nullptr;
}

std::string property_of_member(const ElementDefinition& definition,
                               const std::vector<std::string>& labels, const std::string& member) {
  if (const graph::AlternativeForm* form = alternative_of(definition, labels))
    for (const auto& [property, renamed] : form->members)
      if (renamed == member)
        return property;
  return property_of_name(member);
}

bool has_all(const std::vector<std::string>& labels, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&labels](const std::string& label) {
    return std::find(labels.begin(), labels.end(), label) != labels.end();
  });
}

SharedGraph project(const graph::Record& record, const graph::Schema& schema) {
  return Projector(record, schema).graph();
}

} // namespace diffo::neo4j
