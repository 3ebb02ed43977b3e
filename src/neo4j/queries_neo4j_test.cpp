#define DOCTEST_CONFIG_IMPLEMENT
#include "neo4j/layout.h"
#include "neo4j/paging.h"
#include "testing/neo4j_server.h"
#include "testing/random_queries.h"

#include <doctest/doctest.h>

#include <ctime>
#include <iostream>
#include <map>
#include <set>

using namespace diffo;
using namespace diffo::neo4j;
using namespace diffo::store::test;
using testing::good;
using testing::variable;

// What a real server makes of the Cypher of queries. test/neo4j/run starts one and names it in the
// environment. It must be empty of records, and is left so.
namespace {

bolt::Driver open() {
  return good(bolt::Driver::open(
      variable("DIFFO_NEO4J_URI"),
      bolt::AuthToken::basic(variable("DIFFO_NEO4J_USER"), variable("DIFFO_NEO4J_PASSWORD"))));
}

void run(bolt::Driver& driver, const std::string& query, const bolt::Map& parameters = {}) {
  good(driver.execute("CYPHER 5 " + query, parameters));
}

/// The keys of a record in one index, cut, as a property of its node.
bolt::Value keys_property(const graph::IndexDefinition& index, const graph::Record& record) {
  struct Keys final : graph::IndexSink {
    void add(std::string_view key) override {
      texts.insert(hex_text(key.substr(0, graph::max_index_key_bytes)));
    }
    std::set<std::string> texts;
  } keys;
  index.keys(record, schema().dictionary(), keys);
  if (keys.texts.empty())
    return nullptr;
  if (index.single_key)
    return *keys.texts.begin();
  return bolt::List(keys.texts.begin(), keys.texts.end());
}

bolt::Map properties_of(const graph::Record& record) {
  const std::string_view bytes = record.bytes();
  bolt::Map properties{{"key", key_text(record.key())},
                       {"scope", scope_text(record.tenant(), record.family(), record.which())},
                       {"sequence", static_cast<std::int64_t>(record.sequence())},
                       {"created", record.created_at()},
                       {"record", bolt::Bytes(bytes.begin(), bytes.end())}};
  for (const graph::IndexDefinition& index : schema().indexes())
    properties.set(index_property(index.number), keys_property(index, record));
  return properties;
}

/// Writes records as layout.h says they lie.
void load(bolt::Driver& driver, const std::vector<graph::RecordRef>& records) {
  bolt::List rows;
  bolt::List edges;
  for (const graph::RecordRef& record : records) {
    rows.emplace_back(properties_of(*record));
    std::set<std::pair<std::int64_t, std::string>> targets;
    graph::for_each_edge(record->root(schema().dictionary()), [&](const graph::ElementView& edge) {
      targets.emplace(edge.kind(), key_text({0, edge.target_family(), edge.target_id().text()}));
    });
    for (const auto& [kind, target] : targets)
      edges.emplace_back(
          bolt::Map{{"from", key_text(record->key())}, {"kind", kind}, {"to", target}});
  }
  run(driver, "UNWIND $rows AS row MERGE (n:DiffoRecord {key: row.key}) SET n = row",
      {{"rows", std::move(rows)}});
  run(driver,
      "UNWIND $edges AS edge MATCH (n:DiffoRecord {key: edge.from}) "
      "MERGE (t:DiffoRecord {key: edge.to}) CREATE (n)-[:DIFFO_REFERS {kind: edge.kind}]->(t)",
      {{"edges", std::move(edges)}});
}

/// The words of all records, made anew.
void load_words(bolt::Driver& driver) {
  run(driver, "MATCH (w:DiffoWord) DETACH DELETE w");
  run(driver, "MATCH (n:DiffoRecord) WHERE n.k4 IS NOT NULL UNWIND n.k4 AS key "
              "MERGE (w:DiffoWord {at: n.scope + '|4|' + key}) CREATE (n)-[:DIFFO_HAS]->(w)");
}

void clear(bolt::Driver& driver) {
  run(driver, "MATCH (n:DiffoRecord|DiffoWord) DETACH DELETE n");
}

} // namespace

TEST_CASE("a real server answers random queries as looking at each record does") {
  bolt::Driver driver = open();
  clear(driver);
  run(driver, "CREATE CONSTRAINT queries_test_key IF NOT EXISTS FOR (n:DiffoRecord) "
              "REQUIRE n.key IS UNIQUE");
  run(driver, "CREATE INDEX queries_test_order IF NOT EXISTS FOR (n:DiffoRecord) "
              "ON (n.scope, n.created)");
  run(driver, "CREATE INDEX queries_test_state IF NOT EXISTS FOR (n:DiffoRecord) "
              "ON (n.scope, n.k2, n.created)");
  run(driver, "CREATE CONSTRAINT queries_test_word IF NOT EXISTS FOR (n:DiffoWord) "
              "REQUIRE n.at IS UNIQUE");
  const ListIndexes lists = list_indexes_of(schema());
  RandomQueries random(static_cast<unsigned>(std::time(nullptr)));
  std::map<graph::Key, graph::RecordRef> records;
  constexpr graph::Sequence revision = 900;
  constexpr std::size_t most = 10'000;
  for (int number = 0; number < 700; ++number) {
    const graph::Key key = random.some_key(400);
    records.insert_or_assign(key, graph::encode(random.some_record(key, 1 + random.pick(900),
                                                                   1'000'000 + random.pick(500)),
                                                schema().dictionary()));
  }
  std::vector<graph::RecordRef> all;
  all.reserve(records.size());
  for (const auto& [key, record] : records)
    all.push_back(record);
  load(driver, all);
  // Some are changed afterwards.
  Images changed;
  std::vector<graph::RecordRef> newer;
  for (unsigned count = 0; count < 30; ++count) {
    const graph::RecordRef& old = all[random.pick(static_cast<unsigned>(all.size()))];
    if (changed.emplace(old->key(), old).second)
      newer.push_back(
          graph::encode(random.some_record(old->key(), revision + 1 + count, old->created_at()),
                        schema().dictionary()));
  }
  run(driver, "UNWIND $keys AS key MATCH (n:DiffoRecord {key: key})-[r]->() DELETE r",
      {{"keys", [&newer] {
          bolt::List keys;
          for (const graph::RecordRef& record : newer)
            keys.emplace_back(key_text(record->key()));
          return keys;
        }()}});
  load(driver, newer);
  load_words(driver);

  bolt::Session session = driver.session({.mode = bolt::AccessMode::read});
  int pushed = 0;
  int sorted = 0;
  int looked_up = 0;
  for (int asked = 0; asked < 400; ++asked) {
    const graph::Query query = random.with_cursor(random.some_query(), all);
    for (const Choose choose : {Choose::database, Choose::here}) {
      // By turns with words and without them.
      const auto plan = statements_of(query, schema(), revision, most, changed, choose,
                                      asked % 2 == 0 ? lists : ListIndexes{})
                            .value();
      looked_up += plan.statements.front().query.find("DiffoWord") != std::string::npos ? 1 : 0;
      pushed += plan.pushed ? 1 : 0;
      CAPTURE(plan.statements.front().query);
      CAPTURE(bolt::to_text(plan.statements.front().parameters));
      const auto answers = good(session.run_script(plan.statements));
      const auto page = page_from(query, schema(), plan, answers, changed, changed, revision, most);
      if (!page && page.error().code == ErrorCode::unsupported) {
        REQUIRE(plan.pushed);
        REQUIRE(query.order.size() == 1);
        continue;
      }
      REQUIRE(page);
      sorted += plan.pushed && !query.order.empty() ? 1 : 0;
      const graph::Page expected = plain_page(query, plain_matches(query, all));
      REQUIRE(page->records.size() == expected.records.size());
      REQUIRE(same_page(query, *page, expected));
    }
  }
  CHECK(pushed > 50);
  CHECK(sorted > 10);
  CHECK(looked_up > 10);
  clear(driver);
  for (const char* name : {"CONSTRAINT queries_test_key", "CONSTRAINT queries_test_word",
                           "INDEX queries_test_order", "INDEX queries_test_state"})
    run(driver, std::string("DROP ") + name + " IF EXISTS");
}

// Replaces doctest's own main, to say loudly what is left out.
int main(int count, char** words) {
  if (!variable("DIFFO_NEO4J_URI").empty())
    return doctest::Context(count, words).run();
  std::cout << "SKIPPED: the queries that need a real Neo4j (DIFFO_NEO4J_URI, _USER, _PASSWORD); "
               "test/neo4j/run starts one. Left out:\n";
  const char* const list[] = {words[0], "--count"};
  return doctest::Context(2, list).run();
}
