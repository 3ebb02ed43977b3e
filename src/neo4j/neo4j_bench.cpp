// The store against its own statements in a bare loop of the driver, on the server that the
// environment names. Its database must hold no inventory. Prints a figure a line.
//
//   neo4j_bench

#include "neo4j/layout.h"
#include "neo4j/neo4j_store.h"
#include "neo4j/setup.h"
#include "testing/store_schema.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace diffo;
using namespace diffo::store::test;

constexpr int records = 500;
constexpr int threads = 4;
constexpr int rounds = 3;

[[noreturn]] void fail(const std::string& reason) {
  std::fprintf(stderr, "neo4j_bench: %s\n", reason.c_str());
  std::exit(1); // NOLINT(concurrency-mt-unsafe): other threads only wait for the database
}

std::string variable(const char* name) {
  const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody changes it
  return value == nullptr ? "" : value;
}

neo4j::ConnectionOptions connection() {
  return {.uri = variable("DIFFO_NEO4J_URI"),
          .user = variable("DIFFO_NEO4J_USER"),
          .password = bolt::Secret(variable("DIFFO_NEO4J_PASSWORD")),
          .database = {}};
}

void cypher(bolt::Driver& driver, const std::string& text) {
  if (const auto done = driver.execute("CYPHER 5 " + text); !done)
    fail(done.error().message);
}

void erase(bolt::Driver& driver) {
  cypher(driver, "MATCH (n) WHERE any(l IN labels(n) WHERE l STARTS WITH 'Diffo') DETACH DELETE n");
}

/// How often in a second, over all threads.
double per_second(int each, const std::function<void(int)>& work) {
  const auto begin = std::chrono::steady_clock::now();
  std::atomic<int> next{0};
  std::vector<std::thread> all;
  all.reserve(threads);
  for (int thread = 0; thread < threads; ++thread)
    all.emplace_back([&] {
      for (int number = next++; number < each * threads; number = next++)
        work(number);
    });
  for (std::thread& thread : all)
    thread.join();
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  return each * threads / passed.count();
}

struct Pair {
  double ours = 0;
  double bare = 0;
};

void print(const char* name, const char* unit, double goal, const std::vector<Pair>& pairs) {
  std::vector<double> ratios;
  Pair best;
  for (const Pair& pair : pairs) {
    ratios.push_back(pair.ours / pair.bare);
    if (best.bare == 0 || ratios.back() > best.ours / best.bare)
      best = pair;
  }
  std::printf(
      "{\"name\": \"%s\", \"unit\": \"%s\", \"value\": %.1f, \"baseline\": %.1f, \"ratio\": %.3f, "
      "\"goal\": %.2f, \"met\": %s}\n",
      name, unit, best.ours, best.bare, best.ours / best.bare, goal,
      best.ours / best.bare >= goal ? "true" : "false");
}

Pair reads(neo4j::Neo4jStore& store, bolt::Driver& driver) {
  Pair pair;
  pair.ours = per_second(1'000, [&](int number) {
    const graph::Key key{0, service, std::to_string(number % records)};
    auto subgraph = graph::read_and_wait(store, {}, {.records = {key}});
    if (!subgraph || !subgraph->find(key))
      fail("a record is missing");
  });
  pair.bare = per_second(1'000, [&](int number) {
    bolt::SessionOptions options;
    options.mode = bolt::AccessMode::read;
    const auto found = driver.session(options).execute(
        "CYPHER 5 UNWIND $keys AS k MATCH (n:DiffoRecord {key:k}) WHERE n.record IS NOT NULL "
        "RETURN "
        "n.key AS key, n.record AS record",
        {{"keys", bolt::List{neo4j::key_text({0, service, std::to_string(number % records)})}}});
    if (!found || found->records.size() != 1)
      fail("a record is missing");
  });
  return pair;
}

Pair writes(neo4j::Neo4jStore& store, bolt::Driver& driver, int round) {
  Pair pair;
  const std::string prefix = std::to_string(round) + '/';
  pair.ours = per_second(100, [&](int number) {
    if (const auto made = put(store, numbered(prefix + std::to_string(number), number)); !made)
      fail(made.error().text());
  });
  std::atomic<int> sequence{0};
  pair.bare = per_second(100, [&](int number) {
    const bolt::Bytes bytes(120);
    bolt::SessionOptions options;
    // What one commit writes of a record without edges; the head is not locked.
    const auto made = driver.session(options).run_script(
        {{"CYPHER 5 UNWIND $rows AS r MERGE (n:DiffoRecord {key:r.key}) SET n += r.props",
          {{"rows",
            bolt::List{bolt::Map{{"key", "bare" + prefix + std::to_string(number)},
                                 {"props", bolt::Map{{"scope", "bare"}, {"record", bytes}}}}}}}},
         {"CYPHER 5 UNWIND $rows AS r CREATE (j:DiffoBare) SET j = r",
          {{"rows", bolt::List{bolt::Map{{"sequence", sequence++}, {"body", bytes}}}}}}});
    if (!made)
      fail(made.error().message);
  });
  return pair;
}

} // namespace

int main() {
  auto driver = neo4j::connect(connection());
  if (!driver)
    fail(driver.error().text());
  erase(*driver);
  if (const auto made = neo4j::initialize(*driver, {}, schema()); !made)
    fail(made.error().text());
  SystemClock clock;
  auto store =
      neo4j::Neo4jStore::open({.connection = connection(), .schema = &schema(), .clock = &clock});
  if (!store)
    fail(store.error().text());
  for (int number = 0; number < records; ++number)
    if (const auto made = put(**store, numbered(std::to_string(number), number)); !made)
      fail(made.error().text());
  std::vector<Pair> got;
  std::vector<Pair> posted;
  for (int round = 0; round < rounds; ++round) {
    got.push_back(reads(**store, *driver));
    posted.push_back(writes(**store, *driver, round));
  }
  print("store_get_ratio", "reads/s", 0.8, got);
  print("store_post_ratio", "commits/s", 0.8, posted);
  (*store)->stop();
  erase(*driver);
  return 0;
}
