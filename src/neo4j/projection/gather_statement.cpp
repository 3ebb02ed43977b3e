#include "neo4j/projection/gather.h"
#include "neo4j/projection/relationship_types.h"
#include "neo4j/projection/shared_graph.h"

#include <algorithm>
#include <set>
#include <utility>

namespace diffo::neo4j {
namespace {

using graph::ElementDefinition;
using graph::ElementRole;
using graph::PropertySource;

/// What is read of another root: what finds it and tells its kind.
std::string summary(const graph::Schema& schema) {
  std::set<std::string> properties;
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
  const RelationshipTypes types = relationship_types_of(schema);
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
  std::set<std::string> to_parts = types.to_parts;
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
