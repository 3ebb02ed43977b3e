#include "neo4j/projection/node_kinds.h"

#include "neo4j/projection/shared_graph.h"

#include <algorithm>
#include <tuple>

namespace diffo::neo4j {
namespace {

using graph::ElementDefinition;
using graph::ElementRole;

/// How many texts that all nodes of the kind have it has, too; nothing when one is another.
std::optional<std::size_t> same_constants(const NodeView& node,
                                          const ElementDefinition& definition) {
  std::size_t same = 0;
  for (const graph::PropertyDefinition& property : definition.properties) {
    if (property.source != graph::PropertySource::constant || !property.constant.is_string())
      continue;
    const std::string_view text = node.properties->text_of(property.property);
    if (text == property.constant.string())
      ++same;
    else if (!text.empty())
      return std::nullopt;
  }
  return same;
}

std::size_t common(const NodeView& node, const ElementDefinition& definition) {
  return static_cast<std::size_t>(
      std::count_if(definition.labels.begin(), definition.labels.end(),
                    [&node](const std::string& label) { return has_all(node.labels, {label}); }));
}

/// More labels than those of the domain and the family.
constexpr std::size_t leaf_depth = 2;

/// Whether the node calls itself so, whatever kind of theirs others have made of it.
bool is_called(const NodeView& node, const ElementDefinition& definition) {
  const std::string_view type = node.properties->text_of("type");
  return std::find(definition.labels.begin(), definition.labels.end(), type) !=
         definition.labels.end();
}

} // namespace

const ElementDefinition* root_kind(const NodeView& node, std::string_view shared_label,
                                   const graph::Schema& schema) {
  const ElementDefinition* best = nullptr;
  std::tuple<bool, bool, bool, std::size_t, std::size_t> best_fit;
  for (const ElementDefinition& definition : schema.elements()) {
    const graph::FamilyDefinition* family = schema.family(definition.family);
    if (definition.role != ElementRole::root || family == nullptr ||
        family->shared_label != shared_label || !is_shared(definition))
      continue;
    const auto constants = same_constants(node, definition);
    if (!constants)
      continue;
    const bool all = has_all(node.labels, definition.labels);
    const bool is_leaf = definition.labels.size() > leaf_depth;
    const std::tuple fit(all && is_leaf, is_leaf && is_called(node, definition), all, *constants,
                         common(node, definition));
    if (best == nullptr || fit > best_fit) {
      best = &definition;
      best_fit = fit;
    }
  }
  return best;
}

const ElementDefinition* root_kind(const NodeView& node, const graph::Schema& schema) {
  for (const graph::FamilyDefinition& family : schema.families())
    if (is_shared(family) && has_all(node.labels, {family.shared_label}))
      return root_kind(node, family.shared_label, schema);
  return nullptr;
}

PartKind part_kind(const NodeView& node, const PartTie& tie, const graph::Schema& schema) {
  PartKind best;
  const ElementDefinition* of_values = nullptr;
  for (const ElementDefinition& definition : schema.elements()) {
    if (definition.role == ElementRole::root || definition.labels.empty() ||
        !is_shared(definition) || definition.relationship_type != tie.type ||
        definition.points_to_owner != tie.points_to_owner)
      continue;
    if (tagged_field(definition) != nullptr)
      of_values = &definition;
    if (!has_all(node.labels, definition.labels))
      continue;
    if (definition.role == ElementRole::edge &&
        (!tie.target || (definition.family != 0 && definition.family != *tie.target)))
      continue;
    if (best.definition == nullptr || definition.labels.size() > best.definition->labels.size())
      best.definition = &definition;
  }
  if (best.definition == nullptr && of_values != nullptr)
    return {of_values, true};
  return best;
}

const graph::FieldDefinition* tagged_field(const ElementDefinition& definition) {
  for (const graph::FieldDefinition& field : definition.fields)
    if (field.encoding == graph::PropertyEncoding::tagged)
      return &field;
  return nullptr;
}

} // namespace diffo::neo4j
