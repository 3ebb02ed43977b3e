#pragma once

#include "base/time.h"
#include "model/words.h"
#include "neo4j/adoption.h"
#include "neo4j/follower.h"
#include "neo4j/neo4j_store.h"
#include "neo4j/setup.h"
#include "testing/neo4j_server.h"
#include "testing/test_documents.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

/// For tests on a real server, which test/neo4j/run starts and names in the environment. The
/// database must hold no inventory, and is left so.
namespace diffo::testing {

// What an Elixir Diffo has of two services, with all that belongs to one of them.
constexpr const char* graph_of_others = R"(
CREATE (spec:Provider:Specification {uuid:'11111111-1111-4111-8111-111111111111', name:'access',
          type:'serviceSpecification', majorVersion:2, minorVersion:1, patchVersion:0, tmfVersion:4,
          createdAt:$at, updatedAt:$at}),
       (party:Provider:Organization:Party {key:'ORG1', name:'Acme', type:'PartyRef',
          referredType:'Organization', tradingName:'Acme Pty', createdAt:$at, updatedAt:$at}),
       (place:Provider:GeographicAddress:Place {key:'LOC1', name:'site', type:'PlaceRef',
          referredType:'GeographicAddress', locality:'Perth', createdAt:$at, updatedAt:$at}),
       (one:Provider:Instance {uuid:'22222222-2222-4222-8222-222222222222', name:'one',
          which:'actual', type:'service', state:'active', operatingStatus:'running',
          startedAt:$at, createdAt:$at, updatedAt:$at, ours:'kept'}),
       (two:Provider:Instance {uuid:'33333333-3333-4333-8333-333333333333', name:'two',
          which:'actual', type:'service', state:'initial', operatingStatus:'unknown',
          createdAt:$at, updatedAt:$at}),
       (one)-[:SPECIFIED_BY]->(spec), (two)-[:SPECIFIED_BY]->(spec),
       (one)-[:HAS]->(:Provider:Characteristic {uuid:'44444444-4444-4444-8444-444444444441',
          name:'bandwidth', type:'instance', isArray:false,
          value:'{"type":"integer","value":{"integer":50,"type":"integer"}}',
          createdAt:$at, updatedAt:$at}),
       (one)-[:HAS]->(:Provider:Characteristic {uuid:'44444444-4444-4444-8444-444444444442',
          name:'device', type:'instance', isArray:false,
          value:'{"type":"string","value":{"string":"epic1000","type":"string"}}',
          createdAt:$at, updatedAt:$at}),
       (one)-[:HAS]->(feature:Provider:Feature {uuid:'44444444-4444-4444-8444-444444444443',
          name:'management', isenabled:true, createdAt:$at, updatedAt:$at}),
       (feature)-[:HAS]->(:Provider:Characteristic {uuid:'44444444-4444-4444-8444-444444444444',
          name:'level', type:'feature', isArray:false,
          value:'{"type":"string","value":{"string":"gold","type":"string"}}',
          createdAt:$at, updatedAt:$at}),
       (one)-[:RELATES]->(:Provider:PartyRef {uuid:'44444444-4444-4444-8444-444444444445',
          role:'Reseller', createdAt:$at, updatedAt:$at})-[:RELATES]->(party),
       (one)-[:RELATES]->(:Provider:PlaceRef {uuid:'44444444-4444-4444-8444-444444444446',
          role:'CustomerSite', createdAt:$at, updatedAt:$at})-[:RELATES]->(place),
       (one)-[:RELATES]->(:Provider:Relationship {uuid:'44444444-4444-4444-8444-444444444447',
          type:'reliesOn', alias:'backup', targetType:'service',
          targetHref:'serviceInventoryManagement/v4/service/33333333-3333-4333-8333-333333333333',
          createdAt:$at, updatedAt:$at})-[:RELATES]->(two),
       (note:Provider:Note {uuid:'44444444-4444-4444-8444-444444444448', text:'mind the dog',
          noteId:'n1', timestamp:$at})-[:ANNOTATES]->(one),
       (party)-[:AUTHORS]->(note))";

constexpr const char* one_id = "22222222-2222-4222-8222-222222222222";
constexpr const char* two_id = "33333333-3333-4333-8333-333333333333";

/// An inventory without records beside the graph of others.
class Place {
public:
  Place() {
    auto opened = neo4j::Database::open(connection());
    if (!opened)
      FAIL(opened.error().text());
    database_ = std::move(*opened);
    erase();
    const auto made =
        neo4j::initialize(database_->driver(), database_->name(), model::inventory_schema());
    if (!made)
      FAIL(made.error().text());
    run(graph_of_others);
    open();
  }
  ~Place() {
    follower_.reset();
    store_.reset();
    erase();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  std::vector<bolt::Record> run(const std::string& query) {
    // Etc/UTC, as others write it.
    auto done = database_->driver().execute(
        "CYPHER 5 WITH datetime({datetime:datetime('2026-01-02T03:04:05.678901Z'), "
        "timezone:'Etc/UTC'}) AS at, datetime({datetime:datetime.truncate('microsecond', "
        "datetime.realtime()), timezone:'Etc/UTC'}) AS now " +
        bound(query));
    if (!done)
      FAIL(done.error().message);
    return std::move(done->records);
  }
  std::int64_t count(const std::string& query) { return run(query).at(0)[0].get<std::int64_t>(); }

  neo4j::Adoption adopt(bool all_erasures = false) {
    left.clear();
    neo4j::Adoption adoption;
    const graph::FindingSink sink = [this](const Error& one) { left.push_back(one.text()); };
    const auto done = neo4j::adopt({.database = *database_,
                                    .store = *store_,
                                    .context = [] { return graph::Context(); },
                                    .adoption = adoption,
                                    .sink = sink},
                                   all_erasures);
    if (!done)
      FAIL(done.error().text());
    CHECK(adoption.left == left.size());
    return adoption;
  }

  /// One round of what takes in the changes of others; it goes on from the last one.
  void follow() {
    if (!follower_)
      follower_ = store_->make_follower();
    const auto done = follower_->round();
    if (!done)
      FAIL(done.error().text());
  }
  /// Several, so that whatever is looked at only now and then was looked at.
  void follow_long() {
    for (int round = 0; round < 12; ++round)
      follow();
  }

  graph::RecordRef record(graph::Family family, const std::string& id) {
    const graph::Key key{0, family, id};
    auto subgraph = graph::read_and_wait(*store_, {}, {.records = {key}});
    if (!subgraph)
      FAIL(subgraph.error().text());
    return subgraph->find(key);
  }
  std::string service(const std::string& id) {
    const graph::RecordRef found = record(model::family_service, id);
    REQUIRE(found);
    return json::to_text(shown(*found, model::Version::v4));
  }

  Result<graph::Commit> put(graph::RecordDraft draft) {
    return graph::transact_and_wait(
        *store_, {}, {.records = {draft.key}},
        [&draft](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          CHECK(subgraph.find(draft.key));
          graph::ChangeSet changes;
          changes.changes.push_back(
              {draft.key, graph::encode(draft, subgraph.schema().dictionary())});
          return graph::Decision(std::move(changes));
        });
  }

  std::vector<std::string> findings() {
    std::vector<std::string> all;
    REQUIRE(neo4j::check_shared_graph(database_->driver(), database_->name(),
                                      [&all](const Error& one) { all.push_back(one.text()); }));
    return all;
  }

  std::vector<std::string> left;

  /// That the store knows how many nodes of ours there are, whatever was committed since it counted
  /// them.
  void check_own_nodes() {
    const auto own = store_->own_nodes();
    REQUIRE(own);
    REQUIRE(own->expected);
    CHECK(own->present == *own->expected);
  }
  neo4j::Neo4jStore& store() { return *store_; }

  void open() {
    follower_.reset();
    store_.reset();
    auto store = neo4j::Neo4jStore::open({.connection = connection(),
                                          .schema = &model::inventory_schema(),
                                          .clock = &clock_,
                                          .threads = 4});
    if (!store)
      FAIL(store.error().text());
    store_ = std::move(*store);
    REQUIRE(store_->own_nodes()); // counted from here on
  }

private:
  /// `$at`: a moment long ago; `$now`.
  static std::string bound(std::string query) {
    for (const char* name : {"$at", "$now"})
      for (std::size_t at = 0; (at = query.find(name, at)) != std::string::npos;)
        query.erase(at, 1);
    return query;
  }

  void erase() {
    run("MATCH (n) WHERE n:Provider OR n:DiffoPart OR n:DiffoRecord OR n:DiffoVersion OR "
        "n:DiffoJournal OR n:DiffoClaim OR n:DiffoAnswer OR n:DiffoCursor OR n:DiffoSeen OR "
        "n:DiffoTenant OR n:DiffoWord OR n:DiffoHead DETACH DELETE n");
  }

  SystemClock clock_;
  std::unique_ptr<neo4j::Database> database_;
  std::unique_ptr<neo4j::Neo4jStore> store_;
  std::unique_ptr<neo4j::Follower> follower_;
};

inline bool has(const std::string& text, const char* piece) {
  const bool found = text.find(piece) != std::string::npos;
  if (!found)
    MESSAGE(std::string(piece) << " is not in " << text);
  return found;
}

constexpr const char* nodes_of_others = "MATCH (n:Provider) RETURN count(n)";
constexpr const char* relationships_of_others =
    "MATCH (:Provider)-[r]->(:Provider) RETURN count(r)";

} // namespace diffo::testing
