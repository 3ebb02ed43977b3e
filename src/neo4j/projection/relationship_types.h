#pragma once

#include "graph/schema.h"

#include <set>
#include <string>

namespace diffo::neo4j {

/// The types of relationships of the shared graph by what they do, as the schema has them.
struct RelationshipTypes {
  using Types = std::set<std::string>;
  Types to_parts;
  Types to_inner_parts; ///< from other parts: no relationship to a target is such a one
  Types from_parts;
  Types to_targets; ///< from an edge's node
  Types from_named; ///< to a part, from the root that it names
  Types direct;     ///< from a root to its target
};
RelationshipTypes relationship_types_of(const graph::Schema& schema);

/// As a pattern has alternatives: "HAS|RELATES".
std::string joined(const std::set<std::string>& words);

} // namespace diffo::neo4j
