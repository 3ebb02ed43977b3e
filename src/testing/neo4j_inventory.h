#pragma once

#include "base/time.h"
#include "neo4j/neo4j_store.h"
#include "neo4j/setup.h"
#include "testing/neo4j_server.h"
#include "testing/store_schema.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

/// An inventory on the server of tests, of records of store_schema.h. The database must hold none,
/// and is left so.
namespace diffo::testing {

inline void cypher(const std::string& text) {
  auto driver = neo4j::connect(connection());
  REQUIRE(driver);
  const auto done = driver->execute("CYPHER 5 " + text);
  if (!done)
    FAIL(done.error().message);
}

/// An empty inventory, and stores on it.
struct EmptyInventory {
  SystemClock clock;

  EmptyInventory() {
    erase();
    auto driver = neo4j::connect(connection());
    REQUIRE(driver);
    const auto made = neo4j::initialize(*driver, {}, store::test::schema());
    if (!made)
      FAIL(made.error().text());
  }
  ~EmptyInventory() { erase(); }
  EmptyInventory(const EmptyInventory&) = delete;
  EmptyInventory& operator=(const EmptyInventory&) = delete;

  [[nodiscard]] std::unique_ptr<neo4j::Neo4jStore> open(std::size_t threads = 16) const {
    auto store = neo4j::Neo4jStore::open({.connection = connection(),
                                          .schema = &store::test::schema(),
                                          .clock = &clock,
                                          .threads = threads});
    if (!store)
      FAIL(store.error().text());
    return std::move(*store);
  }

private:
  static void erase() {
    for (const char* label :
         {"DiffoRecord", "DiffoVersion", "DiffoJournal", "DiffoClaim", "DiffoAnswer", "DiffoCursor",
          "DiffoSeen", "DiffoTenant", "DiffoWord", "DiffoHead"})
      cypher(std::string("MATCH (n:") + label + ") DETACH DELETE n");
  }
};

inline graph::RecordRef read_one(graph::Store& store, const graph::Key& key, graph::Pin pin = {}) {
  auto subgraph = graph::read_and_wait(store, std::move(pin), {.records = {key}});
  if (!subgraph)
    FAIL(subgraph.error().text());
  return subgraph->find(key);
}

} // namespace diffo::testing
