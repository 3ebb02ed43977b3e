#include "testing/shared_place.h"

using namespace diffo;
using namespace diffo::testing;

TEST_CASE("what others wrote becomes part of the inventory, and their nodes stay the only ones") {
  Place place;
  const std::int64_t nodes = place.count(nodes_of_others);
  const std::int64_t relationships = place.count(relationships_of_others);
  const neo4j::Adoption first = place.adopt();
  CHECK(place.left.empty());
  CHECK(first.changed.empty());
  CHECK(first.adopted ==
        neo4j::RootCounts{{"party", 1}, {"place", 1}, {"service", 2}, {"specification", 1}});

  const std::string one = place.service(one_id);
  for (const char* piece :
       {R"("name":"one")", R"("state":"active")", R"("name":"bandwidth")", R"("value":50)",
        R"("value":"epic1000")", R"("name":"management")", R"("value":"gold")", R"("id":"ORG1")",
        R"("role":"Reseller")", R"("id":"LOC1")", R"("role":"CustomerSite")", R"("reliesOn")",
        R"("id":"33333333-3333-4333-8333-333333333333")", R"("text":"mind the dog")",
        R"("id":"11111111-1111-4111-8111-111111111111")"})
    CHECK(has(one, piece));
  CHECK(place.record(model::family_party, "ORG1"));
  CHECK(place.record(model::family_place, "LOC1"));

  CHECK(place.count(nodes_of_others) == nodes);
  CHECK(place.count(relationships_of_others) == relationships);
  CHECK(place.count("MATCH (n:Provider) WHERE n.diffoOwner IS NULL RETURN count(n)") == 0);
  CHECK(place.count("MATCH (n:Instance {name:'one'}) WHERE n.ours='kept' RETURN count(n)") == 1);
  CHECK(place.count("MATCH (n:Provider) WHERE n.createdAt <> at RETURN count(n)") == 0);
  CHECK(place.record(model::family_service, one_id)->created_at() == 1'767'323'045'678'901);
  CHECK(place.findings() == std::vector<std::string>());

  place.check_own_nodes();
  place.open(); // anew
  const neo4j::Adoption second = place.adopt();
  CHECK(second.adopted.empty());
  CHECK(second.changed.empty());
  CHECK(place.left.empty());
}

TEST_CASE("what others changed of what is ours goes into the record") {
  Place place;
  place.adopt();
  place.run("MATCH (n:Instance {name:'one'})-[:HAS]->(b {name:'bandwidth'}), "
            "(n)-[:HAS]->(d {name:'device'}) SET n.state='suspended', n.updatedAt=$at + "
            "duration('P1D'), b.value="
            R"('{"type":"integer","value":{"integer":70,"type":"integer"}}' DETACH DELETE d )"
            "CREATE (n)-[:HAS]->(:Provider:Characteristic "
            "{uuid:'55555555-5555-4555-8555-555555555555', name:'colour', type:'instance', "
            R"(isArray:false, value:'{"type":"string","value":{"string":"red","type":"string"}}', )"
            "createdAt:$at, updatedAt:$at})");
  const std::int64_t nodes = place.count(nodes_of_others);
  const neo4j::Adoption done = place.adopt();
  CHECK(done.changed == neo4j::RootCounts{{"service", 1}});
  CHECK(done.adopted.empty());
  CHECK(place.left.empty());
  const std::string one = place.service(one_id);
  CHECK(has(one, R"("internalState":"suspended")"));
  CHECK(has(one, R"("value":70)"));
  CHECK(has(one, R"("value":"red")"));
  CHECK(one.find("epic1000") == std::string::npos);
  CHECK(place.count(nodes_of_others) == nodes);
  CHECK(place.count("MATCH (n:Provider) WHERE n.diffoOwner IS NULL RETURN count(n)") == 0);
  CHECK(place.adopt().changed.empty());
}

TEST_CASE("what cannot be taken is told, and the inventory keeps its record") {
  Place place;
  place.adopt();
  SUBCASE("others deleted it") {
    graph::RecordDraft more =
        place.record(model::family_service, two_id)->to_draft(inventory().dictionary());
    more.root.extra.push_back({"colour", "blue"});
    REQUIRE(place.put(std::move(more)));
    place.run("MATCH (n:Instance {name:'two'}) DETACH DELETE n");
    const neo4j::Adoption done = place.adopt();
    CHECK(done.changed == neo4j::RootCounts());
    CHECK(done.erased == neo4j::RootCounts());
    REQUIRE(place.left.size() == 1);
    CHECK(has(place.left.front(), two_id));
    CHECK(has(place.left.front(), "has no place for"));
    CHECK(place.record(model::family_service, two_id));
  }
  SUBCASE("others made a part of it something else") {
    place.run("MATCH (n:Feature {name:'management'}) REMOVE n:Feature");
    CHECK(place.adopt().changed.empty());
    REQUIRE(place.left.size() == 1);
    CHECK(has(place.left.front(), "another kind"));
    CHECK(has(place.service(one_id), "management"));
  }
  SUBCASE("it is nothing of ours, or has an id that none of theirs would have") {
    place.run("CREATE (:Provider:Instance {uuid:'NOT-ONE', type:'service', which:'actual', "
              "createdAt:$at, updatedAt:$at})");
    CHECK(place.adopt().adopted.empty());
    REQUIRE(place.left.size() == 1);
    CHECK(has(place.left.front(), "UUID"));
  }
}

TEST_CASE("what the shared graph has no place for stays when others change the rest") {
  Place place;
  place.adopt();
  graph::RecordDraft more =
      place.record(model::family_service, two_id)->to_draft(inventory().dictionary());
  more.root.extra.push_back({"colour", "blue"});
  more.root.newer_form = true;
  REQUIRE(place.put(std::move(more)));
  CHECK(place.adopt().left == 0);
  place.run("MATCH (n:Instance {name:'two'}) SET n.state='active'");
  CHECK(place.adopt().changed == neo4j::RootCounts{{"service", 1}});
  CHECK(place.left.empty());
  const graph::RecordRef two = place.record(model::family_service, two_id);
  const graph::RecordDraft draft = two->to_draft(inventory().dictionary());
  CHECK(draft.root.newer_form);
  REQUIRE(draft.root.extra.size() == 1);
  CHECK(draft.root.extra.front().value == json::Value("blue"));
  CHECK(has(place.service(two_id), R"("state":"active")"));
  CHECK(place.adopt().changed.empty());
}

TEST_CASE("what others deleted is erased, unless it is very much at once") {
  Place place;
  std::int64_t services = 2;
  SUBCASE("one") {
    place.adopt();
  }
  SUBCASE("very many") {
    place.run("UNWIND range(1, 150) AS i CREATE (:Provider:Instance "
              "{uuid:'77777777-7777-4777-8777-' + right('000000000000' + i, 12), name:'many',"
              "which:'actual', type:'service', state:'active', createdAt:$at, updatedAt:$at})");
    services += 150;
    place.adopt();
    place.run("MATCH (n:Instance {name:'many'}) DETACH DELETE n");
    CHECK(place.adopt().erased.empty());
    REQUIRE(place.left.size() == 150);
    CHECK(has(place.left.front(), "--erase"));
    CHECK(place.adopt(true).erased == neo4j::RootCounts{{"service", 150}});
    services -= 150;
  }
  place.run("MATCH (n:Instance {name:'two'}) DETACH DELETE n");
  CHECK(place.adopt().erased == neo4j::RootCounts{{"service", 1}});
  CHECK(place.left.empty());
  CHECK_FALSE(place.record(model::family_service, two_id));
  CHECK(place.count("MATCH (n:Instance) RETURN count(n)") == services - 1);
  const auto entries = place.store().journal(1, 1'000);
  REQUIRE(entries);
  CHECK(entries->back().cause == "deleted from the shared graph");
}
