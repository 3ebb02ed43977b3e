#include "neo4j/foreign_merge.h"

#include "base/uuid.h"
#include "neo4j/projection/foreign_form.h"

#include <algorithm>
#include <map>
#include <utility>

namespace diffo::neo4j {
namespace {

using graph::Element;
using graph::ElementDefinition;
using graph::ElementRole;
using graph::FieldDefinition;
using graph::PropertyEncoding;
using graph::PropertySource;

using Nodes = std::map<std::string, const SharedNode*>; // by key; the root by an empty one
using Properties = std::set<std::string, std::less<>>;

Nodes nodes_of(const SharedGraph& graph) {
  Nodes nodes;
  for (const SharedNode& node : graph.nodes)
    nodes.emplace(node.holder ? node.name.key : std::string(), &node);
  return nodes;
}

/// The attribute that a property is of: a geometry has several ("spot.json", "spot.point").
std::string attribute_of(std::string_view property) {
  return std::string(property.substr(0, property.find('.')));
}

Properties changed_properties(const bolt::Map& before, const bolt::Map& after) {
  Properties changed;
  for (const bolt::Entry& entry : before)
    if (const bolt::Value* now = after.find(entry.key); now == nullptr || !(*now == entry.value))
      changed.insert(attribute_of(entry.key));
  for (const bolt::Entry& entry : after)
    if (!before.contains(entry.key))
      changed.insert(attribute_of(entry.key));
  for (const std::string_view property : bookkeeping_properties)
    changed.erase(std::string(property));
  return changed;
}

const json::Value* extra_of(const Element& element, std::string_view name) {
  for (const json::Member& member : element.extra)
    if (member.name == name)
      return &member.value;
  return nullptr;
}

void take_extra(Element& ours, const Element& theirs, std::string_view name) {
  const json::Value* value = extra_of(theirs, name);
  const auto found = std::find_if(ours.extra.begin(), ours.extra.end(),
                                  [name](const json::Member& one) { return one.name == name; });
  if (value == nullptr) {
    if (found != ours.extra.end())
      ours.extra.erase(found);
  } else if (found != ours.extra.end()) {
    found->value = *value;
  } else {
    ours.extra.push_back({std::string(name), *value});
  }
}

void take_field(Element& ours, const Element& theirs, graph::Word word) {
  if (const json::Value* value = theirs.field(word))
    ours.set_field(word, *value);
  else
    ours.erase_field(word);
}

bool is_direct(const Element& child, const ElementDefinition* definition) {
  return definition != nullptr && definition->role == ElementRole::edge &&
         definition->labels.empty() && is_shared(*definition) && child.target;
}

class Merge {
public:
  Merge(const graph::Record& record, const SharedGraph& own, const ForeignVersion& foreign,
        const graph::Schema& schema)
      : key_(record.key()), created_at_(record.created_at()), schema_(schema), foreign_(foreign),
        own_(nodes_of(own)), their_(nodes_of(foreign.graph)) {}

  Result<void> merge(Element& ours, const Element& theirs, const std::string& name) {
    if (ours.kind != theirs.kind || ours.verbatim || theirs.verbatim)
      return refused("others made a part of it another kind");
    const SharedNode& before = *own_.at(name);
    const SharedNode& after = *their_.at(name);
    take_properties(ours, theirs, before, after);
    if (before.target != after.target && !name.empty())
      ours.target = theirs.target;
    if (name.empty() && before.target != after.target)
      take_direct(ours, theirs);
    return merge_children(ours, theirs);
  }

private:
  static Error refused(const char* why) { return {ErrorCode::conflict, why}; }

  [[nodiscard]] std::string identity(const Element& part) const {
    return Uuid{part.uuid ? *part.uuid : graph::part_uuid(key_, created_at_, part.part)}.text();
  }

  void take_properties(Element& ours, const Element& theirs, const SharedNode& before,
                       const SharedNode& after) const {
    Properties changed = changed_properties(before.properties, after.properties);
    if (changed.empty() && before.labels == after.labels && before.target == after.target)
      return;
    const ElementDefinition& definition = *schema_.element(ours.kind);
    take_members(ours, theirs, before, after, changed);
    for (const graph::PropertyDefinition& property : definition.properties)
      if (changed.erase(property.property) != 0 && property.source == PropertySource::version_part)
        take_field(ours, theirs, property.word);
    for (const FieldDefinition& field : definition.fields) {
      const bool is_changed = changed.erase(field.property) + changed.erase(field.list_property);
      if (is_changed && field.in_extra)
        take_extra(ours, theirs, schema_.dictionary().text(field.word));
      else if (is_changed)
        take_field(ours, theirs, field.word);
    }
    if (definition.named_family != 0 && before.target != after.target)
      take_field(ours, theirs, definition.naming_field);
    for (const std::string& property : changed)
      take_extra(ours, theirs, property);
    ForeignForm form = foreign_form_of(theirs);
    if (before.labels == after.labels)
      form.labels = foreign_form_of(ours).labels;
    set_foreign_form(ours, form);
  }

  /// Of a kind that others declare: the members of its value that changed. Others stay.
  void take_members(Element& ours, const Element& theirs, const SharedNode& before,
                    const SharedNode& after, Properties& changed) const {
    const ElementDefinition& definition = *schema_.element(ours.kind);
    const auto tagged = std::find_if(
        definition.fields.begin(), definition.fields.end(),
        [](const FieldDefinition& field) { return field.encoding == PropertyEncoding::tagged; });
    if (has_all(before.labels, definition.labels) || tagged == definition.fields.end())
      return;
    const json::Value* mine = ours.field(tagged->word);
    const json::Value* other = theirs.field(tagged->word);
    if (mine == nullptr || !mine->is_object() || other == nullptr || !other->is_object()) {
      take_field(ours, theirs, tagged->word);
      return;
    }
    json::Object members;
    for (const json::Member& member : mine->object()) {
      const std::string property = property_of_member(definition, before.labels, member.name);
      const json::Value* now = other->find(member.name);
      if (changed.erase(property) == 0)
        members.set(member.name, member.value);
      else if (now != nullptr)
        members.set(member.name, *now);
    }
    for (const json::Member& member : other->object())
      if (changed.erase(property_of_member(definition, after.labels, member.name)) != 0)
        members.set(member.name, member.value);
    ours.set_field(tagged->word, std::move(members));
  }

  /// What the root leads to without a node between.
  void take_direct(Element& ours, const Element& theirs) const {
    const auto find = [this](auto& children) {
      return std::find_if(children.begin(), children.end(), [this](const Element& child) {
        return is_direct(child, schema_.element(child.kind));
      });
    };
    const auto mine = find(ours.children);
    const auto other = find(theirs.children);
    if (mine != ours.children.end() && other != theirs.children.end())
      *mine = Element(*other);
    else if (mine != ours.children.end())
      ours.children.erase(mine);
    else if (other != theirs.children.end())
      ours.children.push_back(*other);
  }

  /// Whether a part of ours has a node.
  [[nodiscard]] bool has_node(const Element& child) const {
    const ElementDefinition* definition = schema_.element(child.kind);
    return definition != nullptr && !definition->labels.empty() && own_.contains(identity(child));
  }

  Result<void> merge_children(Element& ours, const Element& theirs) {
    std::vector<Element> kept;
    for (Element& child : ours.children) {
      if (!has_node(child)) {
        kept.push_back(std::move(child));
        continue;
      }
      const std::string name = identity(child);
      const auto other = std::find_if(theirs.children.begin(), theirs.children.end(),
                                      [&](const Element& one) { return identity(one) == name; });
      if (other != theirs.children.end() && their_.contains(name)) {
        TRY(merge(child, *other, name));
        kept.push_back(std::move(child));
      } else if (foreign_.present.contains(name)) {
        return refused("others made something of one of its parts that is not known here");
      }
    }
    ours.children = std::move(kept);
    for (const Element& child : theirs.children) {
      const ElementDefinition* definition = schema_.element(child.kind);
      if (definition != nullptr && !definition->labels.empty() && !own_.contains(identity(child)))
        ours.children.push_back(child);
    }
    return {};
  }

  graph::Key key_;
  std::int64_t created_at_;
  const graph::Schema& schema_;
  const ForeignVersion& foreign_;
  Nodes own_;
  Nodes their_;
};

/// Finds what has no place in the nodes.
class Rest {
public:
  Rest(const graph::Record& record, const SharedGraph& own, const graph::Schema& schema)
      : key_(record.key()), created_at_(record.created_at()), schema_(schema),
        nodes_(nodes_of(own)) {}

  [[nodiscard]] bool is_in(const Element& element, const std::string& name) const {
    const auto node = nodes_.find(name);
    const ElementDefinition* definition = schema_.element(element.kind);
    if (node == nodes_.end() || definition == nullptr || element.verbatim || has_blocks(element))
      return true;
    Properties said;
    for (const bolt::Entry& entry : node->second->properties)
      said.insert(attribute_of(entry.key));
    const bool came_from_there = !foreign_form_of(element).empty();
    if (!came_from_there &&
        std::any_of(element.extra.begin(), element.extra.end(), [&](const json::Member& member) {
          return !is_said(*definition, member.name, said);
        }))
      return true;
    for (const auto& [word, value] : element.fields)
      if (!is_said(*definition, word, *node->second, said))
        return true;
    return std::any_of(element.children.begin(), element.children.end(),
                       [&](const Element& child) { return is_in_child(child); });
  }

private:
  static bool has_blocks(const Element& element) {
    return std::any_of(element.blocks.begin(), element.blocks.end(), [](const graph::Block& block) {
      return block.number != foreign_form_block;
    });
  }

  [[nodiscard]] bool is_in_child(const Element& child) const {
    const ElementDefinition* definition = schema_.element(child.kind);
    if (is_direct(child, definition))
      return !child.extra.empty();
    return is_in(
        child,
        Uuid{child.uuid ? *child.uuid : graph::part_uuid(key_, created_at_, child.part)}.text());
  }

  [[nodiscard]] bool is_said(const ElementDefinition& definition, std::string_view extra,
                             const Properties& said) const {
    return std::any_of(
        definition.fields.begin(), definition.fields.end(), [&](const FieldDefinition& field) {
          return field.in_extra && schema_.dictionary().text(field.word) == extra &&
                 (said.contains(field.property) || said.contains(field.list_property));
        });
  }

  /// Whether the node says a field: not every value has a form there.
  static bool is_said(const ElementDefinition& definition, graph::Word word, const SharedNode& node,
                      const Properties& said) {
    return (definition.named_family != 0 && definition.naming_field == word) ||
           std::any_of(definition.fields.begin(), definition.fields.end(),
                       [&](const FieldDefinition& field) {
                         return field.word == word &&
                                (said.contains(field.property) ||
                                 said.contains(field.list_property) ||
                                 (field.encoding == PropertyEncoding::tagged &&
                                  !has_all(node.labels, definition.labels)));
                       }) ||
           std::any_of(definition.properties.begin(), definition.properties.end(),
                       [word](const graph::PropertyDefinition& property) {
                         return property.source == PropertySource::version_part &&
                                property.word == word;
                       });
  }

  graph::Key key_;
  std::int64_t created_at_;
  const graph::Schema& schema_;
  Nodes nodes_;
};

} // namespace

Result<graph::RecordDraft> merged(const graph::Record& record, const SharedGraph& own,
                                  const ForeignVersion& foreign, const graph::Schema& schema) {
  if (own.nodes.empty() || foreign.graph.nodes.empty())
    return Error{ErrorCode::conflict, "it has no form in the shared graph"};
  graph::RecordDraft draft = record.to_draft(schema.dictionary());
  draft.next_part = std::max(draft.next_part, foreign.theirs.next_part);
  TRY(Merge(record, own, foreign, schema).merge(draft.root, foreign.theirs.root, {}));
  return draft;
}

bool says_more(const graph::Record& record, const SharedGraph& own, const graph::Schema& schema) {
  return Rest(record, own, schema).is_in(record.to_draft(schema.dictionary()).root, {});
}

} // namespace diffo::neo4j
