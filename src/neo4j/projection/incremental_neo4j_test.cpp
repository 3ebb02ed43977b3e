#include "testing/shared_graph_database.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;
using namespace diffo::neo4j;
using namespace diffo::testing;

namespace {

/// Some records that refer to each other, or to what is not there.
class World {
public:
  explicit World(const std::vector<std::uint32_t>& supply) : supply_(supply) {}

  /// So many are put or erased in one commit.
  std::vector<graph::Delta::Change> next_commit() {
    std::map<graph::Key, graph::Delta::Change> changes;
    for (std::uint32_t count = 1 + next(3); count > 0; --count) {
      graph::RecordRef after = any_record();
      const graph::Key key = after->key();
      if (next(3) == 0)
        after = {};
      const auto present = records_.find(key);
      const graph::RecordRef before =
          present == records_.end() ? graph::RecordRef() : present->second;
      if (changes.contains(key) || (!before && !after))
        continue;
      changes.emplace(key, graph::Delta::Change{key, before, after});
      if (after)
        records_.insert_or_assign(key, after);
      else
        records_.erase(key);
    }
    std::vector<graph::Delta::Change> all;
    for (auto& [key, change] : changes)
      all.push_back(std::move(change));
    return all;
  }

  [[nodiscard]] std::vector<graph::RecordRef> records() const {
    std::vector<graph::RecordRef> all;
    for (const auto& [key, record] : records_)
      all.push_back(record);
    return all;
  }

private:
  std::uint32_t next(std::uint32_t most) {
    return supply_.empty() ? 0 : supply_[used_++ % supply_.size()] * 7 % 1000 % most;
  }

  graph::RecordRef any_record() {
    ++time_;
    switch (next(6)) {
    case 0:
      return at(party(next(2) == 0 ? "p1" : "p2", next(2) == 0 ? "one" : "two"), 1, time_);
    case 1:
      return at(specification("a0000001-0000-4000-8000-000000000000", "access"), 1, time_);
    case 2: {
      std::vector<std::uint32_t> some;
      for (int count = 0; count < 20; ++count)
        some.push_back(next(1000));
      return at(random_location(some), 1, time_);
    }
    default:
      return any_service();
    }
  }

  graph::RecordRef any_service() {
    const auto service_id = [](std::uint32_t number) {
      return "00000000-0000-4000-8000-00000000000" + std::to_string(number);
    };
    json::Object document{
        {"id", service_id(next(3))},
        {"@type", "Service"},
        {"state", "active"},
        {"name", "s" + std::to_string(next(3))},
        {"serviceSpecification",
         json::Object{{"id", next(2) == 0 ? "a0000001-0000-4000-8000-000000000000"
                                          : "a0000002-0000-4000-8000-000000000000"}}}};
    json::Array parties;
    json::Array places;
    json::Array relations;
    json::Array notes;
    for (const char* role : {"owner", "user"}) {
      if (next(2) == 0)
        parties.emplace_back(json::Object{{"id", next(2) == 0 ? "p1" : "p2"}, {"role", role}});
      if (next(2) == 0)
        places.emplace_back(json::Object{{"id", "l1"}, {"role", role}});
      if (next(2) == 0)
        relations.emplace_back(json::Object{
            {"relationshipType", role},
            {"service", json::Object{{"id", service_id(next(4))}}},
            {"serviceRelationshipCharacteristic",
             json::Array{json::Object{{"name", "c"}, {"value", std::int64_t{next(3)}}}}}});
      if (next(2) == 0)
        notes.emplace_back(
            json::Object{{"id", role}, {"text", role}, {"author", next(2) == 0 ? "p1" : "p2"}});
    }
    document.set("relatedParty", std::move(parties));
    document.set("place", std::move(places));
    document.set("serviceRelationship", std::move(relations));
    document.set("note", std::move(notes));
    return at(record_of_document(document, model::Api::service, model::Version::v4), 1, time_);
  }

  const std::vector<std::uint32_t>& supply_;
  std::size_t used_ = 0;
  std::int64_t time_ = 1;
  std::map<graph::Key, graph::RecordRef> records_;
};

} // namespace

TEST_CASE("differences make the graph that all records make from nothing") {
  SharedDatabase database;
  CHECK(rc::check("incremental", [&](const std::vector<std::uint32_t>& supply) {
    World world(supply);
    database.clear();
    for (int commit = 0; commit < 8; ++commit) {
      database.commit(world.next_commit());
      RC_ASSERT(database.graph() == together(world.records()));
    }
    database.clear();
    std::vector<graph::Delta::Change> all;
    for (const graph::RecordRef& record : world.records())
      all.push_back({record->key(), {}, record});
    database.commit(all);
    RC_ASSERT(database.graph() == together(world.records()));
  }));
}

TEST_CASE("what leads to what is not there yet is hidden from others, with all they added") {
  SharedDatabase database;
  const auto referrer = service(with_party);
  const auto owner = party("p1", "one");
  database.put({}, referrer);
  CHECK(database.count("MATCH (n:PartyRef) RETURN count(n)") == 0);
  // What others wrote first counts as there.
  database.run("CREATE (:Provider:Party {key:'p1', name:'theirs', type:'PartyRef'})");
  database.put({}, owner);
  const char* const seen = "MATCH (:Instance)-[:RELATES]->(r:Provider:PartyRef)-[:RELATES]->"
                           "(:Party {key:'p1'}) RETURN count(r)";
  CHECK(database.count(seen) == 1);
  database.run("MATCH (r:PartyRef) SET r:Servo, r.theirs = 1");
  database.put(owner, {});
  CHECK(database.count("MATCH (n:PartyRef) RETURN count(n)") == 0);
  CHECK(database.count("MATCH (n:Party) RETURN count(n)") == 0);
  const auto read = database.gather("Instance", std::string(id));
  CHECK(together({read}) != together({}));
  CHECK(database.count("MATCH (n:DiffoPart) WHERE n.diffoTarget = '0|3|p1' AND n.theirs = 1 "
                       "RETURN count(n)") == 1);
  database.put({}, owner);
  CHECK(database.count(seen) == 1);
  CHECK(database.count("MATCH (r:PartyRef:Servo {theirs: 1}) RETURN count(r)") == 1);
}

TEST_CASE("a place that a reference of others leads to stays, and is theirs") {
  SharedDatabase database;
  const auto owner = party("p1", "one");
  database.put({}, owner);
  database.run("MATCH (p:Party {key:'p1'}) CREATE (:Provider:Instance {uuid:'x'})-[:RELATES]->"
               "(:Provider:PartyRef {uuid:'y'})-[:RELATES]->(p)");
  database.put(owner, {});
  CHECK(database.count("MATCH (p:Party {key:'p1'}) WHERE p.diffoOwner IS NULL AND NOT p:DiffoPart "
                       "RETURN count(p)") == 1);
}

TEST_CASE("an assignment is a node between two instances for each of its numbers") {
  SharedDatabase database;
  const auto service_of = [](const char* number) {
    return at(record_of(std::string(R"({"@type":"Service","state":"active","id":")") +
                            "00000000-0000-4000-8000-00000000000" + number +
                            R"(","serviceSpecification":{"id":"s"}})",
                        model::Api::service, model::Version::v4),
              1, 2);
  };
  const auto assigner = service_of("1");
  const auto assignee = service_of("2");
  const auto assignment = [&](std::int64_t size) {
    graph::RecordDraft draft;
    draft.key = {0, model::family_assignment, "00000000-0000-4000-8000-000000000009"};
    draft.root.kind = model::kinds::assignment_root;
    draft.root.set_field(model::words::number_of("pool"), "ports");
    draft.root.set_field(model::words::number_of("thing"), "port");
    draft.root.set_field(model::words::value, 7);
    draft.root.set_field(model::words::alias, "primary");
    if (size != 1)
      draft.root.set_field(model::words::number_of("size"), size);
    for (const auto& [kind, end] : {std::pair{model::kinds::assigner, assigner},
                                    std::pair{model::kinds::assignee, assignee}}) {
      graph::Element& edge = draft.root.children.emplace_back();
      edge.kind = kind;
      edge.target = graph::Target{model::family_service, end->id()};
    }
    return at(encoded(draft), 1, 2);
  };
  const auto one = assignment(1);
  database.commit(
      {{one->key(), {}, one}, {assigner->key(), {}, assigner}, {assignee->key(), {}, assignee}});
  CHECK(database.graph() == together({assigner, assignee, one}));
  CHECK(database.count(
            "MATCH (:Instance {uuid:'00000000-0000-4000-8000-000000000001'})-[:RELATES]->"
            "(a:Provider:AssignmentRelationship {pool:'ports', thing:'port', value:7, "
            "alias:'primary', type:'assignedTo', targetType:'service', targetHref:"
            "'serviceInventoryManagement/v4/service/00000000-0000-4000-8000-000000000002'})"
            "-[:RELATES]->(:Instance {uuid:'00000000-0000-4000-8000-000000000002'}) "
            "RETURN count(a)") == 1);
  // It is no part of the assigner's record.
  CHECK(together({database.gather("Instance", assigner->id())}) == together({assigner}));
  const auto three = assignment(3);
  database.put(one, three);
  CHECK(database.graph() == together({assigner, assignee, three}));
  CHECK(database.count("MATCH (a:AssignmentRelationship) RETURN sum(a.value)") == 7 + 8 + 9);
  database.put(assignee, {});
  CHECK(database.graph() == together({assigner, three}));
  database.put({}, assignee);
  CHECK(database.graph() == together({assigner, assignee, three}));
  database.put(three, {});
  CHECK(database.graph() == together({assigner, assignee}));
}

TEST_CASE("what happened to an instance, as others have it, is never broken") {
  SharedDatabase database;
  const auto record = service(with_party);
  database.put({}, record);
  database.run("MATCH (i:Instance {uuid:'" + std::string(id) +
               "'}) CREATE (i)-[:FIRED]->(:Provider:Event {uuid:'b'})-[:AFTER]->"
               "(:Provider:Event {uuid:'a'})");
  const char* const chain = "MATCH (i:Instance)-[:FIRED]->({uuid:'b'})-[:AFTER]->({uuid:'a'}) "
                            "RETURN count(i)";
  const auto changed =
      at(service(R"("serviceSpecification":{"id":"s2"},"name":"other")"), made_at, made_at + 9);
  database.put(record, changed);
  CHECK(database.count(chain) == 1);
  CHECK(together({database.gather("Instance", std::string(id))}) == together({changed}));
  database.put(changed, {});
  CHECK(database.count("MATCH ({uuid:'b'})-[:AFTER]->({uuid:'a'}) RETURN count(*)") == 1);
}
