#include "neo4j/projection/relationship_types.h"

#include "neo4j/projection/shared_graph.h"

#include <algorithm>
#include <iterator>

namespace diffo::neo4j {

using graph::ElementDefinition;
using graph::ElementRole;

RelationshipTypes relationship_types_of(const graph::Schema& schema) {
  RelationshipTypes types;
  for (const ElementDefinition& element : schema.elements()) {
    if (!is_shared(element) || element.role == ElementRole::root)
      continue;
    if (element.labels.empty()) {
      types.direct.insert(element.target_relationship_type);
      continue;
    }
    (element.points_to_owner ? types.from_parts : types.to_parts).insert(element.relationship_type);
    if (element.role == ElementRole::edge)
      types.to_targets.insert(element.target_relationship_type);
    else if (element.named_family != 0)
      types.from_named.insert(element.target_relationship_type);
  }
  std::set_difference(types.to_parts.begin(), types.to_parts.end(), types.to_targets.begin(),
                      types.to_targets.end(),
                      std::inserter(types.to_inner_parts, types.to_inner_parts.end()));
  return types;
}

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : "|") + word;
  return text;
}

} // namespace diffo::neo4j
