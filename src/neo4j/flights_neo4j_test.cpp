#include "testing/neo4j_inventory.h"

#include <doctest/doctest.h>

#include <functional>
#include <vector>

using namespace diffo;
using namespace diffo::store::test;
using testing::EmptyInventory;

// How often the store asks the database. See store_neo4j_test.cpp.
namespace {

std::uint64_t flights_of(const neo4j::Neo4jStore& store, const std::function<void()>& work) {
  const std::uint64_t before = store.metrics().flights;
  work();
  return store.metrics().flights - before;
}

} // namespace

TEST_CASE("reads take one flight and writes two") {
  const EmptyInventory place;
  auto store = place.open(1);
  std::vector<graph::Key> keys;
  for (int number = 0; number < 100; ++number) {
    REQUIRE(put(*store, numbered(std::to_string(number), number)
                            .edge(supporting_edge, service, std::to_string(number + 1))));
    keys.emplace_back(0, service, std::to_string(number));
  }
  const auto reads = [&](const graph::FetchPlan& plan) {
    return flights_of(*store, [&] {
      auto subgraph = graph::read_and_wait(*store, {}, plan);
      REQUIRE(subgraph);
      if (!plan.queries.empty())
        REQUIRE(subgraph->page(0));
    });
  };
  CHECK(reads({.records = {keys.front()}}) == 1);
  CHECK(reads({.records = keys}) == 1);
  CHECK(reads({.walks = {{.from = {keys.front()},
                          .hops = {{.kinds = {supporting_edge}},
                                   {.kinds = {supporting_edge}},
                                   {.kinds = {supporting_edge}}}}}}) == 1);
  graph::Query query;
  query.families = {service};
  query.filter = graph::equal_text({.member = "name"}, {"x"});
  CHECK(reads({.queries = {query}}) == 1);
  // With what they refer to, be it there or not.
  graph::Query all;
  all.families = {service};
  all.offset = 90;
  all.limit = 20;
  CHECK(flights_of(*store, [&] {
          auto subgraph =
              graph::read_and_wait(*store, {}, {.queries = {all}, .page_edges = {supporting_edge}});
          REQUIRE(subgraph);
          const auto page = subgraph->page(0);
          REQUIRE(page);
          CHECK(page->records.size() == 10);
          CHECK(subgraph->find({0, service, "99"}));
          CHECK_FALSE(subgraph->find({0, service, "100"}));
        }) == 1);
  CHECK(flights_of(*store, [&] { REQUIRE(put(*store, numbered("new", 1))); }) <= 2);
  CHECK(flights_of(*store, [&] { REQUIRE(put(*store, numbered("0", 7))); }) <= 2);
  const graph::FreeQuery free{.scope = graph::pool_scope("p"), .ranges = {{1, 9}}};
  const auto assign = [&] {
    REQUIRE(graph::transact_and_wait(
        *store, {}, {.free = {free}}, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          const auto number = TRY(subgraph.nth_free(free, 0, 0));
          graph::ChangeSet changes;
          changes.take.push_back(
              {.scope = free.scope, .key = std::to_string(number.value()), .holder = "h"});
          return graph::Decision(std::move(changes));
        }));
  };
  assign();
  CHECK(flights_of(*store, assign) <= 2);
}
