#include "neo4j/projection/gather.h"
#include "neo4j/projection/shared_graph.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace diffo::neo4j {
namespace {

using graph::ElementDefinition;
using graph::ElementRole;
using graph::PropertySource;

using Types = std::set<std::string>;

/// The types of relationships by what they do, as the schema has them.
struct RelationshipTypes {
  Types to_parts;
  Types to_inner_parts; ///< from other parts: no relationship to a target is such a one
  Types from_parts;
  Types to_targets; ///< from an edge's node
  Types from_named; ///< to a part, from the root that it names
  Types direct;     ///< from a root to its target
};

RelationshipTypes types_of(const graph::Schema& schema) {
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

std::string joined(const Types& types) {
  std::string text;
  for (const std::string& type : types)
    text += (text.empty() ? "" : "|") + type;
  return text;
}

/// What is read of another root: what finds it and tells its kind.
std::string summary(const graph::Schema& schema) {
  Types properties;
  for (const graph::FamilyDefinition& family : schema.families())
    properties.insert(family.shared_key);
  for (const ElementDefinition& element : schema.elements())
    if (element.role == ElementRole::root && is_shared(element))
      for (const graph::PropertyDefinition& property : element.properties)
        if (property.source == PropertySource::constant && property.constant.is_string())
          properties.insert(property.property);
  std::string text = "labels:labels(x), properties:x{";
  for (const std::string& property : properties)
    text += (text.ends_with('{') ? "." : ", .") + property;
  return text + "}";
}

} // namespace

bolt::Statement gather_statement(std::string_view shared_label, std::span<const std::string> keys,
                                 const graph::Schema& schema) {
  const RelationshipTypes types = types_of(schema);
  std::string key_property = "uuid";
  for (const graph::FamilyDefinition& family : schema.families())
    if (family.shared_label == shared_label)
      key_property = family.shared_key;
  const std::string other = summary(schema);
  const auto ends = [&other](const char* from, const std::string& relationship) {
    return "[" + std::string(from) + relationship + "(x)|{type:type(t), " + other + "}]";
  };
  const std::string part = "(p)|{node:p, type:type(r), "
                           "parts:[(p)-[q:" +
                           joined(types.to_inner_parts) +
                           "]->(c)|{node:c, type:type(q)}], "
                           "targets:" +
                           ends("(p)", "-[t:" + joined(types.to_targets) + "]->") + ", " +
                           "named:" + ends("(p)", "<-[t:" + joined(types.from_named) + "]-") + "}]";
  Types to_parts = types.to_parts;
  to_parts.emplace(hidden_type);
  std::string text = "CYPHER 5 UNWIND range(0,size($keys)-1) AS ix MATCH (i:";
  text += shared_label;
  text += " {" + key_property + ":$keys[ix]}) RETURN ix, i, [(i)-[r:" + joined(to_parts) + "]->" +
          part + " AS outward, [(i)<-[r:" + joined(types.from_parts) + "]-" + part +
          " AS inward, " + ends("(i)", "-[t:" + joined(types.direct) + "]->") +
          " AS targets ORDER BY ix";
  return {std::move(text), {{"keys", bolt::List(keys.begin(), keys.end())}}};
}

} // namespace diffo::neo4j
