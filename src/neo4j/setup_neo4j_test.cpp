#define DOCTEST_CONFIG_IMPLEMENT
#include "neo4j/connection.h"
#include "neo4j/setup.h"
#include "testing/neo4j_server.h"

#include <algorithm>
#include <cstdio>
#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace diffo;
using namespace diffo::neo4j;
using testing::variable;

// What only a real server can show. test/neo4j/run starts one and names it in the environment.
namespace {

graph::Schema schema_with_indexes(int count) {
  std::vector<graph::IndexDefinition> indexes;
  for (int number = 1; number <= count; ++number) {
    graph::IndexDefinition index;
    index.number = static_cast<graph::IndexNumber>(number);
    index.name = "index" + std::to_string(number);
    index.single_key = number != 2;
    indexes.push_back(std::move(index));
  }
  return {{}, {}, {}, std::move(indexes)};
}

/// A driver, and nothing of ours in the database before and after.
struct Fixture {
  Fixture() { clear(); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture() { clear(); }

  bolt::EagerResult run(std::string_view query) {
    auto answer = driver.execute(query);
    REQUIRE_MESSAGE(answer, (answer ? "" : answer.error().text()));
    return std::move(answer).value();
  }
  void clear() { run("MATCH (n:SetupTest) DETACH DELETE n"); }
  void drop(const std::string& kind, const std::string& begin) {
    for (const bolt::Record& record :
         run("SHOW " + kind + " YIELD name WHERE name STARTS WITH '" + begin + "' RETURN name")
             .records)
      run("DROP " + kind + " " + record["name"].get<std::string>());
  }
  std::multiset<std::string> findings() {
    std::multiset<std::string> found;
    const auto checked = check_shared_graph(driver, {}, [&](const Error& finding) {
      if (finding.path.find("00000000-0000-0000-0000-") != std::string::npos ||
          finding.path.find("setup test") != std::string::npos)
        found.insert(finding.message.substr(0, finding.message.find(':')));
    });
    REQUIRE(checked);
    return found;
  }

  bolt::Driver driver =
      std::move(connect({.uri = variable("DIFFO_NEO4J_URI"),
                         .user = variable("DIFFO_NEO4J_USER"),
                         .password = bolt::Secret(variable("DIFFO_NEO4J_PASSWORD")),
                         .database = {}}))
          .value();
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "a database is prepared once, and told so") {
  drop("CONSTRAINT", "diffo_unique_");
  drop("INDEX", "diffo_range_");
  const graph::Schema schema = schema_with_indexes(3);
  CHECK_FALSE(is_initialized(driver, {}, schema).value());
  const auto made = initialize(driver, {}, schema);
  REQUIRE(made);
  CHECK(std::count(made->begin(), made->end(), "unique DiffoRecord(key)") == 1);
  CHECK(std::count(made->begin(), made->end(), "index on DiffoRecord(scope, k3, created)") == 1);
  // What may have several keys is a list, which no index helps.
  CHECK(std::count(made->begin(), made->end(), "index on DiffoRecord(scope, k2, created)") == 0);
  CHECK(is_initialized(driver, {}, schema).value());
  CHECK(initialize(driver, {}, schema).value().empty());
}

TEST_CASE_FIXTURE(Fixture, "indexes that were declared later are added") {
  drop("INDEX", "diffo_range_DiffoRecord_scope_k4_created");
  REQUIRE(initialize(driver, {}, schema_with_indexes(3)));
  const graph::Schema schema = schema_with_indexes(4);
  CHECK_FALSE(is_initialized(driver, {}, schema).value());
  CHECK(initialize(driver, {}, schema).value() ==
        std::vector<std::string>{"index on DiffoRecord(scope, k4, created)"});
  CHECK(is_initialized(driver, {}, schema).value());
}

TEST_CASE_FIXTURE(Fixture, "a constraint of the same form by another name is good enough") {
  REQUIRE(initialize(driver, {}, schema_with_indexes(1)));
  drop("CONSTRAINT", "diffo_unique_Party_key");
  run("CREATE CONSTRAINT party_key FOR (n:Party) REQUIRE n.key IS UNIQUE");
  CHECK(initialize(driver, {}, schema_with_indexes(1)).value().empty());
  drop("CONSTRAINT", "party_key");
}

TEST_CASE_FIXTURE(Fixture, "nodes in the way of a constraint are named, and the rest is made") {
  drop("CONSTRAINT", "diffo_unique_Specification_name_majorVersion");
  drop("INDEX", "diffo_range_Provider_uuid");
  run("UNWIND [1, 2] AS i CREATE (:SetupTest:Specification {name: 'twice', majorVersion: 4})");
  const auto refused = initialize(driver, {}, schema_with_indexes(1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  REQUIRE(refused.error().problems.size() == 1);
  CHECK(refused.error().problems[0].path == "Specification(name, majorVersion)");
  CHECK(refused.error().problems[0].message.find("[\"twice\", 4] (2 nodes)") != std::string::npos);
  CHECK_FALSE(is_initialized(driver, {}, schema_with_indexes(1)).value());
  clear();
  CHECK(initialize(driver, {}, schema_with_indexes(1)).value() ==
        std::vector<std::string>{"unique Specification(name, majorVersion)"});
}

TEST_CASE_FIXTURE(Fixture, "an index in the way of a constraint is told") {
  drop("CONSTRAINT", "diffo_unique_Place_key");
  run("CREATE INDEX by_hand FOR (n:Place) ON (n.key)");
  const auto refused = initialize(driver, {}, schema_with_indexes(1));
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().problems.size() == 1);
  CHECK(refused.error().problems[0].message.find("stands in the way") != std::string::npos);
  drop("INDEX", "by_hand");
  REQUIRE(initialize(driver, {}, schema_with_indexes(1)));
}

TEST_CASE_FIXTURE(Fixture, "a shared graph that keeps the rules is clean") {
  run(R"(CREATE (s:SetupTest:Provider:Specification {uuid: '00000000-0000-0000-0000-000000000001', name: 'setup test',
      majorVersion: 1}), (i:SetupTest:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000002',
      createdAt: datetime({year: 2026, timezone: 'Etc/UTC'}), updatedAt: datetime({year: 2026, timezone: 'Etc/UTC'})}),
      (i)-[:SPECIFIED_BY]->(s), (i)-[:HAS]->(c:SetupTest:Provider:Characteristic {uuid:
      '00000000-0000-0000-0000-000000000003', value: '{"type":"dynamic","value":{"type":"Elixir.A","value":{}}}',
      values: ['{"a":1,"b":2}']}), (i)-[:RELATES]->(r:SetupTest:Provider:PlaceRef {uuid:
      '00000000-0000-0000-0000-000000000004', role: 'site'})-[:RELATES]->(p:SetupTest:Provider:Place
      {key: 'setup test'}))");
  CHECK(findings() == std::multiset<std::string>{});
}

TEST_CASE_FIXTURE(Fixture, "what breaks a rule of the shared graph is found") {
  // One node for each rule that leaves a trace; the last two digits are the rule's.
  const std::pair<const char*, std::multiset<std::string>> broken[] = {
      {"(n:Instance:Provider {uuid: '00000000-0000-0000-0000-000000000000'})-[:HAS]->(m:SetupTest:"
       "Feature {uuid: '00000000-0000-0000-0000-000000000001'})",
       {"rule 1"}},
      {"(n:Provider:Organization {key: 'setup test 1'})", {"rule 1"}},
      {"(n:Provider:Party {key: 'setup test'}), (o:SetupTest:Provider:Place {key: 'setup test'}), "
       "(n)-[:RELATES]->(:SetupTest:Provider:PlaceRef {uuid: "
       "'00000000-0000-0000-0000-000000000012'})",
       {"rule 12"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000003'})-[:HAS]->(:SetupTest:"
       "Provider:Feature {uuid: '00000000-0000-0000-0000-000000000003', isEnabled: true})",
       {"rule 3"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000004', specificationId: 'x'})",
       {"rule 4"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000005', name: 'null'})",
       {"rule 5"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000006', startedAt: "
       "datetime()})",
       {"rule 6"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000006', startedAt: 'today'})",
       {"rule 6"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-00000000000A'})", {"rule 7"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000008'})-[:HAS]->(:SetupTest:"
       "Provider:Characteristic {uuid: '00000000-0000-0000-0000-000000000008', value: "
       "'{\"b\":1,\"a\":null}'})",
       {"rule 8"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000009'})-[:HAS]->(:SetupTest:"
       "Provider:Characteristic {uuid: '00000000-0000-0000-0000-000000000009', values: [1]})",
       {"rule 8", "rule 9"}},
      {"(n:Provider:Place {key: 'setup test 10', `location.json`: '{}'})", {"rule 10"}},
      {"(n:Provider:Place {key: 'setup test 10', `location.json`: "
       "'{\"coordinates\":[1,2],\"type\":\"Point\"}', `location.point`: point({longitude: 1, "
       "latitude: 3})})",
       {"rule 10"}},
      {"(n:Provider:Specification {uuid: '00000000-0000-0000-0000-000000000011'})-[:SPECIFIED_BY]->"
       "(:SetupTest:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000011'})",
       {"rule 11"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000013'}), "
       "(n)-[:SPECIFIED_BY]->(:SetupTest), (n)-[:SPECIFIED_BY]->(:SetupTest)",
       {"rule 13"}},
      {"(n:Provider:Event {uuid: '00000000-0000-0000-0000-000000000014', createdAt: "
       "datetime({year: "
       "2025, timezone: 'Etc/UTC'}), updatedAt: datetime({year: 2025, timezone: 'Etc/UTC'})})-"
       "[:AFTER]->(:SetupTest:Provider:Event {uuid: '00000000-0000-0000-0000-000000000015', "
       "createdAt: datetime({year: 2026, timezone: 'Etc/UTC'}), updatedAt: datetime({year: 2026, "
       "timezone: 'Etc/UTC'})})",
       {"rule 14"}},
      {"(n:Provider:Specification {uuid: '00000000-0000-0000-0000-000000000015', majorVersion: "
       "1.0})",
       {"rule 15"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000017', createdAt: "
       "datetime({year: 2026, timezone: 'Etc/UTC'})})",
       {"rule 17"}},
      {"(n:Provider:Note {uuid: '00000000-0000-0000-0000-000000000018'})", {"rule 18"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000019'})-[:HAS]->(:SetupTest:"
       "Provider:Characteristic {uuid: '00000000-0000-0000-0000-000000000019', value: "
       "'{\"type\":\"dynamic\",\"value\":{}}'})",
       {"rule 19"}},
      {"(n:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000020'})-[:RELATES]->(r:"
       "SetupTest:Provider:PlaceRef {uuid: '00000000-0000-0000-0000-000000000020'})-[:RELATES]->("
       ":SetupTest:Provider:Place {key: 'setup test'}), (r)-[:OWNS]->(n)",
       {"rule 20"}},
  };
  for (const auto& [graph, expected] : broken) {
    CAPTURE(graph);
    run(std::string("CREATE ") + graph + " SET n:SetupTest");
    CHECK(findings() == expected);
    clear();
  }
  run("CREATE (i:SetupTest:Provider:Instance {uuid: '00000000-0000-0000-0000-000000000021'}) "
      "WITH i UNWIND [1, 2, 2] AS value CREATE (i)-[:RELATES]->(:SetupTest:Provider:"
      "AssignmentRelationship {uuid: '00000000-0000-0000-0000-00000000002' + value, thing: 'port', "
      "value: value})-[:RELATES]->(i)");
  std::size_t twice = 0;
  REQUIRE(check_shared_graph(driver, {}, [&](const Error& finding) {
    twice += finding.message.starts_with("hands out a value") ? 1 : 0;
  }));
  CHECK(twice == 1);
  clear();
  run("CREATE (:SetupTest:Provider:Specification {name: 'setup test'})");
  std::size_t without_key = 0;
  REQUIRE(check_shared_graph(driver, {}, [&](const Error& finding) {
    without_key += finding.message.starts_with("rule 2: ") ? 1 : 0;
  }));
  CHECK(without_key == 1);
}

int main(int count, char** words) {
  if (!variable("DIFFO_NEO4J_URI").empty())
    return doctest::Context(count, words).run();
  std::printf("SKIPPED: the tests that need a real Neo4j (DIFFO_NEO4J_URI, _USER, _PASSWORD); "
              "test/neo4j/run starts one. Left out:\n");
  const char* const list[] = {words[0], "--count"};
  return doctest::Context(2, list).run();
}
