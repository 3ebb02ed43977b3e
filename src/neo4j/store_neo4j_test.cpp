#define DOCTEST_CONFIG_IMPLEMENT
#include "testing/copying_rule.h"
#include "testing/neo4j_inventory.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <thread>

using namespace diffo;
using namespace diffo::store::test;
using testing::connection;
using testing::cypher;
using testing::EmptyInventory;
using testing::read_one;
using testing::variable;

// The store on a real server, which test/neo4j/run starts and names in the environment. The
// database must hold no inventory, and is left so.
namespace {

const graph::Key counter{0, service, "counter"};

/// Adds one to the counter.
Result<graph::Commit> add_one(graph::Store& store) {
  return graph::transact_and_wait(
      store, {}, {.records = {counter}}, [](graph::Subgraph& subgraph) -> Result<graph::Decision> {
        const graph::RecordRef present = subgraph.find(counter);
        return graph::Decision(putting(numbered("counter", number_in(present) + 1)));
      });
}

void in_parallel(int threads, const std::function<void(int)>& work) {
  std::vector<std::thread> all;
  all.reserve(static_cast<std::size_t>(threads));
  for (int thread = 0; thread < threads; ++thread)
    all.emplace_back([&work, thread] { work(thread); });
  for (std::thread& thread : all)
    thread.join();
}

} // namespace

TEST_CASE("what was written is there, also after the store was opened again") {
  const EmptyInventory place;
  graph::Sequence first = 0;
  {
    auto store = place.open();
    const auto made = put(*store, numbered("a", 1).edge(party_edge, party, "p"));
    REQUIRE(made);
    first = made->sequence;
    CHECK(number_in(made->records.front()) == 1);
    REQUIRE(put(*store, numbered("a", 2).edge(party_edge, party, "q")));
    REQUIRE(put(*store, Draft(party, "q")));
  }
  auto store = place.open();
  CHECK(number_in(read_one(*store, {0, service, "a"})) == 2);
  CHECK(number_in(read_one(*store, {0, service, "a"}, {.at = first})) == 1);
  CHECK_FALSE(read_one(*store, {0, service, "b"}));
  auto subgraph = graph::read_and_wait(*store, {},
                                       {.referrers = {{.key = {0, party, "q"}, .kinds = {}},
                                                      {.key = {0, party, "p"}, .kinds = {}}}});
  REQUIRE(subgraph);
  std::vector<std::string> referring;
  for (const char* id : {"q", "p"})
    CHECK(subgraph->referrers({0, party, id}, [&](const graph::Referrer& one) {
      referring.push_back(one.record->id());
      return true;
    }) == graph::Seen::all);
  CHECK(referring == std::vector<std::string>{"a"});
  const auto last = store->journal(1, 100).value().back();
  const auto erased = erase(*store, {0, party, "q"});
  REQUIRE(erased);
  CHECK(erased->time > last.time); // it happens when it happens, not when the commit before did
  CHECK_FALSE(read_one(*store, {0, party, "q"}));
  const auto versions = store->history(graph::Key{0, party, "q"}, 0, 10);
  REQUIRE(versions);
  REQUIRE(versions->size() == 2);
  CHECK_FALSE(versions->front().record);
  const auto deltas = store->deltas(1, 10);
  REQUIRE(deltas);
  CHECK(deltas->size() == 4);
  const auto entries = store->journal(1, 10);
  REQUIRE(entries);
  REQUIRE(entries->size() == 4);
  for (std::size_t index = 1; index < 4; ++index)
    CHECK((*entries)[index].parent == (*entries)[index - 1].hash);
}

TEST_CASE("many who change the same each see what the others did") {
  const EmptyInventory place;
  auto store = place.open();
  REQUIRE(put(*store, numbered("counter", 0)));
  constexpr int threads = 16;
  constexpr int each = 25;
  std::atomic<int> done{0};
  in_parallel(threads, [&](int) {
    for (int round = 0; round < each; ++round)
      if (add_one(*store))
        ++done;
  });
  CHECK(done == threads * each);
  CHECK(number_in(read_one(*store, counter)) == done);
}

TEST_CASE("a rule that can be amended goes through while others write, decided once") {
  const EmptyInventory place;
  const auto store = place.open();
  for (int number = 0; number < 10; ++number)
    REQUIRE(put(*store, numbered("s" + std::to_string(number), number)));
  Copying copying;
  SUBCASE("what others do is in what it comes to") {
    copying.while_deciding = [&](int) {
      CHECK(put(*store, numbered("s3", 33)));
      CHECK(erase(*store, {0, service, "s5"}));
      CHECK(put(*store, numbered("new", 44)));
    };
    const auto committed = copy_all(*store, copying);
    if (!committed)
      FAIL(committed.error().text());
    Numbers copied;
    for (const graph::RecordRef& record : committed->records)
      copied[record->id()] = number_in(record);
    CHECK(copied == Numbers{{"s0", 0},
                            {"s1", 1},
                            {"s2", 2},
                            {"s3", 33},
                            {"s4", 4},
                            {"s6", 6},
                            {"s7", 7},
                            {"s8", 8},
                            {"s9", 9},
                            {"new", 44}});
    CHECK(number_in(read_one(*store, {0, party, "s3"})) == 33);
    CHECK_FALSE(read_one(*store, {0, party, "s5"}));
    CHECK(copying.amended > 0);
  }
  SUBCASE("what others do can make it refuse") {
    copying.while_deciding = [&](int) { CHECK(put(*store, numbered("s3", -1))); };
    const auto refused = copy_all(*store, copying);
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::conflict);
    CHECK_FALSE(read_one(*store, {0, party, "s1"}));
  }
  CHECK(copying.decided == 1);
}

TEST_CASE("lists are those of one revision while others write") {
  const EmptyInventory place;
  auto store = place.open();
  // Two records whose numbers make ten in every revision.
  const graph::Key one{0, service, "one"};
  const graph::Key two{0, service, "two"};
  graph::ChangeSet both = putting(numbered("one", 4));
  both.changes.push_back(numbered("two", 6).put());
  REQUIRE(commit(*store, std::move(both)));
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int round = 0; !stop; ++round) {
      graph::ChangeSet next = putting(numbered("one", round % 10));
      next.changes.push_back(numbered("two", 10 - round % 10).put());
      REQUIRE(commit(*store, std::move(next)));
    }
  });
  graph::Query all;
  all.families = {service};
  for (int round = 0; round < 200; ++round) {
    auto subgraph = graph::read_and_wait(*store, {}, {.records = {one, two}, .queries = {all}});
    REQUIRE(subgraph);
    CHECK(number_in(subgraph->find(one)) + number_in(subgraph->find(two)) == 10);
    const auto page = subgraph->page(0);
    REQUIRE(page);
    REQUIRE(page->records.size() == 2);
    CHECK(page->total == 2);
    CHECK(number_in(page->records[0]) + number_in(page->records[1]) == 10);
  }
  stop = true;
  writer.join();
}

TEST_CASE("a value of a pool is never handed out twice") {
  const EmptyInventory place;
  auto store = place.open();
  const std::string scope = graph::pool_scope("vlans");
  const graph::FreeQuery free{.scope = scope, .ranges = {{1, 200}}};
  std::mutex mutex;
  std::multiset<std::string> handed_out;
  std::atomic<int> refused{0};
  in_parallel(32, [&](int thread) {
    for (int round = 0; round < 8; ++round) {
      const std::string holder = std::to_string(thread) + '/' + std::to_string(round);
      const auto taken = graph::transact_and_wait(
          *store, {}, {.free = {free}}, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
            const auto number = TRY(subgraph.nth_free(free, 0, 0));
            if (!number)
              return Error{ErrorCode::conflict, "nothing is free"};
            graph::ChangeSet changes;
            changes.take.push_back(
                {.scope = scope, .key = std::to_string(*number), .holder = holder});
            changes.changes.push_back(numbered("h" + holder, *number).put());
            return graph::Decision(std::move(changes));
          });
      if (!taken) {
        ++refused;
        continue;
      }
      const std::lock_guard held(mutex);
      handed_out.insert(std::to_string(number_in(taken->records.front())));
    }
  });
  CHECK(refused == 32 * 8 - 200);
  CHECK(handed_out.size() == 200);
  CHECK(std::set<std::string>(handed_out.begin(), handed_out.end()).size() == 200);
  store.reset();
  store = place.open();
  auto subgraph = graph::read_and_wait(*store, {}, {.free = {free}});
  REQUIRE(subgraph);
  CHECK(subgraph->count_free(free, 0).value() == 0);
}

TEST_CASE("whoever opens the database for writing ends the writing of the one before") {
  const EmptyInventory place;
  auto first = place.open();
  REQUIRE(put(*first, numbered("a", 1)));
  auto second = place.open();
  const auto refused = put(*first, numbered("a", 2));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unavailable);
  CHECK_FALSE(first->read_only_reason().empty());
  CHECK(number_in(read_one(*first, {0, service, "a"})) == 1);
  REQUIRE(put(*second, numbered("a", 3)));
  CHECK(number_in(read_one(*second, {0, service, "a"})) == 3);
}

TEST_CASE("a node of ours that somebody damaged is told of, not fallen over") {
  const EmptyInventory place;
  for (const char* node : {"(:DiffoTenant {number: 1})", "(:DiffoCursor {sequence: 1})"}) {
    cypher(std::string("CREATE ") + node);
    const auto store = neo4j::Neo4jStore::open(
        {.connection = connection(), .schema = &schema(), .clock = &place.clock});
    REQUIRE_FALSE(store);
    CHECK(store.error().code == ErrorCode::corrupt);
    cypher("MATCH (n) WHERE n:DiffoTenant OR n:DiffoCursor DELETE n");
  }
  CHECK(place.open());
}

TEST_CASE("a request that is repeated gets its first answer") {
  const EmptyInventory place;
  graph::Context context;
  context.idempotency_key = "key";
  context.fingerprint = "same";
  graph::Sequence first = 0;
  for (int round = 0; round < 2; ++round) {
    auto store = place.open();
    const auto made = commit(*store, putting(numbered("a", 1)), context);
    REQUIRE(made);
    CHECK(made->repeated == (round == 1));
    first = round == 0 ? made->sequence : first;
    CHECK(made->sequence == first);
    CHECK(number_in(made->records.front()) == 1);
    if (round == 0)
      REQUIRE(put(*store, numbered("a", 2)));
    graph::Context other = context;
    other.fingerprint = "different";
    CHECK(commit(*store, putting(numbered("b", 1)), other).error().code ==
          ErrorCode::unprocessable);
  }
}

TEST_CASE("what sources see does not pile up here, and the latest of it counts") {
  const EmptyInventory place;
  auto store = place.open();
  REQUIRE(put(*store, numbered("a", 1)));
  const graph::Key record{0, service, "a"};
  store->note_seen(record, "source", 5);
  store->note_seen(record, "source", 3);
  for (int number = 0; number < 5'000; ++number)
    store->note_seen(graph::Key{0, service, std::to_string(number)}, "source", number);
  auto driver = neo4j::connect(connection());
  REQUIRE(driver);
  std::int64_t there = 0;
  for (int look = 0; look < 200 && there < 4'000; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto counted = driver->execute("MATCH (s:DiffoSeen) RETURN count(s) AS count");
    REQUIRE(counted);
    there = counted->records.front()["count"].get<std::int64_t>();
  }
  CHECK(there >= 4'000);
  store->note_seen(record, "other", 1);
  store->note_seen(record, "source", 4);
  const auto seen = store->seen(record);
  REQUIRE(seen);
  CHECK(*seen == std::vector<graph::Sighting>{{"other", 1}, {"source", 5}});
}

TEST_CASE("keys of lists are words in the database as long as a record has them") {
  const EmptyInventory place;
  auto store = place.open();
  const auto tagged = [](const char* id, json::Array tags) {
    return Draft(service, id).set(word_tag, std::move(tags));
  };
  auto driver = neo4j::connect(connection());
  const auto words = [&driver] {
    const auto counted = driver->execute("MATCH (w:DiffoWord) RETURN count(w) AS count");
    return counted->records.front()["count"].get<std::int64_t>();
  };
  const auto found = [&store](const char* tag) {
    graph::Query query;
    query.families = {service};
    query.filter = graph::equal_text({.member = "tag"}, {tag});
    return graph::read_and_wait(*store, {}, {.queries = {query}})->page(0)->total;
  };
  REQUIRE(put(*store, tagged("a", {"x", "y"})));
  REQUIRE(put(*store, tagged("b", {"x"})));
  CHECK(words() == 2);
  CHECK(found("x") == 2);
  REQUIRE(put(*store, tagged("a", {"x", "z"})));
  CHECK(found("y") == 0);
  CHECK(found("z") == 1);
  REQUIRE(erase(*store, {0, service, "a"}));
  CHECK(words() == 1);
  CHECK(found("x") == 1);
}

TEST_CASE("what is not announced or not kept is so here as elsewhere") {
  const EmptyInventory place;
  auto store = neo4j::Neo4jStore::open({.connection = connection(),
                                        .schema = &schema(),
                                        .clock = &place.clock,
                                        .retention = {.max_bytes = 1U << 16U},
                                        .unplanned = graph::Unplanned::fail});
  REQUIRE(store);
  REQUIRE(put(**store, numbered("counter", 0)));
  const auto reads = [&](bool announces) {
    return graph::read_in_rounds(**store, {}, {}, nullptr, [&](graph::Subgraph& subgraph) {
      if (announces)
        subgraph.announce({.records = {counter}});
      return subgraph.find(counter) ? Result<void>() : Error{ErrorCode::not_found, "nothing"};
    });
  };
  CHECK(reads(true));
  REQUIRE_FALSE(reads(false));
  CHECK(reads(false).error().code == ErrorCode::internal);
  for (int number = 0; number < 300; ++number)
    REQUIRE(put(**store, numbered("counter", number).set(word_text, std::string(2'000, 'x'))));
  CHECK((*store)->oldest_entry() > 200);
  CHECK((*store)->oldest_entry() < 260);
  CHECK((*store)->journal((*store)->oldest_entry(), 5));
}

TEST_CASE("who watches is told of every commit once, in order, also of earlier ones") {
  const EmptyInventory place;
  {
    auto store = place.open();
    for (int number = 0; number < 5; ++number)
      REQUIRE(put(*store, numbered("a", number)));
    store->save_cursor("consumer", 2);
    REQUIRE(store->keep_seen());
  }
  auto store = place.open();
  CHECK(store->cursor("consumer") == graph::Sequence{2});
  std::mutex mutex;
  std::vector<graph::Sequence> told;
  const auto watch = store->watch(3, [&](std::span<const graph::DeltaRef> deltas) {
    const std::lock_guard held(mutex);
    for (const graph::DeltaRef& delta : deltas)
      told.push_back(delta->sequence);
  });
  REQUIRE(watch);
  in_parallel(4, [&](int thread) {
    for (int round = 0; round < 5; ++round)
      REQUIRE(put(*store, numbered("b" + std::to_string(thread), round)));
  });
  const std::lock_guard held(mutex);
  REQUIRE(told.size() == 23);
  for (std::size_t index = 0; index < told.size(); ++index)
    CHECK(told[index] == index + 3);
}

namespace {

void server(const std::string& verb) {
  const std::string command =
      variable("DIFFO_NEO4J_SERVER") + " " + verb + " " + variable("DIFFO_NEO4J_DIR");
  REQUIRE(std::system(command.c_str()) == 0); // NOLINT(concurrency-mt-unsafe, cert-env33-c)
}

} // namespace

TEST_CASE("a server that is killed costs no commit that was acknowledged, and makes none twice") {
  const EmptyInventory place;
  auto store = place.open();
  REQUIRE(put(*store, numbered("counter", 0)));
  std::atomic<bool> stop{false};
  std::atomic<int> acknowledged{0};
  std::atomic<int> unknown{0};
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    server("kill");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    CHECK_FALSE(store->read_only_reason().empty());
    server("start");
    std::this_thread::sleep_for(std::chrono::seconds(2));
    stop = true;
  });
  in_parallel(8, [&](int) {
    while (!stop) {
      const auto done = add_one(*store);
      if (done)
        ++acknowledged;
      else if (done.error().code == ErrorCode::outcome_unknown)
        ++unknown;
      else
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  killer.join();
  const std::int64_t counted = number_in(read_one(*store, counter));
  CHECK(counted >= acknowledged);
  CHECK(counted <= acknowledged + unknown);
  CHECK(acknowledged > 20);
  REQUIRE(add_one(*store));
  CHECK(store->read_only_reason().empty());
}

int main(int count, char** words) {
  if (variable("DIFFO_NEO4J_URI").empty()) {
    std::printf("SKIPPED: the store on Neo4j, for no server is named (test/neo4j/run)\n");
    return 0;
  }
  return doctest::Context(count, words).run();
}
