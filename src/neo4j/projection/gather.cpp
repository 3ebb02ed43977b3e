#include "neo4j/projection/gather.h"

#include "base/uuid.h"
#include "neo4j/layout.h"
#include "neo4j/projection/foreign_form.h"
#include "neo4j/projection/geometry.h"
#include "neo4j/projection/node_kinds.h"
#include "neo4j/projection/shared_graph.h"
#include "neo4j/projection/shared_value.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace diffo::neo4j {
namespace {

using graph::Element;
using graph::ElementDefinition;
using graph::ElementRole;
using graph::FieldDefinition;
using graph::PropertyEncoding;
using graph::PropertySource;

using Names = std::set<std::string>;

const bolt::Map* map_at(const bolt::Map& map, std::string_view key) {
  const bolt::Value* value = map.find(key);
  return value == nullptr ? nullptr : value->get_if<bolt::Map>();
}

/// The maps of a list; others in it are passed over.
std::vector<const bolt::Map*> maps_of(const bolt::Value* list) {
  std::vector<const bolt::Map*> maps;
  const bolt::List* items = list == nullptr ? nullptr : list->get_if<bolt::List>();
  if (items == nullptr)
    return maps;
  for (const bolt::Value& item : *items)
    if (const bolt::Map* map = item.get_if<bolt::Map>())
      maps.push_back(map);
  return maps;
}

std::vector<std::string> texts_of(const bolt::Value* list) {
  std::vector<std::string> texts;
  if (const bolt::List* items = list == nullptr ? nullptr : list->get_if<bolt::List>())
    for (const bolt::Value& item : *items)
      if (const std::string* text = item.get_if<std::string>())
        texts.push_back(*text);
  return texts;
}

std::vector<std::string> foreign_labels(std::vector<std::string> labels) {
  std::erase(labels, std::string(part_label));
  std::sort(labels.begin(), labels.end());
  return labels;
}

std::int64_t moment_of_property(const bolt::Map& properties, std::string_view name) {
  const bolt::Value* value = properties.find(name);
  return value == nullptr ? 0 : microseconds_of(*value).value_or(0);
}

/// Reads one row.
class Gatherer {
public:
  Gatherer(const graph::Schema& schema, std::string_view shared_label)
      : schema_(schema), shared_label_(shared_label) {}

  std::optional<graph::RecordDraft> record(const bolt::Node& node, const bolt::Record& row) {
    const ElementDefinition* definition =
        root_kind({node.labels, &node.properties}, shared_label_, schema_);
    if (definition == nullptr)
      return std::nullopt;
    draft_ = {};
    ours_.clear();
    written_by_us_ = node.properties.contains(owner_property);
    draft_.key = {0, definition->family,
                  std::string(node.properties.text_of(definition->key_property))};
    if (draft_.key.id.empty())
      return std::nullopt;
    draft_.created_at = moment_of_property(node.properties, created_property);
    draft_.updated_at = moment_of_property(node.properties, updated_property);
    read_which(node.properties, *definition);
    draft_.root = element(node.labels, node.properties, *definition, false);
    keep_root_labels(node.labels, *definition);
    std::vector<Timed> parts;
    for (const bool inward : {false, true})
      for (const bolt::Map* part : maps_of(&row[inward ? "inward" : "outward"]))
        add_part(*part, inward, parts);
    add_direct(node.properties, row["targets"], parts);
    put(parts, draft_.root);
    return std::move(draft_);
  }

private:
  /// A part and when it was made: the older come first.
  struct Timed {
    std::int64_t made = 0;
    std::string uuid;
    Element element;
  };

  static void put(std::vector<Timed>& parts, Element& owner) {
    std::stable_sort(parts.begin(), parts.end(), [](const Timed& a, const Timed& b) {
      return std::tie(a.made, a.uuid) < std::tie(b.made, b.uuid);
    });
    for (Timed& part : parts)
      owner.children.push_back(std::move(part.element));
  }

  void read_which(const bolt::Map& properties, const ElementDefinition& definition) {
    for (const graph::PropertyDefinition& property : definition.properties)
      if (property.source == PropertySource::which &&
          properties.text_of(property.property) == "expected")
        draft_.which = graph::Which::expected;
  }

  void keep_root_labels(const std::vector<std::string>& labels,
                        const ElementDefinition& definition) {
    std::vector<std::string> own = definition.labels;
    std::sort(own.begin(), own.end());
    std::vector<std::string> theirs = foreign_labels(labels);
    if (theirs == own)
      return;
    ForeignForm form = foreign_form_of(draft_.root);
    form.labels = std::move(theirs);
    set_foreign_form(draft_.root, form);
  }

  /// The edge without a node of its own; of a root of ours to what is not there, what it would
  /// lead to.
  void add_direct(const bolt::Map& root, const bolt::Value& targets, std::vector<Timed>& parts) {
    for (const bolt::Map* target : maps_of(&targets))
      if (add_direct(target->text_of("type"), target_of(*target), parts))
        return; // there is but one
    add_direct(root.text_of(tie_property), own_target(root), parts);
  }

  bool add_direct(std::string_view type, std::optional<graph::Target> end,
                  std::vector<Timed>& parts) const {
    for (const ElementDefinition& definition : schema_.elements())
      if (end && definition.role == ElementRole::edge && definition.labels.empty() &&
          is_shared(definition) && definition.target_relationship_type == type &&
          (definition.family == 0 || definition.family == end->family)) {
        Timed& part = parts.emplace_back();
        part.element.kind = definition.kind;
        part.element.target = std::move(end);
        return true;
      }
    return false;
  }

  /// What our bookkeeping says that a node leads to.
  static std::optional<graph::Target> own_target(const bolt::Map& properties) {
    const auto key = read_key_text(properties.text_of(target_property));
    return key ? std::optional(graph::Target{key->family, key->id}) : std::nullopt;
  }

  [[nodiscard]] std::optional<graph::Target> target_of(const bolt::Map& target) const {
    const bolt::Map* properties = map_at(target, "properties");
    if (properties == nullptr)
      return std::nullopt;
    const ElementDefinition* definition =
        root_kind({texts_of(target.find("labels")), properties}, schema_);
    if (definition == nullptr)
      return std::nullopt;
    graph::Target end{definition->family,
                      std::string(properties->text_of(definition->key_property))};
    return end.id.empty() ? std::nullopt : std::optional(std::move(end));
  }

  /// What the node leads to; of one of ours to what is not there, what it would lead to.
  [[nodiscard]] std::optional<graph::Target> end_of(const bolt::Map& part,
                                                    const bolt::Map& properties) const {
    for (const bolt::Map* target : maps_of(part.find("targets")))
      if (auto end = target_of(*target))
        return end;
    return own_target(properties);
  }

  void add_part(const bolt::Map& part, bool inward, std::vector<Timed>& parts) {
    const bolt::Value* value = part.find("node");
    const auto* node = value == nullptr ? nullptr : value->get_if<bolt::Node>();
    if (node == nullptr)
      return;
    // What stands between two roots, with a record of its own, is no part of either.
    if (const auto owner = read_key_text(node->properties.text_of(owner_property)))
      if (const auto* family = schema_.family(owner->family);
          family != nullptr && !is_shared(*family))
        return;
    const auto end = end_of(part, node->properties);
    const bool is_hidden = part.text_of("type") == hidden_type;
    const std::vector<std::string> labels =
        is_hidden ? texts_of(node->properties.find(labels_property)) : node->labels;
    const PartTie tie{.type =
                          is_hidden ? node->properties.text_of(tie_property) : part.text_of("type"),
                      .points_to_owner = inward,
                      .target = end ? std::optional(end->family) : std::nullopt};
    const PartKind kind = part_kind({labels, &node->properties}, tie, schema_);
    if (kind.definition == nullptr)
      return;
    Timed& timed = parts.emplace_back();
    timed.element = element(labels, node->properties, *kind.definition, kind.has_members);
    if (kind.definition->role == ElementRole::edge)
      timed.element.target = end;
    timed.uuid = node->properties.text_of("uuid");
    timed.made = time_of(node->properties);
    set_identity(timed.element, timed.uuid);
    add_name(part, node->properties, *kind.definition, timed.element);
    std::vector<Timed> inner;
    for (const bolt::Map* one : maps_of(part.find("parts")))
      add_part(*one, false, inner);
    put(inner, timed.element);
  }

  static std::int64_t time_of(const bolt::Map& properties) {
    if (const std::int64_t made = moment_of_property(properties, created_property); made != 0)
      return made;
    for (const bolt::Entry& entry : properties)
      if (const auto moment = microseconds_of(entry.value))
        return *moment;
    return 0;
  }

  /// A part of ours has the identity that follows from its number.
  void set_identity(Element& part, const std::string& text) {
    const auto uuid = Uuid::parse(text);
    if (!uuid)
      return;
    if (written_by_us_ && ours_.empty())
      for (std::uint32_t number = 1; number <= numbers_tried; ++number)
        ours_.emplace(graph::part_uuid(draft_.key, draft_.created_at, number), number);
    if (const auto own = ours_.find(uuid->bytes); own != ours_.end()) {
      part.part = own->second;
      draft_.next_part = std::max(draft_.next_part, own->second + 1);
    } else {
      part.uuid = uuid->bytes;
    }
  }

  /// The text of a part that is the id of a root: others say it by a relationship.
  void add_name(const bolt::Map& part, const bolt::Map& properties,
                const ElementDefinition& definition, Element& result) const {
    if (definition.named_family == 0 || result.field(definition.naming_field) != nullptr)
      return;
    auto end = own_target(properties);
    for (const bolt::Map* named : maps_of(part.find("named")))
      if (auto told = target_of(*named))
        end = std::move(told);
    if (end && end->family == definition.named_family)
      result.set_field(definition.naming_field, end->id);
  }

  /// An element without its children, its target and its identity.
  Element element(const std::vector<std::string>& labels, const bolt::Map& properties,
                  const ElementDefinition& definition, bool has_members) const {
    Element result;
    result.kind = definition.kind;
    Names used = {definition.key_property, "uuid"};
    used.insert(bookkeeping_properties.begin(), bookkeeping_properties.end());
    ForeignForm form;
    if (has_members)
      form.labels = foreign_labels(labels);
    else
      read_derived(properties, definition, used, form, result);
    for (const FieldDefinition& field : definition.fields) {
      if (field.encoding == PropertyEncoding::tagged) {
        if (!has_members)
          read_tagged_field(properties, field, used, form, result);
        continue;
      }
      if (is_geometry(field)) {
        read_geometry_field(properties, field, used, result);
        continue;
      }
      const bolt::Value* value = properties.find(field.property);
      if (value == nullptr || used.contains(field.property))
        continue;
      if (auto decoded = decoded_value(*value, field.encoding)) {
        used.insert(field.property);
        keep(field, *std::move(decoded), result);
      }
    }
    if (has_members)
      read_members(properties, definition, used, form, result);
    else
      read_rest(properties, definition, used, form, result);
    set_foreign_form(result, form);
    return result;
  }

  void keep(const FieldDefinition& field, json::Value value, Element& result) const {
    if (field.in_extra)
      result.extra.push_back(
          {std::string(schema_.dictionary().text(field.word)), std::move(value)});
    else
      result.set_field(field.word, std::move(value));
  }

  /// Properties that follow from the rest, and a version in numbers.
  static void read_derived(const bolt::Map& properties, const ElementDefinition& definition,
                           Names& used, ForeignForm& form, Element& result) {
    std::string version;
    graph::Word word = 0;
    const bool is_place =
        std::any_of(definition.fields.begin(), definition.fields.end(), is_geometry);
    for (const graph::PropertyDefinition& property : definition.properties) {
      if (is_place) // what a record calls itself tells more than what others do
        continue;
      used.insert(property.property);
      const bolt::Value* value = properties.find(property.property);
      if (property.source == PropertySource::constant && value != nullptr &&
          json_of(*value) != property.constant)
        form.aside.set(property.property, json_of(*value));
      if (property.source != PropertySource::version_part)
        continue;
      const std::int64_t* number = value == nullptr ? nullptr : value->get_if<std::int64_t>();
      if (number == nullptr)
        continue;
      word = property.word;
      version += (version.empty() ? "v" : ".") + std::to_string(*number);
    }
    if (!version.empty())
      result.set_field(word, version);
  }

  static void read_tagged_field(const bolt::Map& properties, const FieldDefinition& field,
                                Names& used, ForeignForm& form, Element& result) {
    const auto read = [&form](const std::string& text) {
      auto tagged = read_tagged(text);
      form.value_types.push_back(tagged ? tagged->schema : std::string());
      return tagged ? std::move(tagged->value) : json::Value(text);
    };
    const bolt::Value* value = properties.find(field.property);
    const bolt::Value* list = properties.find(field.list_property);
    if (value != nullptr && value->get_if<std::string>() != nullptr) {
      used.insert(field.property);
      result.set_field(field.word, read(value->get<std::string>()));
    } else if (list != nullptr && list->get_if<bolt::List>() != nullptr) {
      json::Array items;
      for (const std::string& text : texts_of(list))
        items.push_back(read(text));
      result.set_field(field.word, std::move(items));
    }
    used.insert(field.list_property);
    if (std::all_of(form.value_types.begin(), form.value_types.end(),
                    [](const std::string& type) { return type.empty(); }))
      form.value_types.clear();
  }

  void read_geometry_field(const bolt::Map& properties, const FieldDefinition& field, Names& used,
                           Element& result) const {
    std::string attribute;
    auto geometry = read_geometry(field, properties, attribute);
    if (geometry && used.insert(attribute + ".json").second)
      keep(field, *std::move(geometry), result);
  }

  /// What no field takes.
  static void read_rest(const bolt::Map& properties, const ElementDefinition& definition,
                        const Names& used, ForeignForm& form, Element& result) {
    for (const bolt::Entry& entry : properties) {
      if (used.contains(entry.key) || is_companion(properties, entry.key))
        continue;
      if (const auto attribute = geometry_attribute(properties, entry.key)) {
        result.extra.push_back({*attribute, *read_geometry(properties, *attribute)});
        continue;
      }
      if (std::find(definition.aside.begin(), definition.aside.end(), entry.key) !=
          definition.aside.end()) {
        form.aside.set(entry.key, json_of(entry.value));
        continue;
      }
      result.extra.push_back({entry.key, json_of(entry.value)});
      if (!is_plain(entry.value))
        form.unwritten.push_back(entry.key);
    }
  }

  /// Of a kind that others declare: the members of the value.
  static void read_members(const bolt::Map& properties, const ElementDefinition& definition,
                           const Names& used, ForeignForm& form, Element& result) {
    const graph::AlternativeForm* known = alternative_of(definition, form.labels);
    std::map<std::string, json::Value> members; // the database has no order of its own
    for (const bolt::Entry& entry : properties) {
      if (used.contains(entry.key) || is_companion(properties, entry.key))
        continue;
      if (const auto attribute = geometry_attribute(properties, entry.key)) {
        members.insert_or_assign(name_of_property(*attribute),
                                 *read_geometry(properties, *attribute));
        continue;
      }
      std::string name = name_of_property(entry.key);
      if (known != nullptr) {
        if (std::find(known->aside.begin(), known->aside.end(), entry.key) != known->aside.end()) {
          form.aside.set(entry.key, json_of(entry.value));
          continue;
        }
        for (const auto& [property, member] : known->members)
          if (property == entry.key)
            name = member;
      }
      members.insert_or_assign(name, structured(json_of(entry.value)));
      if (!is_plain(entry.value))
        form.unwritten.push_back(entry.key);
    }
    json::Object value;
    for (auto& [name, member] : members)
      value.append(name, std::move(member));
    result.set_field(tagged_field(definition)->word, std::move(value));
  }

  /// What was kept as JSON text of an object or array, and lists of such.
  static json::Value structured(json::Value value) {
    if (json::Array* items = value.if_array()) {
      for (json::Value& item : *items)
        item = structured(std::move(item));
      return value;
    }
    const std::string* text = value.if_string();
    if (text == nullptr || text->empty() || (text->front() != '{' && text->front() != '['))
      return value;
    auto read = json::read(*text);
    return read ? std::move(*read) : std::move(value);
  }

  static std::optional<json::Value> decoded_value(const bolt::Value& value,
                                                  PropertyEncoding encoding) {
    switch (encoding) {
    case PropertyEncoding::text:
      if (value.get_if<std::string>() == nullptr)
        return std::nullopt;
      break;
    case PropertyEncoding::boolean:
      if (value.get_if<bool>() == nullptr)
        return std::nullopt;
      break;
    case PropertyEncoding::integer:
    case PropertyEncoding::real:
      if (value.kind() != bolt::Kind::integer && value.kind() != bolt::Kind::real)
        return std::nullopt;
      break;
    case PropertyEncoding::json_text:
      if (const std::string* text = value.get_if<std::string>())
        if (auto read = json::read(*text))
          return std::move(*read);
      return std::nullopt;
    case PropertyEncoding::instant: {
      const json::Value text = json_of(value);
      return text.is_string() ? std::optional(text) : std::nullopt;
    }
    case PropertyEncoding::tagged:
      return std::nullopt;
    }
    return json_of(value);
  }

  /// So many numbers of parts are tried to tell our own identities from others'.
  static constexpr std::uint32_t numbers_tried = 256;

  const graph::Schema& schema_;
  std::string_view shared_label_;
  graph::RecordDraft draft_;
  bool written_by_us_ = false;
  std::map<graph::PartUuid, std::uint32_t> ours_; ///< identities of parts by their numbers
};

} // namespace

Result<std::vector<graph::RecordDraft>> gather(const bolt::EagerResult& answer,
                                               std::string_view shared_label,
                                               const graph::Schema& schema) {
  std::vector<graph::RecordDraft> records;
  Gatherer gatherer(schema, shared_label);
  for (const bolt::Record& row : answer.records) {
    const auto* node = row["i"].get_if<bolt::Node>();
    if (node == nullptr)
      return Error{ErrorCode::corrupt, "the answer has no node of a root in each row"};
    if (auto record = gatherer.record(*node, row))
      records.push_back(*std::move(record));
  }
  return records;
}

} // namespace diffo::neo4j
