#include "neo4j/projection/statements.h"

#include "neo4j/projection/difference.h"
#include "neo4j/projection/shared_value.h"
#include "neo4j/projection/statement_texts.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::neo4j {
namespace {

using graph::FamilyDefinition;

class Writer {
public:
  explicit Writer(const graph::Schema& schema) : schema_(schema) {}

  void add(const graph::Delta::Change& change) {
    const SharedGraph before = change.before ? project(*change.before, schema_) : SharedGraph();
    SharedGraph after = change.after ? project(*change.after, schema_) : SharedGraph();
    const FamilyDefinition* family = schema_.family(change.key.family);
    if (!after.nodes.empty() && names_of(after, *family) != names_of(before, *family)) {
      mark(after, *family);
      if (!take_names(after, *family)) {
        if (before.nodes.empty())
          return;
        keep_unique(before.nodes.front(), *family, after.nodes.front());
      }
    }
    write(difference(before, after), *family);
  }

  void relabel(const graph::Record& record, const graph::Schema& former, std::int64_t moment) {
    const SharedGraph after = project(record, schema_);
    Difference all = difference(project(record, former), after);
    for (NodeChange& change : all.changed) {
      const auto node =
          std::find_if(after.nodes.begin(), after.nodes.end(),
                       [&](const SharedNode& one) { return one.name == change.name; });
      if (!change.set.empty() && node->properties.contains(updated_property))
        change.set.set(updated_property, instant_value(moment));
    }
    write(all, *schema_.family(record.family()));
  }

  void write(const Difference& all, const FamilyDefinition& definition) {
    const FamilyDefinition* family = &definition;
    for (const NodeName& name : all.erased)
      erase(name, all.owner, *family);
    for (const TieChange& tie : all.untied)
      untied_.add(
          unwind(match_own("n", tie.name, "key") + "CALL (n) { MATCH " +
                 relationship_variable(tie.tie) + " DELETE e }" +
                 (tie.holder ? " CALL (n) { " + hide({tie.holder->type, tie.holder->outward}) + " }"
                             : std::string())),
          {{"key", tie.name.key}, {"owner", all.owner}});
    for (const SharedNode& created : all.created)
      if (created.holder)
        create_part(created, all.owner);
      else
        create_root(created, all.owner, *family);
    for (const NodeChange& node_change : all.changed)
      change_node(node_change, all.owner, *family);
    for (const TieChange& tie : all.tied)
      add_tie(tie, all.owner);
  }

  std::vector<bolt::Statement> statements() && {
    std::vector<bolt::Statement> all;
    for (Phase* phase :
         {&erased_parts_, &kept_roots_, &hidden_, &erased_roots_, &untied_, &changed_, &roots_})
      phase->write(all);
    for (Depth& depth : parts_)
      write(depth, all);
    for (Phase* phase : {&tied_, &awaited_, &marked_})
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

  /// Whether two roots may want the same under the label.
  [[nodiscard]] bool may_clash(const FamilyDefinition& family) const {
    return !family.shared_unique.empty() ||
           std::count_if(schema_.families().begin(), schema_.families().end(),
                         [&family](const FamilyDefinition& other) {
                           return other.shared_label == family.shared_label;
                         }) > 1;
  }

  /// Says of a record whether it is in the shared graph under the names that it wants.
  void mark(const SharedGraph& wanted, const FamilyDefinition& family) {
    if (!may_clash(family))
      return;
    const SharedNode& root = wanted.nodes.front();
    bolt::Map unique;
    std::string same;
    for (const std::string& property : family.shared_unique) {
      const bolt::Value* value = root.properties.find(property);
      unique.set(property, value == nullptr ? bolt::Value() : *value);
      for (const char* piece :
           {" AND coalesce(n.", " = r.unique.", ", n.", " IS NULL AND r.unique."})
        (same += piece) += property;
      same += " IS NULL)";
    }
    marked_.add(
        unwind("MATCH (d:DiffoRecord {key:r.owner}) OPTIONAL MATCH " + node("n", root.name, "key") +
               " WHERE n.diffoOwner=r.owner" + same +
               " FOREACH (x IN CASE WHEN n IS NULL THEN [1] ELSE [] END | SET d:DiffoHidden) "
               "FOREACH (x IN CASE WHEN n IS NULL THEN [] ELSE [1] END | REMOVE "
               "d:DiffoHidden) RETURN sum(CASE WHEN n IS NULL THEN 1 ELSE 0 END) AS hidden"),
        {{"key", root.name.key}, {"owner", wanted.owner}, {"unique", std::move(unique)}});
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
    const std::set<TieKind> ties = ties_to(family, schema_);
    for (const TieKind& tie : ties)
      if (tie.outward)
        kept_roots_.add(
            unwind(match + "AND EXISTS { MATCH (n)<-[:" + tie.type + "]-" +
                   (tie.holder ? relationship("x", tie.holder->first, tie.holder->second, "")
                               : std::string("(x)")) +
                   " WHERE x.diffoOwner IS NULL } REMOVE n:DiffoPart REMOVE n.diffoOwner, "
                   "n.diffoTarget, n.diffoTie, n.diffoAt RETURN -count(n) AS added"),
            row);
    for (const TieKind& tie : ties)
      if (tie.holder)
        hidden_.add(unwind(match_own("t", name, "key") + "MATCH " +
                           relationship("n", tie.type, tie.outward, "t", "e") +
                           " WHERE n.diffoTarget=r.owner AND n.diffoTie='" + tie.type +
                           "' DELETE e WITH n " + hide(*tie.holder)),
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
      add_tie(tie_of(root), owner);
    for (const TieKind& tie : ties_to(family, schema_))
      awaited_.add(unwind(match_own("t", root.name, "key") +
                          "MATCH (n:DiffoPart {diffoTarget:r.owner}) WHERE n.diffoTie='" +
                          tie.type + "' " + (tie.holder ? show(*tie.holder) : std::string()) +
                          "MERGE " + relationship("n", tie.type, tie.outward, "t")),
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
    bolt::Map row{{"key", part.name.key},
                  {"from", part.holder->other.key},
                  {"held", part.held_by.empty() ? owner : part.held_by},
                  {"owner", owner},
                  {"labels", list_of(part.labels)},
                  {"props", part.properties}};
    std::string text =
        "MATCH " + node("o", part.holder->other, "from") +
        " WHERE o.diffoOwner=r.held AND NOT EXISTS { MATCH (x:DiffoPart {uuid:r.key}) WHERE "
        "x.diffoOwner=r.owner } ";
    const std::string created = "CREATE (n:$(r.labels)) SET n = r.props CREATE " +
                                relationship("n", part.holder->type, part.holder->outward, "o");
    if (part.needs_target && part.target) {
      const TieChange tie = tie_of(part);
      row.set("to", tie.tie.other.key);
      row.set("target", tie.target);
      row.set("hidden", list_of(hidden_labels(part)));
      text += "OPTIONAL MATCH " + node("t", tie.tie.other, "to") +
              " WHERE coalesce(t.diffoOwner, r.target)=r.target "
              "CALL (o, r, t) { WITH * WHERE t IS NOT NULL " +
              created + " CREATE " + relationship("n", tie.tie.type, tie.tie.outward, "t") +
              " } CALL (o, r, t) { WITH * WHERE t IS NULL CREATE (n:DiffoPart) SET n = r.props SET "
              "n.diffoLabels = r.hidden CREATE (o)-[:DIFFO_HOLDS]->(n) }";
    } else {
      text += created;
    }
    parts_[depth].created.add(unwind(text + " RETURN count(r) AS added"), std::move(row));
    depths_.insert_or_assign(part.name.key, depth);
    // What came from elsewhere may be there, without leading anywhere yet.
    if (part.target && (part.brought || !part.needs_target))
      add_tie(tie_of(part), owner);
  }

  static std::vector<std::string> hidden_labels(const SharedNode& part) {
    std::vector<std::string> labels = part.labels;
    std::erase(labels, std::string(part_label));
    return labels;
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
    change_labels(change, owner, match);
  }

  void change_labels(const NodeChange& change, const std::string& owner, const std::string& match) {
    const std::string shown = change.needs_target ? match + "AND n.diffoLabels IS NULL " : match;
    const auto add = [&](const char* how, const std::vector<std::string>& labels) {
      if (!labels.empty())
        changed_.add(unwind(shown + how + " n:$(r.labels)"),
                     {{"key", change.name.key}, {"owner", owner}, {"labels", list_of(labels)}});
    };
    add("REMOVE", change.lost_labels);
    add("SET", change.new_labels);
    if (change.needs_target && !(change.lost_labels.empty() && change.new_labels.empty()))
      changed_.add(unwind(match + "AND n.diffoLabels IS NOT NULL SET n.diffoLabels = "
                                  "[l IN n.diffoLabels WHERE NOT l IN r.lost] + r.new"),
                   {{"key", change.name.key},
                    {"owner", owner},
                    {"lost", list_of(change.lost_labels)},
                    {"new", list_of(change.new_labels)}});
  }

  void add_tie(const TieChange& tie, const std::string& owner) {
    std::string text = match_own("n", tie.name, "key") + "MATCH " + node("t", tie.tie.other, "to") +
                       " WHERE coalesce(t.diffoOwner, r.target)=r.target ";
    if (tie.holder)
      text += show({tie.holder->type, tie.holder->outward});
    tied_.add(unwind(text + "MERGE " + relationship("n", tie.tie.type, tie.tie.outward, "t")),
              {{"key", tie.name.key},
               {"owner", owner},
               {"to", tie.tie.other.key},
               {"target", tie.target}});
  }

  const graph::Schema& schema_;
  std::set<std::string, std::less<>> taken_;
  std::map<std::string, std::size_t, std::less<>> depths_;
  Phase erased_parts_;
  Phase kept_roots_;
  Phase hidden_;
  Phase erased_roots_;
  Phase untied_;
  Phase changed_;
  Phase roots_;
  std::vector<Depth> parts_;
  Phase tied_;
  Phase awaited_;
  Phase marked_;
};

} // namespace

std::int64_t sum_of(std::string_view column, const std::vector<bolt::EagerResult>& answers) {
  std::int64_t sum = 0;
  for (const bolt::EagerResult& answer : answers)
    for (const bolt::Record& row : answer.records)
      if (const auto* number = row[column].get_if<std::int64_t>())
        sum += *number;
  return sum;
}

std::vector<bolt::Statement> projection_statements(std::span<const graph::Delta::Change> changes,
                                                   const graph::Schema& schema) {
  Writer writer(schema);
  for (const graph::Delta::Change& change : changes)
    if (can_be_named(change.key, schema))
      writer.add(change);
  return std::move(writer).statements();
}

std::vector<bolt::Statement> relabelling_statements(std::span<const graph::RecordRef> records,
                                                    const graph::Schema& former,
                                                    const graph::Schema& schema,
                                                    std::int64_t moment) {
  Writer writer(schema);
  for (const graph::RecordRef& record : records)
    if (can_be_named(record->key(), schema))
      writer.relabel(*record, former, moment);
  return std::move(writer).statements();
}

} // namespace diffo::neo4j
