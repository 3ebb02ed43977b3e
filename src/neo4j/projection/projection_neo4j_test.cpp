#include "model/words.h"
#include "neo4j/layout.h"
#include "neo4j/projection/gather.h"
#include "neo4j/projection/statements.h"
#include "testing/shared_graph_checks.h"

#include <diffo/bolt.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdlib>

using namespace diffo;
using namespace diffo::neo4j;
using namespace diffo::testing;

// What only a real server can show: test/neo4j/run starts one and names it in the environment.
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody changes it
  return value == nullptr ? "" : value;
}

template <typename T> T good(bolt::Outcome<T> outcome) {
  if (!outcome)
    FAIL(outcome.error().message);
  return std::move(outcome).value();
}

class Database {
public:
  Database()
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
  ~Database() { clear(); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

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
          properties[entry.key] = bolt::to_text(entry.value);
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

/// What a database has of records: relationships to what is not there are not there.
Applied together(std::initializer_list<graph::RecordRef> records) {
  Applied all;
  std::set<std::string> relationships;
  for (const graph::RecordRef& record : records) {
    Applied one = applied(project(*record, inventory()));
    all.nodes.insert(one.nodes.begin(), one.nodes.end());
    relationships.insert(one.relationships.begin(), one.relationships.end());
  }
  std::set<std::string> names;
  for (const auto& [name, node] : all.nodes)
    names.insert(name_of(name));
  for (const std::string& one : relationships) {
    const std::size_t end = one.rfind(' ');
    const std::size_t type = one.rfind(' ', end - 1);
    if (names.contains(one.substr(0, type)) && names.contains(one.substr(end + 1)))
      all.relationships.insert(one);
  }
  return all;
}

graph::RecordRef party(const char* key, const char* name) {
  graph::RecordDraft draft;
  draft.key = {0, model::family_party, key};
  draft.root.kind = model::kinds::party;
  draft.root.set_field(model::words::name, name);
  return at(packed(draft), made_at, made_at);
}

graph::RecordRef specification(const char* key, const char* name, const char* version = "1.0") {
  return at(record_of(std::string(R"({"@type":"ServiceSpecification","id":")") + key +
                          R"(","name":")" + name + R"(","version":")" + version + "\"}",
                      model::Api::service_specification, model::Version::v4),
            made_at, made_at);
}

const char* const with_party =
    R"("serviceSpecification":{"id":"a0000001-0000-4000-8000-000000000000"},"relatedParty":[{"role":"owner","partyOrPartyRole":)"
    R"({"id":"p1","@type":"PartyRef","name":"n"},"@type":"RelatedPartyRefOrPartyRoleRef"}],)"
    R"("feature":[{"name":"f","isEnabled":false,"featureCharacteristic":[{"name":"c","value":5}]}],)"
    R"("note":[{"id":"n1","text":"t"}])";

} // namespace

TEST_CASE("a record is written, changed and erased") {
  Database database;
  const auto first = service(with_party);
  database.put({}, first);
  CHECK(database.graph() == together({first}));
  const auto second = at(
      service(
          R"("serviceSpecification":{"id":"a0000002-0000-4000-8000-000000000000"},"name":"other")"),
      made_at, made_at + 5);
  database.put(first, second);
  CHECK(database.graph() == together({second}));
  database.put(second, {});
  CHECK(database.count("MATCH (n:Provider) RETURN count(n)") == 0);
}

TEST_CASE("what was referred to is tied when it comes, and again when it comes back") {
  Database database;
  const auto referrer = service(with_party);
  const auto owner = party("p1", "one");
  const auto kind = specification("a0000001-0000-4000-8000-000000000000", "access");
  database.put({}, referrer);
  CHECK(database.graph().relationships.size() == 4);
  database.put({}, owner);
  database.put({}, kind);
  CHECK(database.graph() == together({referrer, owner, kind}));
  CHECK(database.count(
            "MATCH (:Instance)-[:RELATES]->(:PartyRef)-[:RELATES]->(p:Party) RETURN count(p)") ==
        1);
  CHECK(database.count("MATCH (:Instance)-[:SPECIFIED_BY]->(s:Specification) RETURN count(s)") ==
        1);
  database.put(owner, {});
  database.put(kind, {});
  CHECK(database.graph() == together({referrer}));
  database.commit({{owner->key(), {}, owner}, {kind->key(), {}, kind}});
  CHECK(database.graph() == together({referrer, owner, kind}));
}

TEST_CASE("all at once") {
  Database database;
  const auto referrer = service(with_party);
  const auto owner = party("p1", "one");
  const auto kind = specification("a0000001-0000-4000-8000-000000000000", "access");
  database.commit(
      {{referrer->key(), {}, referrer}, {kind->key(), {}, kind}, {owner->key(), {}, owner}});
  CHECK(database.graph() == together({referrer, owner, kind}));
}

TEST_CASE("one of two roots that cannot both be there stays out, and no commit fails") {
  Database database;
  const auto first = service(with_party);
  const auto same_id = at(record_of(R"({"id":"0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a10","name":"r",)"
                                    R"("note":[{"text":"t"}]})",
                                    model::Api::resource, model::Version::v4),
                          made_at, made_at);
  SUBCASE("one after the other") {
    database.put({}, first);
    database.put({}, same_id);
  }
  SUBCASE("together") {
    database.commit({{first->key(), {}, first}, {same_id->key(), {}, same_id}});
  }
  CHECK(database.graph() == together({first}));
  database.put(same_id, at(same_id, made_at, made_at + 9));
  database.put(same_id, {});
  CHECK(database.graph() == together({first}));
}

TEST_CASE("specifications of one name and version") {
  Database database;
  const auto first = specification("a0000001-0000-4000-8000-000000000000", "access");
  const auto second = specification("a0000002-0000-4000-8000-000000000000", "access");
  database.put({}, first);
  database.put({}, second);
  CHECK(database.graph() == together({first}));
  const auto third = specification("a0000003-0000-4000-8000-000000000000", "other");
  database.put({}, third);
  const auto wanted = specification("a0000003-0000-4000-8000-000000000000", "access");
  database.put(third, wanted);
  CHECK(database.graph() == together({first, third}));
  const auto also = specification("a0000004-0000-4000-8000-000000000000", "also");
  database.put({}, also);
  const auto both = specification("a0000004-0000-4000-8000-000000000000", "same");
  const auto same = specification("a0000003-0000-4000-8000-000000000000", "same");
  database.commit({{same->key(), third, same}, {both->key(), also, both}});
  CHECK(database.graph() == together({first, same, also}));
  database.put(both, {});
  const auto newer = at(specification("a0000001-0000-4000-8000-000000000000", "access", "2.0"),
                        made_at, made_at + 1);
  const auto renamed = at(specification("a0000003-0000-4000-8000-000000000000", "access", "1.0"),
                          made_at, made_at + 2);
  database.put(first, newer);
  database.put(same, renamed);
  CHECK(database.graph() == together({newer, renamed}));
}

TEST_CASE("what others wrote is kept, and theirs becomes ours when we name it") {
  Database database;
  database.run("CREATE (:Provider:Servo:Shelf:Instance "
               "{uuid:'0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a10', name:'theirs', own:1})"
               "-[:HAS]->(:Provider:Feature {uuid:'01020300-0000-0000-0000-000000000000', "
               "name:'f', more:2})");
  graph::RecordDraft draft =
      service(
          R"("serviceSpecification":{"id":"a0000001-0000-4000-8000-000000000000"},"name":"ours","feature":[{"name":"f"}])")
          ->to_draft(inventory().dictionary());
  for (graph::Element& child : draft.root.children)
    if (child.kind == model::kinds::feature)
      child.uuid = graph::PartUuid{1, 2, 3};
  const auto record = packed(draft);
  database.put({}, record);
  CHECK(database.count("MATCH (i:Instance:Servo)-[:HAS]->(f:Feature) WHERE i.own=1 AND f.more=2 "
                       "AND i.name='ours' "
                       "AND i.diffoOwner IS NOT NULL AND f.diffoOwner=i.diffoOwner AND f:DiffoPart "
                       "RETURN count(*)") == 1);
  CHECK(database.count("MATCH (n:Provider) RETURN count(n)") == 2);
  const auto changed = at(record, draft.created_at, made_at + 1);
  database.put(record, changed);
  CHECK(database.count("MATCH (i:Instance:Servo) WHERE i.own=1 RETURN count(*)") == 1);
}

TEST_CASE("a specification that others hold on to stays, and is theirs") {
  Database database;
  const auto kind = specification("a0000001-0000-4000-8000-000000000000", "access");
  database.put({}, kind);
  database.run("MATCH (s:Specification {uuid:'a0000001-0000-4000-8000-000000000000'}) CREATE "
               "(:Provider:Instance "
               "{uuid:'x'})-[:SPECIFIED_BY]->(s)");
  database.put(kind, {});
  CHECK(database.count("MATCH (s:Specification {uuid:'a0000001-0000-4000-8000-000000000000'}) "
                       "WHERE s.diffoOwner IS NULL AND NOT "
                       "s:DiffoPart RETURN count(s)") == 1);
  database.put({}, kind);
  CHECK(database.graph() == together({kind}));
}

TEST_CASE("what others wrote is read, taken over without a change, and changed") {
  Database database;
  database.run(
      "CREATE (i:Provider:Servo:Shelf:Instance {uuid:'0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a10', "
      "type:'service', which:'actual', state:'initial', createdAt:datetime({epochSeconds:5, "
      "timezone:'Etc/UTC'}), updatedAt:datetime({epochSeconds:5, timezone:'Etc/UTC'})}) "
      "CREATE (i)-[:HAS]->(f:Provider:Feature {uuid:'01020300-0000-4000-8000-000000000000', "
      "name:'f', isenabled:true})-[:HAS]->(:Provider:Servo:Card {uuid:"
      "'01020300-0000-4000-8000-000000000001', name:'card', family:'x', since:date('2020-01-01')}) "
      "CREATE (i)-[:RELATES]->(:Provider:PartyRef {uuid:'01020300-0000-4000-8000-000000000002', "
      "role:'owner'})-[:RELATES]->(:Provider:Party {key:'p1', name:'one', type:'PartyRef'}) "
      "CREATE (i)-[:FIRED]->(:Provider:Event {uuid:'e'}) "
      "CREATE (i)-[:SPECIFIED_BY]->(:Provider:Specification "
      "{uuid:'a0000001-0000-4000-8000-000000000000', name:'n', majorVersion:1, "
      "type:'serviceSpecification'})");
  const char* const whole = "MATCH (n) WHERE n:Provider WITH n{.*, diffoOwner:null, "
                            "diffoTarget:null, diffoTie:null} AS p ORDER BY p.uuid, p.key "
                            "RETURN collect(p)";
  const std::string before = bolt::to_text(database.run(whole).at(0)[0]);
  const auto record = database.gather("Instance", std::string(id));
  database.put({}, record);
  CHECK(bolt::to_text(database.run(whole).at(0)[0]) == before);
  CHECK(database.count("MATCH (n:DiffoPart) RETURN count(n)") == 4);
  CHECK(database.count("MATCH ()-[r]->() RETURN count(r)") == 6);
  graph::RecordDraft draft = record->to_draft(inventory().dictionary());
  for (graph::Element& child : draft.root.children)
    if (child.kind == model::kinds::feature)
      child.children.at(0).set_field(model::words::value, json::Object{{"family", "y"}});
  const auto changed = encoded(draft);
  database.put(record, changed);
  CHECK(database.count("MATCH (i:Instance)-[:HAS]->(:Feature)-[:HAS]->(c:Card) WHERE "
                       "c.family='y' AND c.since=date('2020-01-01') RETURN count(c)") == 1);
  database.put(changed, {});
  CHECK(database.count("MATCH (n:Provider) RETURN count(n)") == 3);
}

TEST_CASE("any record becomes any other") {
  Database database;
  CHECK(rc::check("real difference", [&](const std::vector<std::uint32_t>& former,
                                         const std::vector<std::uint32_t>& latter) {
    for (const model::Api api : {model::Api::service, model::Api::resource}) {
      const auto before = at(random_record(former, api, model::Version::v5), 1, 2);
      const auto after = at(random_record(latter, api, model::Version::v5), 1, 3);
      database.clear();
      database.put({}, before);
      RC_ASSERT(database.graph() == together({before}));
      database.put(before, after);
      RC_ASSERT(database.graph() == together({after}));
      const auto read = database.gather("Instance", after->id());
      RC_ASSERT(together({read}) == together({after}));
      database.put(after, {});
      RC_ASSERT(database.count("MATCH (n:Provider) RETURN count(n)") == 0);
    }
  }));
}
