#pragma once

#include "graph/schema.h"
#include "neo4j/projection/shared_graph.h"

#include <diffo/bolt.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What statements that write the shared graph are made of. All words in them are the schema's.
namespace diffo::neo4j {

/// `(n:Party {key:r.key})`.
std::string node(std::string_view variable, const NodeName& name, std::string_view key);
/// `(a)-[:HAS]->(b)` or, from b to a, `(a)<-[:HAS]-(b)`.
std::string relationship(std::string_view a, std::string_view type, bool outward,
                         std::string_view b, std::string_view variable = {});
/// The rest for each row `r`.
std::string unwind(std::string_view rest);
/// Our own node of that name.
std::string match_own(std::string_view variable, const NodeName& name, std::string_view key);

/// Sets properties of a node that says whether others have changed it since we did: then what they
/// changed stays, and is still to be found afterwards.
constexpr std::string_view set_beside_others =
    "WITH n, r, coalesce(n.diffoAt <> n.updatedAt, false) AS theirs "
    "FOREACH (x IN CASE WHEN theirs THEN [] ELSE [1] END | SET n.diffoAt = CASE WHEN n.diffoAt IS "
    "NOT NULL THEN r.set.updatedAt END SET n += r.set) "
    "FOREACH (k IN CASE WHEN theirs THEN [k IN keys(r.set) WHERE n[k] = r.was[k] OR n[k] IS NULL "
    "AND r.was[k] IS NULL] ELSE [] END | SET n[k] = r.set[k])";

/// The rows of one phase, by the statement that takes them: one for each text, in their order.
class Phase {
public:
  void add(std::string text, bolt::Map row) { rows_[std::move(text)].push_back(std::move(row)); }

  /// Adds the statements. Rows stand in the order of their nodes, so that two writers never lock
  /// each other out.
  void write(std::vector<bolt::Statement>& statements);

private:
  std::map<std::string, std::vector<bolt::Map>> rows_;
};

bolt::List list_of(const std::vector<std::string>& texts);

/// What ties nodes to roots of a family.
struct TieKind {
  std::string type;
  bool outward = true; ///< it leads there
  /// Of nodes that are hidden without a target: what ties them to their holder, and whether it
  /// leads to that.
  std::optional<std::pair<std::string, bool>> holder{};
  friend auto operator<=>(const TieKind&, const TieKind&) = default;
};

std::set<TieKind> ties_to(const graph::FamilyDefinition& family, const graph::Schema& schema);

/// Hides the node `n`, if it is not hidden; `holder`: what ties it to its holder, and whether it
/// leads to that.
std::string hide(const std::pair<std::string, bool>& holder);
/// Shows the node `n`, if it is hidden.
std::string show(const std::pair<std::string, bool>& holder);

} // namespace diffo::neo4j
