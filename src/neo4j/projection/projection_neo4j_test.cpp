#include "testing/shared_graph_database.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;
using namespace diffo::neo4j;
using namespace diffo::testing;

TEST_CASE("a record is written, changed and erased") {
  SharedDatabase database;
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
  SharedDatabase database;
  const auto referrer = service(with_party);
  const auto owner = party("p1", "one");
  const auto kind = specification("a0000001-0000-4000-8000-000000000000", "access");
  database.put({}, referrer);
  CHECK(database.graph() == together({referrer}));
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
  SharedDatabase database;
  const auto referrer = service(with_party);
  const auto owner = party("p1", "one");
  const auto kind = specification("a0000001-0000-4000-8000-000000000000", "access");
  database.commit(
      {{referrer->key(), {}, referrer}, {kind->key(), {}, kind}, {owner->key(), {}, owner}});
  CHECK(database.graph() == together({referrer, owner, kind}));
}

TEST_CASE("one of two roots that cannot both be there stays out, and no commit fails") {
  SharedDatabase database;
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
  SharedDatabase database;
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
  SharedDatabase database;
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
  SharedDatabase database;
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
  SharedDatabase database;
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
  SharedDatabase database;
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

TEST_CASE("any geometry becomes any other on a server, too") {
  SharedDatabase database;
  CHECK(rc::check("real geometry", [&](const std::vector<std::uint32_t>& former,
                                       const std::vector<std::uint32_t>& latter) {
    const auto before = at(random_location(former), 1, 2);
    const auto after = at(random_location(latter), 1, 3);
    database.clear();
    database.put({}, before);
    RC_ASSERT(database.graph() == together({before}));
    database.put(before, after);
    RC_ASSERT(database.graph() == together({after}));
    RC_ASSERT(together({database.gather("Place", "l1")}) == together({after}));
  }));
}
