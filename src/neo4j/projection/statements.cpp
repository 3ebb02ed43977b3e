#include "neo4j/projection/statements.h"

#include "neo4j/projection/difference.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::neo4j {
namespace {

using graph::ElementDefinition;
using graph::ElementRole;
using graph::FamilyDefinition;

/// So many rows one statement has at most, which bounds what the server must hold at once.
constexpr std::size_t most_rows = 1000;

/// `(n:Party {key:r.key})`.
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

/// `(a)-[:HAS]->(b)` or, from b to a, `(a)<-[:HAS]-(b)`.
std::string relationship(std::string_view a, std::string_view type, bool outward,
                         std::string_view b) {
  std::string text = "(" + std::string(a) + (outward ? ")-[:" : ")<-[:");
  text += type;
  text += outward ? "]->(" : "]-(";
  text += b;
  text += ')';
  return text;
}

std::string unwind(std::string_view rest) {
  return "CYPHER 5 UNWIND $rows AS r " + std::string(rest);
}

/// Our own node of that name.
std::string match_own(std::string_view variable, const NodeName& name, std::string_view key) {
  return "MATCH " + node(variable, name, key) + " WHERE " + std::string(variable) +
         ".diffoOwner=r.owner ";
}

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
  void write(std::vector<bolt::Statement>& statements) {
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

private:
  std::map<std::string, std::vector<bolt::Map>> rows_;
};

bolt::List list_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

class Writer {
public:
  explicit Writer(const graph::Schema& schema) : schema_(schema) {}

  void add(const graph::Delta::Change& change) {
    const SharedGraph before = change.before ? project(*change.before, schema_) : SharedGraph();
    SharedGraph after = change.after ? project(*change.after, schema_) : SharedGraph();
    const FamilyDefinition* family = schema_.family(change.key.family);
    if (!after.nodes.empty() && names_of(after, *family) != names_of(before, *family) &&
        !take_names(after, *family)) {
      if (before.nodes.empty())
        return;
      keep_unique(before.nodes.front(), *family, after.nodes.front());
    }
    const Difference all = difference(before, after);
    for (const NodeName& name : all.erased)
      erase(name, all.owner, *family);
    for (const TieChange& tie : all.untied)
      untied_.add(unwind(match_own("n", tie.name, "key") + "CALL (n) { MATCH " +
                         relationship_variable(tie.tie) + " DELETE e }"),
                  {{"key", tie.name.key}, {"owner", all.owner}});
    for (const SharedNode& created : all.created)
      if (created.holder)
        create_part(created, all.owner);
      else
        create_root(created, all.owner, *family);
    for (const NodeChange& node_change : all.changed)
      change_node(node_change, all.owner, *family);
    for (const TieChange& tie : all.tied)
      add_tie(tie.name, tie.tie, tie.target, all.owner);
  }

  std::vector<bolt::Statement> statements() && {
    std::vector<bolt::Statement> all;
    for (Phase* phase :
         {&erased_parts_, &kept_roots_, &erased_roots_, &untied_, &changed_, &roots_})
      phase->write(all);
    for (Depth& depth : parts_)
      write(depth, all);
    for (Phase* phase : {&tied_, &awaited_})
      phase->write(all);
    return all;
  }

private:
  /// The parts that stand as deep: those that others wrote become ours, the rest is made.
  struct Depth {
    /// By statement, then by the node that holds them: a row each.
    std::map<std::string, std::map<std::string, bolt::Map>> claimed;
    Phase created;
  };

  static void claim_part(const SharedNode& part, const std::string& owner, Depth& depth) {
    // Only the bookkeeping: the rest is what it came with.
    bolt::Map own;
    for (const std::string_view property : {owner_property, target_property, tie_property})
      if (const bolt::Value* value = part.properties.find(property))
        own.set(property, *value);
    const NodeName& holder = part.holder->other;
    bolt::Map& row =
        depth.claimed[unwind(match_own("o", holder, "key") + "MATCH " +
                             relationship("n", part.holder->type, part.holder->outward, "o") +
                             " WHERE n.diffoOwner IS NULL AND r.parts[n.uuid] IS NOT NULL "
                             "SET n:DiffoPart SET n += r.parts[n.uuid] RETURN count(n) AS added")]
                     [holder.key];
    if (row.empty())
      row = {{"key", holder.key}, {"owner", owner}, {"parts", bolt::Map()}};
    row.find("parts")->get_if<bolt::Map>()->set(part.name.key, std::move(own));
  }

  static void write(Depth& depth, std::vector<bolt::Statement>& statements) {
    Phase claimed;
    for (auto& [text, rows] : depth.claimed)
      for (auto& [holder, row] : rows)
        claimed.add(text, std::move(row));
    claimed.write(statements);
    depth.created.write(statements);
  }

  /// The types of relationships that tie nodes to roots of a family, and whether they lead there.
  [[nodiscard]] std::set<std::pair<std::string, bool>>
  ties_to(const FamilyDefinition& family) const {
    std::set<std::pair<std::string, bool>> ties;
    for (const ElementDefinition& element : schema_.elements()) {
      const graph::Family target =
          element.role == ElementRole::edge ? element.family : element.named_family;
      const bool leads = element.role == ElementRole::edge || target != 0;
      if (leads && is_shared(element) && (target == 0 || target == family.family))
        ties.emplace(element.target_relationship_type, !element.target_points_here);
    }
    return ties;
  }

  /// Of those without a node between that lead there, with `|`.
  [[nodiscard]] std::string direct_types(const FamilyDefinition& family) const {
    std::set<std::string> types;
    for (const ElementDefinition& element : schema_.elements())
      if (element.role == ElementRole::edge && element.labels.empty() && is_shared(element) &&
          !element.target_points_here && (element.family == 0 || element.family == family.family))
        types.insert(element.target_relationship_type);
    std::string text;
    for (const std::string& type : types) {
      text += text.empty() ? "" : "|";
      text += type;
    }
    return text;
  }

  /// What no other node may have under the label of the root.
  static std::vector<std::string> names_of(const SharedGraph& graph,
                                           const FamilyDefinition& family) {
    if (graph.nodes.empty())
      return {};
    const SharedNode& root = graph.nodes.front();
    std::vector<std::string> names = {root.name.label + '|' + root.name.key};
    if (family.shared_unique.empty())
      return names;
    names.push_back(family.shared_label + '=');
    for (const std::string& property : family.shared_unique) {
      const bolt::Value* value = root.properties.find(property);
      names.back() += value == nullptr ? "" : bolt::to_text(*value);
      names.back() += '|';
    }
    return names;
  }

  /// Within a commit the first root of a name has it.
  bool take_names(const SharedGraph& graph, const FamilyDefinition& family) {
    const std::vector<std::string> names = names_of(graph, family);
    if (std::any_of(names.begin(), names.end(),
                    [this](const std::string& name) { return taken_.contains(name); }))
      return false;
    taken_.insert(names.begin(), names.end());
    return true;
  }

  /// Leaves what is unique as it was.
  static void keep_unique(const SharedNode& before, const FamilyDefinition& family,
                          SharedNode& after) {
    for (const std::string& property : family.shared_unique)
      if (const bolt::Value* value = before.properties.find(property))
        after.properties.set(property, *value);
  }

  void erase(const NodeName& name, const std::string& owner, const FamilyDefinition& family) {
    const bolt::Map row{{"key", name.key}, {"owner", owner}};
    const std::string match = match_own("n", name, "key");
    if (name.label == part_label) {
      erased_parts_.add(unwind(match + "DETACH DELETE n RETURN -count(*) AS added"), row);
      return;
    }
    // What others hold on to stays theirs.
    if (const std::string direct = direct_types(family); !direct.empty())
      kept_roots_.add(unwind(match + "AND EXISTS { MATCH (n)<-[:" + direct +
                             "]-(x) WHERE x.diffoOwner IS NULL } "
                             "REMOVE n:DiffoPart REMOVE n.diffoOwner, n.diffoTarget, n.diffoTie, "
                             "n.diffoAt RETURN -count(n) AS added"),
                      row);
    erased_roots_.add(unwind(match + "DETACH DELETE n RETURN -count(*) AS added"), row);
  }

  static std::string relationship_variable(const Tie& tie) {
    return tie.outward ? "(n)-[e:" + tie.type + "]->()" : "(n)<-[e:" + tie.type + "]-()";
  }

  void create_root(const SharedNode& root, const std::string& owner,
                   const FamilyDefinition& family) {
    // Somebody else's node becomes ours, made when it was; that of another root of ours stays as it
    // is.
    roots_.add(unwind(is_free(family) + "MERGE " + node("n", root.name, "key") +
                      " WITH n, r, n.createdAt AS made, CASE WHEN n:DiffoPart THEN 0 ELSE 1 END AS "
                      "fresh WHERE "
                      "coalesce(n.diffoOwner, r.owner)=r.owner SET n:$(r.labels) SET n += r.props "
                      "SET n.createdAt = coalesce(made, n.createdAt), n.diffoAt = CASE WHEN made "
                      "IS NULL THEN n.diffoAt END RETURN sum(fresh) AS added"),
               {{"key", root.name.key},
                {"owner", owner},
                {"labels", list_of(root.labels)},
                {"props", root.properties}});
    if (root.target)
      add_tie(root.name, *root.target, std::string(root.properties.text_of(target_property)),
              owner);
    for (const auto& [type, outward] : ties_to(family))
      awaited_.add(unwind(match_own("t", root.name, "key") +
                          "MATCH (n:DiffoPart {diffoTarget:" + "r.owner}) WHERE n.diffoTie='" +
                          type + "' MERGE " + relationship("n", type, outward, "t")),
                   {{"key", root.name.key}, {"owner", owner}});
  }

  /// The pattern of what is unique in a family: each property with what stands for its value, in
  /// which `@` is its name.
  static std::string unique_pattern(const FamilyDefinition& family, std::string_view value) {
    std::string pattern;
    for (const std::string& property : family.shared_unique) {
      pattern += pattern.empty() ? "" : ", ";
      pattern += property;
      pattern += ':';
      for (const char c : value)
        if (c == '@')
          pattern += property;
        else
          pattern += c;
    }
    return pattern;
  }

  /// Leaves only rows of which nothing else has what is unique.
  static std::string is_free(const FamilyDefinition& family) {
    if (family.shared_unique.empty())
      return {};
    return "WITH r WHERE NOT EXISTS { MATCH (x:" + family.shared_label + " {" +
           unique_pattern(family, "r.props.@") + "}) WHERE x." + family.shared_key + "<>r.key } ";
  }

  void create_part(const SharedNode& part, const std::string& owner) {
    const std::size_t depth = depth_of(part);
    if (parts_.size() <= depth)
      parts_.resize(depth + 1);
    if (part.brought)
      claim_part(part, owner, parts_[depth]);
    parts_[depth].created.add(
        unwind(match_own("o", part.holder->other, "from") +
               "AND NOT EXISTS { MATCH (x:DiffoPart {uuid:r.key}) WHERE x.diffoOwner=r.owner } "
               "CREATE (n:$(r.labels)) SET n = r.props CREATE " +
               relationship("n", part.holder->type, part.holder->outward, "o") +
               " RETURN count(n) AS added"),
        {{"key", part.name.key},
         {"from", part.holder->other.key},
         {"owner", owner},
         {"labels", list_of(part.labels)},
         {"props", part.properties}});
    depths_.insert_or_assign(part.name.key, depth);
    if (part.target)
      add_tie(part.name, *part.target, std::string(part.properties.text_of(target_property)),
              owner);
  }

  /// How many parts that this commit makes hold it.
  [[nodiscard]] std::size_t depth_of(const SharedNode& part) const {
    if (part.holder->other.label != part_label)
      return 0;
    const auto holder = depths_.find(part.holder->other.key);
    return holder == depths_.end() ? 0 : holder->second + 1;
  }

  void change_node(const NodeChange& change, const std::string& owner,
                   const FamilyDefinition& family) {
    const std::string match = match_own("n", change.name, "key");
    bolt::Map unique;
    bolt::Map rest;
    for (const bolt::Entry& entry : change.set) {
      const bool is_unique = change.name.label != part_label &&
                             std::find(family.shared_unique.begin(), family.shared_unique.end(),
                                       entry.key) != family.shared_unique.end();
      (is_unique ? unique : rest).set(entry.key, entry.value);
    }
    if (!rest.empty() && rest.contains(updated_property))
      changed_.add(unwind(match + std::string(set_beside_others)), {{"key", change.name.key},
                                                                    {"owner", owner},
                                                                    {"set", std::move(rest)},
                                                                    {"was", change.was}});
    else if (!rest.empty())
      changed_.add(unwind(match + "SET n += r.set"),
                   {{"key", change.name.key}, {"owner", owner}, {"set", std::move(rest)}});
    if (!unique.empty())
      changed_.add(unwind(match + "AND NOT EXISTS { MATCH (x:" + family.shared_label + " {" +
                          unique_pattern(family, "coalesce(r.set.@, n.@)") +
                          "}) WHERE x<>n } SET n += r.set"),
                   {{"key", change.name.key}, {"owner", owner}, {"set", std::move(unique)}});
    const auto change_labels = [&](const char* how, const std::vector<std::string>& labels) {
      if (!labels.empty())
        changed_.add(unwind(match + how + " n:$(r.labels)"),
                     {{"key", change.name.key}, {"owner", owner}, {"labels", list_of(labels)}});
    };
    change_labels("REMOVE", change.lost_labels);
    change_labels("SET", change.new_labels);
  }

  void add_tie(const NodeName& name, const Tie& tie, const std::string& target,
               const std::string& owner) {
    tied_.add(unwind(match_own("n", name, "key") + "MATCH " + node("t", tie.other, "to") +
                     " WHERE coalesce(t.diffoOwner, r.target)=r.target MERGE " +
                     relationship("n", tie.type, tie.outward, "t")),
              {{"key", name.key}, {"owner", owner}, {"to", tie.other.key}, {"target", target}});
  }

  const graph::Schema& schema_;
  std::set<std::string, std::less<>> taken_;
  std::map<std::string, std::size_t, std::less<>> depths_;
  Phase erased_parts_;
  Phase kept_roots_;
  Phase erased_roots_;
  Phase untied_;
  Phase changed_;
  Phase roots_;
  std::vector<Depth> parts_;
  Phase tied_;
  Phase awaited_;
};

} // namespace

std::vector<bolt::Statement> projection_statements(std::span<const graph::Delta::Change> changes,
                                                   const graph::Schema& schema) {
  Writer writer(schema);
  for (const graph::Delta::Change& change : changes)
    if (can_be_named(change.key, schema))
      writer.add(change);
  return std::move(writer).statements();
}

} // namespace diffo::neo4j
