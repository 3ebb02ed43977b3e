#include "testing/test_store.h"

#include <atomic>
#include <thread>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

graph::ChangeSet taking(std::string key, std::string holder, std::int64_t lease = 0) {
  graph::ChangeSet changes;
  changes.take.push_back(
      {.scope = "name", .key = std::move(key), .holder = std::move(holder), .lease_until = lease});
  return changes;
}

graph::ChangeSet releasing(std::string key, std::string holder) {
  graph::ChangeSet changes;
  changes.release.push_back({.scope = "name", .key = std::move(key), .holder = std::move(holder)});
  return changes;
}

} // namespace

TEST_CASE("of many threads that claim one key exactly one wins") {
  const Place place;
  auto store = place.open();
  constexpr int threads = 64;
  std::atomic<int> won{0};
  std::atomic<int> lost{0};
  std::vector<std::thread> all;
  for (int number = 0; number < threads; ++number)
    all.emplace_back([&, number] {
      const std::string id = "service-" + std::to_string(number);
      graph::ChangeSet changes = taking("the name", id);
      changes.changes.push_back(Draft(service, id).put());
      const auto committed = commit(*store, std::move(changes));
      if (committed)
        ++won;
      else if (committed.error().code == ErrorCode::conflict)
        ++lost;
    });
  for (std::thread& thread : all)
    thread.join();
  CHECK(won == 1);
  CHECK(lost == threads - 1);
  CHECK(store->newest()->record_count() == 1);
  const auto claim = store->claim("name", "the name").value();
  REQUIRE(claim);
  CHECK(store->newest()->find({0, service, claim->holder}));
}

TEST_CASE("of many threads that create one id exactly one wins") {
  const Place place;
  auto store = place.open();
  std::atomic<int> won{0};
  graph::FetchPlan plan;
  plan.records.emplace_back(0, service, "one");
  std::vector<std::thread> all;
  for (int number = 0; number < 64; ++number)
    all.emplace_back([&] {
      const auto committed = graph::transact_and_wait(
          *store, {}, plan, [](graph::Subgraph& graph) -> Result<graph::Decision> {
            if (graph.find({0, service, "one"}))
              return Error{ErrorCode::conflict, "it is there"};
            graph::ChangeSet changes;
            changes.changes.push_back(Draft(service, "one").put());
            return graph::Decision(std::move(changes));
          });
      won += committed ? 1 : 0;
    });
  for (std::thread& thread : all)
    thread.join();
  CHECK(won == 1);
}

TEST_CASE("a claim is kept until released by its holder, also after opening again") {
  const Place place;
  {
    auto store = place.open();
    REQUIRE(commit(*store, taking("a", "one")));
    REQUIRE(commit(*store, taking("b", "one")));
    CHECK(commit(*store, taking("a", "one")).has_value());
    CHECK(commit(*store, taking("a", "two")).error().code == ErrorCode::conflict);
    REQUIRE(commit(*store, releasing("a", "two")));
    CHECK(store->claim("name", "a").value()->holder == "one");
    REQUIRE(commit(*store, releasing("b", "one")));
    CHECK_FALSE(store->claim("name", "b").value());
    CHECK(findings_of(*store).empty());
  }
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
  auto store = place.open();
  CHECK(commit(*store, taking("a", "two")).error().code == ErrorCode::conflict);
  CHECK(commit(*store, taking("b", "two")).has_value());
  graph::ChangeSet handed_over = releasing("a", "one");
  handed_over.take = taking("a", "two").take;
  CHECK(commit(*store, std::move(handed_over)).has_value());
  CHECK(store->claim("name", "a").value()->holder == "two");
}

TEST_CASE("a claim with a lease ends with it and is then forgotten") {
  const Place place;
  ManualClock clock(Timestamp{1'000'000'000});
  EmbeddedOptions options = place.options();
  options.clock = &clock;
  auto store = EmbeddedStore::open(options).value();
  graph::Context context;
  context.now = clock.now().microseconds;
  REQUIRE(commit(*store, taking("a", "one", context.now + 1'000'000), context));
  CHECK(commit(*store, taking("a", "two"), context).error().code == ErrorCode::conflict);
  CHECK(store->claim("name", "a").value());
  clock.advance_microseconds(1'000'000);
  CHECK_FALSE(store->claim("name", "a").value());
  CHECK(store->statistics().claims == 1);
  clock.advance_microseconds(60'000'000);
  REQUIRE(put(*store, Draft(service, "x")));
  CHECK(store->statistics().claims == 0);
  CHECK(findings_of(*store).empty());
  context.now = clock.now().microseconds;
  CHECK(commit(*store, taking("a", "two"), context).has_value());
}

TEST_CASE("two holders cannot take one key in one change set") {
  const Place place;
  auto store = place.open();
  graph::ChangeSet changes = taking("a", "one");
  changes.take.push_back(taking("a", "two").take.front());
  CHECK(commit(*store, std::move(changes)).error().code == ErrorCode::conflict);
  CHECK_FALSE(store->claim("name", "a").value());
}
