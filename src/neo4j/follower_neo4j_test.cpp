#include "testing/shared_place.h"

#include <atomic>
#include <thread>

using namespace diffo;
using namespace diffo::testing;

namespace {

std::string cause_of_last(Place& place) {
  const auto entries = place.store().journal(1, 10'000);
  REQUIRE(entries);
  REQUIRE_FALSE(entries->empty());
  return entries->back().cause;
}

/// Sets an extra member of a record, which the shared graph has no place for.
Result<graph::Commit> set_extra(neo4j::Neo4jStore& store, const char* id, const char* name,
                                const json::Value& value) {
  const graph::Key key{0, model::family_service, id};
  return graph::transact_and_wait(
      store, {}, {.records = {key}}, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
        const graph::Dictionary& dictionary = subgraph.schema().dictionary();
        graph::RecordDraft draft = subgraph.find(key)->to_draft(dictionary);
        std::erase_if(draft.root.extra, [&](const json::Member& one) { return one.name == name; });
        draft.root.extra.push_back({name, value});
        graph::ChangeSet changes;
        changes.changes.push_back({key, graph::encode(draft, dictionary)});
        return graph::Decision(std::move(changes));
      });
}

/// Sets a field that has a property.
Result<graph::Commit> set_name(neo4j::Neo4jStore& store, const char* id, const std::string& name) {
  const graph::Key key{0, model::family_service, id};
  return graph::transact_and_wait(
      store, {}, {.records = {key}}, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
        const graph::Dictionary& dictionary = subgraph.schema().dictionary();
        graph::RecordDraft draft = subgraph.find(key)->to_draft(dictionary);
        draft.root.set_field(*dictionary.find("name"), name);
        graph::ChangeSet changes;
        changes.changes.push_back({key, graph::encode(draft, dictionary)});
        return graph::Decision(std::move(changes));
      });
}

} // namespace

TEST_CASE("what others write while the store runs is taken in") {
  Place place;
  place.follow();
  CHECK(place.record(model::family_party, "ORG1"));
  CHECK(has(place.service(one_id), R"("name":"bandwidth")"));
  CHECK(cause_of_last(place) == "adopted from the shared graph");
  place.follow_long();
  CHECK(place.count("MATCH (n:DiffoPart) WHERE n.diffoAt <> n.updatedAt OR (n:Instance AND "
                    "n.diffoAt IS NULL) RETURN count(n)") == 0);
  const graph::Sequence quiet = place.store().statistics().sequence;
  place.follow_long();
  CHECK(place.store().statistics().sequence == quiet);

  SUBCASE("a property of a root") {
    place.run("MATCH (n:Instance {name:'two'}) SET n.state='active', n.updatedAt=$now");
    place.follow();
    CHECK(has(place.service(two_id), R"("state":"active")"));
    CHECK(cause_of_last(place) == "changed in the shared graph");
  }
  SUBCASE("a part, changed, made and deleted") {
    place.run("MATCH (b:Characteristic {name:'bandwidth'}) SET b.updatedAt=$now, b.value="
              R"('{"type":"integer","value":{"integer":70,"type":"integer"}}')");
    place.follow();
    CHECK(has(place.service(one_id), R"("value":70)"));
    place.run(
        "MATCH (n:Instance {name:'one'}) CREATE (n)-[:HAS]->(:Provider:Characteristic "
        "{uuid:'55555555-5555-4555-8555-555555555555', name:'colour', type:'instance', "
        R"(isArray:false, value:'{"type":"string","value":{"string":"red","type":"string"}}',)"
        "createdAt:$now, updatedAt:$now})");
    place.follow();
    CHECK(has(place.service(one_id), R"("value":"red")"));
    place.run("MATCH (n:Characteristic {name:'device'}) DETACH DELETE n");
    place.follow_long();
    CHECK(place.service(one_id).find("epic1000") == std::string::npos);
  }
  SUBCASE("a part without times") {
    place.run("MATCH (n:Instance {name:'two'}) CREATE (:Provider:Note {uuid:"
              "'66666666-6666-4666-8666-666666666666', text:'the lift is out', noteId:'n2', "
              "timestamp:$now})-[:ANNOTATES]->(n)");
    place.follow_long();
    CHECK(has(place.service(two_id), "the lift is out"));
  }
  SUBCASE("a geometry") {
    place.run("CREATE (:Provider:GeographicLocation:Place {key:'GEO1', name:'mast', "
              "type:'GeographicLocation', `location.json`:'{\"coordinates\":[1.5,2.5],"
              "\"type\":\"Point\"}', `location.point`:point({longitude:1.5, latitude:2.5}), "
              "createdAt:$now, updatedAt:$now})");
    place.follow();
    const auto geometry = [&place] {
      const graph::RecordRef mast = place.record(model::family_place, "GEO1");
      REQUIRE(mast);
      return json::to_text(shown(*mast, model::Version::v4));
    };
    CHECK(has(geometry(), "[1.5,2.5]"));
    place.run("MATCH (n:Place {key:'GEO1'}) SET n.updatedAt=$now, n.`location.json`="
              "'{\"coordinates\":[3.5,4.5],\"type\":\"Point\"}', "
              "n.`location.point`=point({longitude:3.5, latitude:4.5})");
    place.follow();
    CHECK(has(geometry(), "[3.5,4.5]"));
  }
  SUBCASE("a new root, and one that was deleted") {
    place.run("CREATE (:Provider:Instance {uuid:'88888888-8888-4888-8888-888888888888', "
              "name:'new', which:'actual', type:'service', state:'initial', createdAt:$now, "
              "updatedAt:$now})");
    place.follow();
    CHECK(has(place.service("88888888-8888-4888-8888-888888888888"), R"("name":"new")"));
    place.follow_long();
    place.run("MATCH (n:Instance {name:'new'}) DETACH DELETE n");
    place.follow_long();
    CHECK_FALSE(place.record(model::family_service, "88888888-8888-4888-8888-888888888888"));
    CHECK(cause_of_last(place) == "deleted from the shared graph");
  }
  SUBCASE("what we write to the same node meanwhile hides nothing") {
    place.run("MATCH (n:Instance {name:'two'}) SET n.state='active', n.updatedAt=$now");
    REQUIRE(set_name(place.store(), two_id, "renamed"));
    place.follow();
    CHECK(has(place.service(two_id), R"("state":"active")"));
    CHECK(has(place.service(two_id), R"("name":"renamed")"));
    CHECK(place.count("MATCH (n:Instance {name:'renamed', state:'active'}) RETURN count(n)") == 1);
  }
  SUBCASE("of a leaf that both change, that of the others stays, and ours is in the history") {
    place.run("MATCH (n:Instance {name:'two'}) SET n.name='theirs', n.updatedAt=$now");
    REQUIRE(set_name(place.store(), two_id, "ours"));
    place.follow();
    CHECK(has(place.service(two_id), R"("name":"theirs")"));
    const auto versions =
        place.store().history(graph::Key{0, model::family_service, two_id}, 0, 10);
    REQUIRE(versions);
    REQUIRE(versions->size() >= 2);
    CHECK(has(json::to_text(shown(*(*versions)[1].record, model::Version::v4)), "ours"));
  }
  place.follow_long();
  place.adopt();
  CHECK(place.left.empty());
  CHECK(place.findings() == std::vector<std::string>());
}

TEST_CASE("two that write other leaves of one record at the same time lose nothing of each other") {
  Place place;
  place.follow_long();
  constexpr int writes = 300;
  std::atomic<bool> done{false};
  std::thread others([&] {
    auto connected = neo4j::Database::open(connection());
    if (!connected)
      return;
    for (int number = 1; number <= writes; ++number)
      (void)(*connected)
          ->driver()
          .execute("CYPHER 5 MATCH (n:Instance {uuid:$id}) SET n.operatingStatus=$status, "
                   "n.resourceVersion=$number, n.updatedAt=datetime({datetime:datetime.truncate("
                   "'microsecond', datetime.realtime()), timezone:'Etc/UTC'})",
                   {{"id", two_id},
                    {"status", number == writes  ? "stopping"
                               : number % 2 == 0 ? "running"
                                                 : "stopped"},
                    {"number", std::to_string(number)}});
    done = true;
  });
  std::thread ours([&] {
    for (int number = 1; number <= writes; ++number) {
      CHECK(set_name(place.store(), two_id, "name " + std::to_string(number)));
      CHECK(set_extra(place.store(), two_id, "counter", number));
    }
  });
  while (!done)
    place.follow();
  others.join();
  ours.join();
  place.follow_long();
  const std::string two = place.service(two_id);
  CHECK(has(two, ("\"name\":\"name " + std::to_string(writes) + "\"").c_str()));
  CHECK(has(two, ("\"counter\":" + std::to_string(writes)).c_str()));
  CHECK(place.count("MATCH (n:Instance {uuid:'33333333-3333-4333-8333-333333333333', "
                    "operatingStatus:'stopping', name:'name " +
                    std::to_string(writes) + "'}) RETURN count(n)") == 1);
  const graph::RecordRef record = place.record(model::family_service, two_id);
  const graph::Dictionary& dictionary = inventory().dictionary();
  CHECK(record->to_draft(dictionary).root.field_text(*dictionary.find("operatingStatus")) ==
        "stopping");
  place.adopt();
  CHECK(place.left.empty());
}
