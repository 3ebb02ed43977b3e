#pragma once

#include "graph/schema.h"

#include <diffo/bolt_value.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which kind of ours a node of the shared graph is.
namespace diffo::neo4j {

/// What tells: the labels of a node and its properties.
struct NodeView {
  std::vector<std::string> labels;
  const bolt::Map* properties = nullptr;
};

/// The kind of a root that is found under the label; a null pointer when it is none.
const graph::ElementDefinition* root_kind(const NodeView& node, std::string_view shared_label,
                                          const graph::Schema& schema);
/// The same, whatever label it is found under.
const graph::ElementDefinition* root_kind(const NodeView& node, const graph::Schema& schema);

/// How a part is tied to what holds it.
struct PartTie {
  std::string_view type;
  bool points_to_owner = false;
  /// The family that the part leads to, for edges.
  std::optional<graph::Family> target{};
};

/// The kind of a part. What has no labels of ours, but is tied as an element of values is, is of a
/// kind that others declared: an element of values with its members as properties.
struct PartKind {
  const graph::ElementDefinition* definition = nullptr; ///< a null pointer: none of ours
  bool has_members = false;
};
PartKind part_kind(const NodeView& node, const PartTie& tie, const graph::Schema& schema);

/// The field whose value names its type; a null pointer where a kind has none.
const graph::FieldDefinition* tagged_field(const graph::ElementDefinition& definition);

} // namespace diffo::neo4j
