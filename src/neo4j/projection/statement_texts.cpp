#include "neo4j/projection/statement_texts.h"

#include <algorithm>

namespace diffo::neo4j {
namespace {

/// So many rows one statement has at most, which bounds what the server must hold at once.
constexpr std::size_t most_rows = 1000;

} // namespace

std::string node(std::string_view variable, const NodeName& name, std::string_view key) {
  std::string text = "(";
  text += variable;
  text += ':';
  text += name.label;
  text += " {";
  text += name.property;
  text += ":r.";
  text += key;
  text += "})";
  return text;
}

std::string relationship(std::string_view a, std::string_view type, bool outward,
                         std::string_view b, std::string_view variable) {
  std::string text = "(" + std::string(a) + (outward ? ")-[" : ")<-[");
  text += variable;
  text += ':';
  text += type;
  text += outward ? "]->(" : "]-(";
  text += b;
  text += ')';
  return text;
}

std::string unwind(std::string_view rest) {
  return "CYPHER 5 UNWIND $rows AS r " + std::string(rest);
}

std::string match_own(std::string_view variable, const NodeName& name, std::string_view key) {
  return "MATCH " + node(variable, name, key) + " WHERE " + std::string(variable) +
         ".diffoOwner=r.owner ";
}

void Phase::write(std::vector<bolt::Statement>& statements) {
  for (auto& [text, rows] : rows_) {
    std::stable_sort(rows.begin(), rows.end(), [](const bolt::Map& a, const bolt::Map& b) {
      return a.text_of("key") < b.text_of("key");
    });
    for (std::size_t from = 0; from < rows.size(); from += most_rows) {
      bolt::List some;
      for (std::size_t at = from; at < std::min(rows.size(), from + most_rows); ++at)
        some.emplace_back(std::move(rows[at]));
      statements.push_back({text, {{"rows", std::move(some)}}});
    }
  }
}

bolt::List list_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

std::set<TieKind> ties_to(const graph::FamilyDefinition& family, const graph::Schema& schema) {
  std::set<TieKind> ties;
  for (const graph::ElementDefinition& element : schema.elements()) {
    const bool is_edge = element.role == graph::ElementRole::edge;
    const graph::Family target = is_edge ? element.family : element.named_family;
    if ((!is_edge && target == 0) || !is_shared(element) ||
        (target != 0 && target != family.family))
      continue;
    TieKind tie{.type = element.target_relationship_type, .outward = !element.target_points_here};
    if (is_edge && !element.labels.empty())
      tie.holder.emplace(element.relationship_type, element.points_to_owner);
    ties.insert(std::move(tie));
  }
  return ties;
}

std::string hide(const std::pair<std::string, bool>& holder) {
  return "MATCH " + relationship("n", holder.first, holder.second, "o", "h") +
         " WITH n, o, h, [l IN labels(n) WHERE l <> 'DiffoPart'] AS labels DELETE h "
         "CREATE (o)-[:DIFFO_HOLDS]->(n) SET n.diffoLabels = labels REMOVE n:$(labels)";
}

std::string show(const std::pair<std::string, bool>& holder) {
  return "CALL (n) { MATCH (o)-[h:DIFFO_HOLDS]->(n) WITH n, o, h, n.diffoLabels AS labels "
         "DELETE h CREATE " +
         relationship("n", holder.first, holder.second, "o") +
         " SET n:$(labels) REMOVE n.diffoLabels } ";
}

} // namespace diffo::neo4j
