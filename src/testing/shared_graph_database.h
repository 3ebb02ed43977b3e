#pragma once

#include "model/words.h"
#include "neo4j/layout.h"
#include "neo4j/projection/gather.h"
#include "neo4j/projection/statements.h"
#include "testing/neo4j_server.h"
#include "testing/shared_graph_checks.h"

#include <diffo/bolt.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// The shared graph of a real server, which test/neo4j/run starts and names in the environment.
namespace diffo::neo4j {

using testing::good;
using testing::variable;

/// Members of a service with a part of each sort.
inline constexpr const char* with_party =
    R"("serviceSpecification":{"id":"a0000001-0000-4000-8000-000000000000"},"relatedParty":[{"role":"owner","partyOrPartyRole":)"
    R"({"id":"p1","@type":"PartyRef","name":"n"},"@type":"RelatedPartyRefOrPartyRoleRef"}],)"
    R"("feature":[{"name":"f","isEnabled":false,"featureCharacteristic":[{"name":"c","value":5}]}],)"
    R"("note":[{"id":"n1","text":"t"}])";

class SharedDatabase {
public:
  SharedDatabase()
      : driver_(good(bolt::Driver::open(variable("DIFFO_NEO4J_URI"),
                                        bolt::AuthToken::basic(variable("DIFFO_NEO4J_USER"),
                                                               variable("DIFFO_NEO4J_PASSWORD"))))),
        session_(driver_.session()) {
    clear();
    const std::pair<const char*, const char*> unique[] = {
        {"Instance", "n.uuid"}, {"Specification", "n.uuid"},
        {"Party", "n.key"},     {"Place", "n.key"},
        {"Entity", "n.string"}, {"Specification", "(n.name, n.majorVersion)"}};
    for (const auto& [label, property] : unique)
      run("CREATE CONSTRAINT IF NOT EXISTS FOR (n:" + std::string(label) + ") REQUIRE " + property +
          " IS UNIQUE");
    run("CREATE INDEX IF NOT EXISTS FOR (n:DiffoPart) ON (n.uuid)");
    run("CREATE INDEX IF NOT EXISTS FOR (n:DiffoPart) ON (n.diffoTarget)");
    run("CALL db.awaitIndexes()");
  }
  ~SharedDatabase() { clear(); }
  SharedDatabase(const SharedDatabase&) = delete;
  SharedDatabase& operator=(const SharedDatabase&) = delete;

  void clear() { run("MATCH (n) WHERE n:Provider OR n:DiffoPart DETACH DELETE n"); }

  std::vector<bolt::Record> run(const std::string& query) {
    return good(session_.execute(query)).records;
  }
  std::int64_t count(const std::string& query) { return run(query).at(0)[0].get<std::int64_t>(); }

  void commit(const std::vector<graph::Delta::Change>& changes) {
    const auto statements = projection_statements(changes, inventory());
    if (!statements.empty())
      good(session_.run_script(statements));
  }
  void put(const graph::RecordRef& before, const graph::RecordRef& after) {
    commit({{after ? after->key() : before->key(), before, after}});
  }

  graph::RecordRef gather(const char* label, const std::string& key) {
    const bolt::Statement statement = gather_statement(label, std::vector{key}, inventory());
    auto records = neo4j::gather(good(session_.execute(statement.query, statement.parameters)),
                                 label, inventory());
    REQUIRE(records.has_value());
    REQUIRE(records->size() == 1);
    return encoded(records->front());
  }

  /// All that belongs to a record of ours.
  Applied graph() {
    Applied graph;
    std::map<std::string, NodeName> names;
    for (const bolt::Record& row : run("MATCH (n:DiffoPart) RETURN n")) {
      const auto& node = row[0].get<bolt::Node>();
      const NodeName name = name_of_node(node);
      names[node.element_id] = name;
      auto& [labels, properties] = graph.nodes[name];
      labels = node.labels;
      std::sort(labels.begin(), labels.end());
      for (const bolt::Entry& entry : node.properties)
        if (entry.key == stamp_property)
          CHECK(entry.value == *node.properties.find(updated_property));
        else if (entry.key != created_property &&
                 (entry.key != updated_property || name.label != part_label))
          properties[entry.key] = entry.key == labels_property
                                      ? bolt::to_text(sorted(entry.value.get<bolt::List>()))
                                      : bolt::to_text(entry.value);
    }
    for (const bolt::Record& row : run("MATCH (:DiffoPart)-[r]->(:DiffoPart) RETURN r")) {
      const auto& one = row[0].get<bolt::Relationship>();
      const bool fresh = graph.relationships
                             .insert(name_of(names.at(one.start_element_id)) + " " + one.type +
                                     " " + name_of(names.at(one.end_element_id)))
                             .second;
      CHECK(fresh);
    }
    return graph;
  }

private:
  static bolt::List sorted(bolt::List texts) {
    std::sort(texts.begin(), texts.end(), [](const bolt::Value& a, const bolt::Value& b) {
      return a.get<std::string>() < b.get<std::string>();
    });
    return texts;
  }

  static NodeName name_of_node(const bolt::Node& node) {
    for (const graph::FamilyDefinition& family : inventory().families())
      for (const std::string& label : node.labels)
        if (label == family.shared_label)
          return {label, family.shared_key,
                  std::string(node.properties.text_of(family.shared_key))};
    return {std::string(part_label), "uuid", std::string(node.properties.text_of("uuid"))};
  }

  bolt::Driver driver_;
  bolt::Session session_;
};

/// What a database has of records: relationships to what is not there are not there, and what needs
/// one is hidden.
inline Applied together(const std::vector<graph::RecordRef>& records) {
  Applied all;
  std::vector<SharedGraph> graphs;
  std::set<NodeName> names;
  for (const graph::RecordRef& record : records) {
    graphs.push_back(project(*record, inventory()));
    for (const SharedNode& node : graphs.back().nodes)
      names.insert(node.name);
  }
  for (const SharedGraph& graph : graphs)
    for (SharedNode node : graph.nodes) {
      if (node.target && !names.contains(node.target->other)) {
        if (node.needs_target) {
          Labels hidden = node.labels;
          std::erase(hidden, std::string(part_label));
          node.properties.set(labels_property, bolt::List(hidden.begin(), hidden.end()));
          node.labels = {std::string(part_label)};
          node.holder->type = hidden_type;
        }
        node.target.reset();
      }
      create(all, node);
    }
  return all;
}

inline graph::RecordRef party(const char* key, const char* name) {
  graph::RecordDraft draft;
  draft.key = {0, model::family_party, key};
  draft.root.kind = model::kinds::party;
  draft.root.set_field(model::words::name, name);
  return at(packed(draft), made_at, made_at);
}

inline graph::RecordRef specification(const char* key, const char* name,
                                      const char* version = "1.0") {
  return at(record_of(std::string(R"({"@type":"ServiceSpecification","id":")") + key +
                          R"(","name":")" + name + R"(","version":")" + version + "\"}",
                      model::Api::service_specification, model::Version::v4),
            made_at, made_at);
}

} // namespace diffo::neo4j
