#include "graph/claims.h"
#include "model/kinds.h"
#include "model/schema.h"
#include "neo4j/layout.h"
#include "neo4j/neo4j_store.h"
#include "neo4j/setup.h"
#include "testing/neo4j_server.h"
#include "testing/test_documents.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace diffo;
using testing::inventory;
using testing::variable;

// What statements cost a real server whose graph has nodes with very many relationships:
// test/neo4j/run starts one and names it in the environment.
namespace {

std::int64_t hits_in(const bolt::Map& step) {
  const bolt::Value* own = step.find("dbHits");
  const std::int64_t* number = own == nullptr ? nullptr : own->get_if<std::int64_t>();
  REQUIRE(number != nullptr);
  std::int64_t hits = *number;
  if (const bolt::Value* children = step.find("children"))
    for (const bolt::Value& child : children->get<bolt::List>())
      hits += hits_in(child.get<bolt::Map>());
  return hits;
}

constexpr std::int64_t dense_instances = 50'000;
constexpr std::int64_t dense_references = 20'000;
constexpr std::int64_t dense_relationships = 10'000;
/// Of which one page shows all, and one flight reads all.
constexpr int many = 100;

std::string uuid(char kind, int number) {
  const std::string digits = std::to_string(number);
  return std::string("0000000") + kind + "-0000-4000-8000-" + std::string(12 - digits.size(), '0') +
         digits;
}

/// A specification, a party, a place and a service that is related to, and instances that have
/// these for neighbours.
struct Neighbourhood {
  char name; ///< a hexadecimal digit
  [[nodiscard]] std::string id(int number) const { return uuid(name, number); }
  [[nodiscard]] std::string specification() const { return id(1001); }
  [[nodiscard]] std::string party() const { return id(1002); }
  [[nodiscard]] std::string place() const { return id(1003); }
  [[nodiscard]] std::string target() const { return id(1004); }
  [[nodiscard]] graph::Key key(int number) const { return {0, model::family_service, id(number)}; }
};

graph::Change put_of(const std::string& document, model::Api api) {
  graph::RecordRef record = testing::record_of(document, api, model::Version::v4);
  graph::Key key = record->key();
  return {.key = std::move(key), .after = std::move(record)};
}

graph::Change instance(const Neighbourhood& of, int number, const std::string& more = "") {
  return put_of(
      R"({"id":")" + of.id(number) + R"(","state":"active","name":"of )" + of.name +
          R"(","serviceSpecification":{"id":")" + of.specification() +
          R"("},"serviceCharacteristic":[{"name":"bandwidth","value":7}],"feature":[{"id":"f","name":"f",)"
          R"("featureCharacteristic":[{"name":"c","value":1}]}],"relatedParty":[{"id":")" +
          of.party() + R"(","role":"user","@referredType":"Organization"}],"place":[{"id":")" +
          of.place() +
          R"(","role":"site","@referredType":"GeographicAddress"}],)"
          R"("serviceRelationship":[{"relationshipType":"reliesOn","service":{"id":")" +
          of.target() + "\"}}]" + more + "}",
      model::Api::service);
}

/// An inventory whose store has every statement profiled.
class Place {
public:
  Place() {
    auto opened = neo4j::Database::open(connection());
    REQUIRE(opened);
    database_ = std::move(*opened);
    erase();
    REQUIRE(neo4j::initialize(database_->driver(), database_->name(), inventory()));
    neo4j::Neo4jOptions options{
        .connection = connection(), .schema = &inventory(), .clock = &clock_};
    options.connection.profile = [this](const bolt::Statement& statement,
                                        const bolt::Summary& summary) {
      const bolt::Value* profile = summary.raw.find("profile");
      REQUIRE(profile != nullptr);
      hits_[statement.query] += hits_in(profile->get<bolt::Map>());
    };
    auto store = neo4j::Neo4jStore::open(std::move(options));
    if (!store)
      FAIL(store.error().text());
    store_ = std::move(*store);
  }
  ~Place() {
    store_.reset();
    erase();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  void run(const std::string& query, const bolt::Map& parameters = {}) {
    bolt::Session session = database_->driver().session();
    const auto done = session.execute("CYPHER 5 " + query, parameters);
    if (!done)
      FAIL(done.error().message);
  }

  void put(std::vector<graph::Change> changes) {
    const auto done =
        graph::transact_and_wait(*store_, {}, {}, [&](graph::Subgraph&) -> Result<graph::Decision> {
          graph::ChangeSet all;
          for (const graph::Change& one : changes)
            all.changes.push_back(
                {.key = one.key,
                 .after = one.after ? graph::copy(*one.after) : graph::RecordRef()});
          return graph::Decision(std::move(all));
        });
    if (!done)
      FAIL(done.error().text());
  }

  void make(const Neighbourhood& of) {
    put({put_of(R"({"id":")" + of.specification() + R"(","name":"spec )" + of.name + R"("})",
                model::Api::service_specification),
         put_of(R"({"id":")" + of.party() + R"(","tradingName":"party"})",
                model::Api::organization),
         put_of(R"({"id":")" + of.place() + R"(","city":"Zwolle"})",
                model::Api::geographic_address),
         put_of(
             R"({"id":")" + of.target() +
                 R"(","state":"active","name":"target","serviceSpecification":{"id":"of targets"}})",
             model::Api::service)});
    std::vector<graph::Change> changes;
    for (int number = 1; number <= many; ++number)
      changes.push_back(instance(of, number));
    put(std::move(changes));
  }

  /// Gives neighbours very many others, as the store itself would have written them.
  void crowd(const Neighbourhood& of) {
    const auto records = [&](const graph::Key& target, graph::ElementKind kind,
                             std::int64_t count) {
      run("MATCH (m:DiffoRecord {key:$model}), (t:DiffoRecord {key:$target}) WITH t, properties(m) "
          "AS p "
          "UNWIND range(1,$count) AS i CALL (p, t, i) { CREATE (c:DiffoRecord {key:$prefix+i}) SET "
          "c += "
          "p{.*, key:$prefix+i, created:p.created+i} CREATE (c)-[:DIFFO_REFERS {kind:$kind}]->(t) "
          "} "
          "IN TRANSACTIONS OF 10000 ROWS",
          {{"model", neo4j::key_text(of.key(1))},
           {"target", neo4j::key_text(target)},
           {"count", count},
           {"kind", std::int64_t{kind}},
           {"prefix", neo4j::key_text(target) + "-"}});
    };
    records({0, model::family_specification, of.specification()},
            model::kinds::specification_reference, dense_instances);
    records({0, model::family_party, of.party()}, model::kinds::party_reference, dense_references);
    records({0, model::family_service, of.target()}, model::kinds::service_relation,
            dense_relationships);
    const auto shared = [&](const char* find, const std::string& target, const char* type,
                            const char* labels, std::int64_t count) {
      run(std::string("MATCH (t:") + find +
              ":$target}) UNWIND range(1,$count) AS i CALL (t, i) { "
              "CREATE (n:Provider" +
              labels + " {uuid:$target+'-'+i}) CREATE (n)-[:" + type +
              "]->(t) } IN TRANSACTIONS OF "
              "10000 ROWS",
          {{"target", target}, {"count", count}});
    };
    shared("Specification {uuid", of.specification(), "SPECIFIED_BY", ":Instance", dense_instances);
    shared("Party {key", of.party(), "RELATES", ":PartyRef", dense_references);
    shared("Instance {uuid", of.target(), "RELATES", ":Relationship", dense_relationships);
    run("CALL db.resampleOutdatedIndexes()");
    run("CALL db.clearQueryCaches()");
  }

  /// What the statements of some work cost together.
  std::int64_t hits(const std::function<void()>& work) {
    hits_.clear();
    work();
    REQUIRE_FALSE(hits_.empty());
    std::int64_t all = 0;
    for (const auto& [text, number] : hits_)
      all += number;
    return all;
  }
  std::int64_t read_hits(const graph::FetchPlan& plan) {
    return hits([&] {
      auto subgraph = graph::read_and_wait(*store_, {}, plan);
      REQUIRE(subgraph);
      for (const graph::Key& key : plan.records)
        CHECK(subgraph->find(key));
      for (std::size_t number = 0; number < plan.queries.size(); ++number) {
        const auto page = subgraph->page(number);
        REQUIRE(page);
        CHECK_FALSE(page->records.empty());
      }
    });
  }
  /// Of the last work, one statement a line.
  [[nodiscard]] std::string bill() const {
    std::string text;
    for (const auto& [statement, number] : hits_)
      text += std::to_string(number) + "  " + statement + '\n';
    return text;
  }

private:
  static neo4j::ConnectionOptions connection() {
    return {.uri = variable("DIFFO_NEO4J_URI"),
            .user = variable("DIFFO_NEO4J_USER"),
            .password = bolt::Secret(variable("DIFFO_NEO4J_PASSWORD")),
            .database = {},
            .timeout = std::chrono::minutes(2)};
  }
  void erase() {
    for (const char* label :
         {"DiffoRecord", "DiffoVersion", "DiffoJournal", "DiffoClaim", "DiffoAnswer", "DiffoCursor",
          "DiffoSeen", "DiffoTenant", "DiffoHead", "Provider", "DiffoPart"})
      run(std::string("MATCH (n:") + label +
          ") CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS");
  }

  SystemClock clock_;
  std::unique_ptr<neo4j::Database> database_;
  std::map<std::string, std::int64_t> hits_;
  std::unique_ptr<neo4j::Neo4jStore> store_;
};

/// What is read and written of one neighbourhood, by name.
using Work = std::map<std::string, std::function<std::int64_t()>>;

graph::FetchPlan page_of(const Neighbourhood& of, std::uint64_t limit) {
  graph::Query query;
  query.families = {model::family_service};
  query.filter = graph::equal_text({.member = "name"}, {std::string("of ") + of.name});
  query.limit = limit;
  query.count = false;
  return {.queries = {query}};
}

Work work_in(Place& place, const Neighbourhood& of) {
  std::vector<graph::Key> all;
  for (int number = 1; number <= many; ++number)
    all.push_back(of.key(number));
  const graph::FetchPlan::Hop any{};
  return {{"one record", [&place, of] { return place.read_hits({.records = {of.key(1)}}); }},
          {"a hundred records", [&place, all] { return place.read_hits({.records = all}); }},
          {"one with all that it refers to",
           [&place, of, any] {
             return place.read_hits(
                 {.records = {of.key(1)}, .walks = {{.from = {of.key(1)}, .hops = {any}}}});
           }},
          {"a hundred with all that they refer to",
           [&place, all, any] {
             return place.read_hits({.records = all, .walks = {{.from = all, .hops = {any}}}});
           }},
          {"who refers to it",
           [&place, of] { return place.read_hits({.referrers = {{of.key(1), {}}}}); }},
          {"a page", [&place, of] { return place.read_hits(page_of(of, 20)); }},
          {"a change",
           [&place, of] {
             return place.hits(
                 [&] { place.put({instance(of, 1, R"(,"description":"changed")")}); });
           }},
          {"a new one",
           [&place, of] { return place.hits([&] { place.put({instance(of, many + 1)}); }); }},
          {"a deletion", [&place, of] {
             return place.hits([&] { place.put({{.key = of.key(many + 1), .after = {}}}); });
           }}};
}

} // namespace

TEST_CASE("who has dense neighbours costs no more than others") {
  Place place;
  const Neighbourhood sparse{'a'};
  const Neighbourhood dense{'d'};
  place.make(sparse);
  place.make(dense);
  place.crowd(dense);
  const Work few = work_in(place, sparse);
  const Work crowded = work_in(place, dense);
  constexpr std::int64_t alike = 5;
  for (const std::string what :
       {"one record", "a hundred records", "one with all that it refers to",
        "a hundred with all that they refer to", "who refers to it", "a page", "a change",
        "a new one", "a deletion"}) {
    const std::int64_t alone = few.at(what)();
    const std::string bill = place.bill();
    const std::int64_t in_company = crowded.at(what)();
    MESSAGE(what << ": " << alone << " database hits, " << in_company
                 << " beside dense neighbours");
    INFO("beside few:\n" << bill << "beside many:\n" << place.bill());
    CHECK(in_company <= alone + alike);
  }
}
