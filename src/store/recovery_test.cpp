#include "testing/fault_env.h"
#include "testing/test_store.h"

#include <thread>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

/// A store whose files fail as planned, tried again with each write.
struct Faulty {
  Place place;
  FaultPlan plan;
  std::unique_ptr<rocksdb::Env> env = faulty_env(plan);
  EmbeddedOptions options() const {
    EmbeddedOptions all = place.options();
    all.env = env.get();
    all.retry_every = std::chrono::milliseconds(0);
    return all;
  }
};

} // namespace

TEST_CASE("a store whose disk was full goes on when there is room, from what is durable") {
  Faulty faulty;
  FaultPlan& plan = faulty.plan;
  auto store = EmbeddedStore::open(faulty.options()).value();
  graph::ChangeSet first;
  first.changes.push_back(Draft(service, "kept").edge(party_edge, party, "ann").put());
  first.take.push_back({.scope = "name", .key = "x", .holder = "kept"});
  REQUIRE(commit(*store, std::move(first)));
  const auto pinned = store->newest();
  plan.disk_full = true;
  graph::ChangeSet lost;
  lost.changes.push_back({{0, service, "kept"}, {}});
  lost.changes.push_back(Draft(service, "lost").edge(party_edge, party, "bob").put());
  lost.release.push_back({.scope = "name", .key = "x", .holder = "kept"});
  CHECK(commit(*store, std::move(lost)).error().code == ErrorCode::outcome_unknown);
  CHECK(put(*store, Draft(service, "later")).error().code == ErrorCode::unavailable);
  CHECK(store->read_only_reason().find("full disk") != std::string::npos);
  CHECK(store->read_only_reason().find("tried again") != std::string::npos);
  CHECK(store->newest()->find({0, service, "kept"}));
  plan.disk_full = false;
  REQUIRE(put(*store, Draft(service, "again")));
  CHECK(store->read_only_reason().empty());
  const auto revision = store->newest();
  CHECK(revision->find({0, service, "kept"}));
  CHECK_FALSE(revision->find({0, service, "lost"}));
  CHECK_FALSE(revision->find({0, service, "later"}));
  CHECK(revision->count_referrers({0, party, "ann"}) == 1);
  CHECK(store->claim("name", "x").value()->holder == "kept");
  CHECK(pinned->find({0, service, "kept"}));
  CHECK(pinned->record_count() == 1);
  CHECK(store->journal(1, 10).value().size() == 2);
  CHECK(findings_of(*store) == std::vector<std::string>{});
  store.reset();
  CHECK(findings_in(faulty.options().folder) == std::vector<std::string>{});
}

TEST_CASE("a failed sync leaves the batch there or not, never by half, and the store goes on") {
  Faulty faulty;
  FaultPlan& plan = faulty.plan;
  auto store = EmbeddedStore::open(faulty.options()).value();
  REQUIRE(put(*store, Draft(service, "kept")));
  plan.sync_fails = true;
  CHECK_FALSE(put(*store, Draft(service, "unknown")));
  plan.sync_fails = false;
  REQUIRE(put(*store, Draft(service, "again")));
  const auto revision = store->newest();
  const bool survived = static_cast<bool>(revision->find({0, service, "unknown"}));
  CHECK(revision->sequence() == (survived ? 3 : 2));
  CHECK(revision->record_count() == revision->sequence());
  CHECK(findings_of(*store) == std::vector<std::string>{});
}

TEST_CASE("a store that ran out of descriptors recovers") {
  Faulty faulty;
  FaultPlan& plan = faulty.plan;
  auto store = EmbeddedStore::open(faulty.options()).value();
  const std::string filling(200'000, 'x');
  int acknowledged = 0;
  const auto write = [&] {
    const bool done =
        put(*store, Draft(service, std::to_string(acknowledged)).set(word_text, filling))
            .has_value();
    acknowledged += done ? 1 : 0;
    return done;
  };
  REQUIRE(write());
  plan.no_descriptors = true;
  for (int tries = 0; tries < 400 && write(); ++tries)
    ;
  CHECK_FALSE(write());
  CHECK(store->newest()->record_count() == static_cast<std::uint64_t>(acknowledged));
  plan.no_descriptors = false;
  REQUIRE(write());
  CHECK(store->newest()->record_count() == static_cast<std::uint64_t>(acknowledged));
  CHECK(findings_of(*store) == std::vector<std::string>{});
  store.reset();
  CHECK(findings_in(faulty.options().folder) == std::vector<std::string>{});
}

TEST_CASE("a store stops in order while its files cannot be opened") {
  Faulty faulty;
  FaultPlan& plan = faulty.plan;
  auto store = EmbeddedStore::open(faulty.options()).value();
  const std::string filling(200'000, 'x');
  plan.no_descriptors = true;
  std::uint64_t acknowledged = 0;
  while (put(*store, Draft(service, std::to_string(acknowledged)).set(word_text, filling)))
    ++acknowledged;
  store->stop();
  store.reset();
  plan.no_descriptors = false;
  CHECK(findings_in(faulty.options().folder) == std::vector<std::string>{});
  CHECK(faulty.place.open()->newest()->record_count() == acknowledged);
}

TEST_CASE("a reader who checks while the store is opened again gets an error, no harm") {
  Faulty faulty;
  FaultPlan& plan = faulty.plan;
  auto store = EmbeddedStore::open(faulty.options()).value();
  for (int number = 0; number < 50; ++number)
    REQUIRE(put(*store, Draft(service, std::to_string(number))));
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      (void)store->check([](const Error&) {});
      (void)store->journal(1, 100);
      (void)store->at({0, service, "7"}, 10);
    }
  });
  for (int round = 0; round < 20; ++round) {
    plan.disk_full = true;
    CHECK_FALSE(put(*store, Draft(service, "lost")));
    plan.disk_full = false;
    REQUIRE(put(*store, Draft(service, "kept " + std::to_string(round))));
  }
  done = true;
  reader.join();
  CHECK(store->newest()->record_count() == 70);
  CHECK(findings_of(*store) == std::vector<std::string>{});
}
