#include "rules/pools.h"

#include "testing/test_store.h"

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

using namespace diffo;
using namespace diffo::rules;
using namespace diffo::store::test;

namespace {

constexpr AssignmentForm form{.family = party,
                              .root = party_root,
                              .assigner = supporting_edge,
                              .assignee = party_edge,
                              .pool = word_name,
                              .value = word_number};

Assignment from_pool(std::string id, std::int64_t last) {
  return {.key = {0, party, std::move(id)},
          .assigner = {service, "switch"},
          .assignee = {service, "line"},
          .pool = "ports",
          .values = {.scope = graph::pool_scope("switch/ports"), .ranges = {{1, last}}},
          .value = std::nullopt};
}

struct Fixture {
  store::test::Place place;
  std::unique_ptr<store::EmbeddedStore> store = place.open();
  Fixture() {
    REQUIRE(put(*store, Draft(service, "switch")));
    REQUIRE(put(*store, Draft(service, "line")));
  }
  Result<graph::Commit> run(const Assignment& wanted,
                            graph::Where where = graph::Where::tip) const {
    graph::Context context;
    context.now = place.clock.now().microseconds;
    context.random = [](std::uint64_t bound) { return bound / 2; };
    return graph::transact_and_wait(*store, context, plan_for_assigning(wanted),
                                    assign(form, wanted, context), {.where = where});
  }
};

std::int64_t value_of(const Result<graph::Commit>& commit) {
  return commit->records.front()
      ->root(schema().dictionary())
      .field(word_number)
      .to_json()
      .integer();
}

} // namespace

TEST_CASE("values are handed out once, however many ask, until none is left") {
  for (const graph::Where where : {graph::Where::tip, graph::Where::ahead}) {
    const Fixture fixture;
    std::mutex mutex;
    std::set<std::int64_t> values;
    std::atomic<int> twice{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 64; ++thread)
      threads.emplace_back([&, thread] {
        for (int round = 0; round < 4; ++round) {
          const auto done = fixture.run(
              from_pool(std::to_string(thread) + "-" + std::to_string(round), 200), where);
          if (!done) {
            refused += done.error().code == ErrorCode::conflict ? 1 : 0;
            continue;
          }
          const std::lock_guard held(mutex);
          twice += values.insert(value_of(done)).second ? 0 : 1;
        }
      });
    for (std::thread& thread : threads)
      thread.join();
    CHECK(twice == 0);
    CHECK(values.size() == 200);
    CHECK(*values.begin() == 1);
    CHECK(*values.rbegin() == 200);
    CHECK(refused == 56);
    CHECK(findings_of(*fixture.store).empty());
  }
}

TEST_CASE("a value that was given back is handed out again, named ones only when they are free") {
  const Fixture fixture;
  for (const char* id : {"a", "b", "c"})
    REQUIRE(fixture.run(from_pool(id, 10)));
  const graph::Key key(0, party, "b");
  graph::FetchPlan plan;
  plan.records.push_back(key);
  REQUIRE(graph::transact_and_wait(*fixture.store, {}, plan,
                                   unassign(form, key, graph::pool_scope("switch/ports"))));
  CHECK(value_of(fixture.run(from_pool("d", 10))) == 2);
  Assignment named = from_pool("e", 10);
  named.value = 2;
  CHECK(fixture.run(named).error().code == ErrorCode::conflict);
  named.value = 11;
  CHECK(fixture.run(named).error().code == ErrorCode::invalid);
  named.value = 10;
  CHECK(value_of(fixture.run(named)) == 10);
  Assignment picked = from_pool("f", 10);
  picked.pick = Pick::last;
  CHECK(value_of(fixture.run(picked)) == 9);
  picked.key.id = "g";
  picked.pick = Pick::random;
  CHECK(value_of(fixture.run(picked)) == 6);
}

TEST_CASE("assigner and assignee must be there") {
  const Fixture fixture;
  Assignment wanted = from_pool("a", 10);
  wanted.assignee.id = "nobody";
  CHECK(fixture.run(wanted).error().code == ErrorCode::not_found);
  CHECK_FALSE(fixture.store->claim(wanted.values.scope, "1").value());
}
