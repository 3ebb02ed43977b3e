#include "testing/fault_env.h"
#include "testing/test_store.h"

#include <future>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

graph::Context keyed(std::string key, std::string fingerprint = "same", std::string actor = "ann") {
  graph::Context context;
  context.principal.actor = std::move(actor);
  context.idempotency_key = std::move(key);
  context.fingerprint = std::move(fingerprint);
  return context;
}

} // namespace

TEST_CASE("a request that is repeated gets its first answer, also later and after a restart") {
  const Place place;
  graph::Sequence first = 0;
  for (int round = 0; round < 2; ++round) {
    auto store = place.open();
    if (round == 0) {
      const auto made =
          commit(*store, putting(Draft(service, "a").set(word_number, 1)), keyed("key"));
      REQUIRE(made);
      CHECK_FALSE(made->repeated);
      first = made->sequence;
      REQUIRE(put(*store, Draft(service, "a").set(word_number, 2)));
    }
    const auto again = graph::transact_and_wait(*store, keyed("key"), {},
                                                [](graph::Subgraph&) -> Result<graph::Decision> {
                                                  FAIL("it was decided again");
                                                  return graph::Decision(graph::ChangeSet{});
                                                });
    REQUIRE(again);
    CHECK(again->repeated);
    CHECK(again->sequence == first);
    REQUIRE(again->records.size() == 1);
    CHECK(number_in(again->records.front()) == 1);
    CHECK(again->records.front()->sequence() == first);
    CHECK(number_in(store->newest()->find({0, service, "a"})) == 2);
    CHECK(findings_of(*store).empty());
  }
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
}

TEST_CASE("another request under the same key is refused; other actors have keys of their own") {
  const Place place;
  auto store = place.open();
  REQUIRE(commit(*store, putting(Draft(service, "a")), keyed("key")));
  const auto other = commit(*store, putting(Draft(service, "b")), keyed("key", "different"));
  CHECK(other.error().code == ErrorCode::unprocessable);
  CHECK_FALSE(store->newest()->find({0, service, "b"}));
  const auto of_bob =
      commit(*store, putting(Draft(service, "b")), keyed("key", "different", "bob"));
  REQUIRE(of_bob);
  CHECK_FALSE(of_bob->repeated);
}

TEST_CASE("a refusal is not kept, a change of nothing and an erasure are") {
  const Place place;
  auto store = place.open();
  const auto refused = graph::transact_and_wait(
      *store, keyed("refused"), {},
      [](graph::Subgraph&) -> Result<graph::Decision> { return Error{ErrorCode::conflict, "no"}; });
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(commit(*store, putting(Draft(service, "a").set(word_number, 1)), keyed("refused")));

  const auto keep = [](graph::Subgraph& graph) -> Result<graph::Decision> {
    graph::ChangeSet nothing;
    nothing.unchanged.push_back(graph.find({0, service, "a"}));
    return graph::Decision(std::move(nothing));
  };
  graph::FetchPlan plan;
  plan.records.emplace_back(0, service, "a");
  REQUIRE(graph::transact_and_wait(*store, keyed("nothing"), plan, keep));
  graph::ChangeSet erasing;
  erasing.changes.push_back({{0, service, "a"}, {}});
  REQUIRE(commit(*store, std::move(erasing), keyed("erasing")));
  const auto nothing = graph::transact_and_wait(*store, keyed("nothing"), plan, keep);
  REQUIRE(nothing);
  CHECK(nothing->repeated);
  REQUIRE(nothing->records.size() == 1);
  CHECK(number_in(nothing->records.front()) == 1);
  graph::ChangeSet erasing_again;
  erasing_again.changes.push_back({{0, service, "a"}, {}});
  const auto erased = commit(*store, std::move(erasing_again), keyed("erasing"));
  REQUIRE(erased);
  CHECK(erased->repeated);
  REQUIRE(erased->records.size() == 1);
  CHECK_FALSE(erased->records.front());
}

TEST_CASE("a request under a key whose first is on its way is refused") {
  const Place place;
  auto store = place.open();
  Result<graph::Commit> second = graph::Commit{};
  const auto first = graph::transact_and_wait(
      *store, keyed("key"), {}, [&](graph::Subgraph&) -> Result<graph::Decision> {
        second = commit(*store, putting(Draft(service, "a")), keyed("key"));
        return graph::Decision(putting(Draft(service, "a")));
      });
  CHECK(first.has_value());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::conflict);
  CHECK(commit(*store, putting(Draft(service, "a")), keyed("key"))->repeated);
}

TEST_CASE("an answer is kept for a day") {
  const Place place;
  ManualClock clock(Timestamp{1'000'000'000});
  EmbeddedOptions options = place.options();
  options.clock = &clock;
  auto store = EmbeddedStore::open(options).value();
  REQUIRE(commit(*store, putting(Draft(service, "a")), keyed("key")));
  clock.advance_microseconds(std::int64_t{23} * 3600 * 1'000'000);
  CHECK(commit(*store, putting(Draft(service, "a")), keyed("key"))->repeated);
  clock.advance_microseconds(std::int64_t{2} * 3600 * 1'000'000);
  CHECK_FALSE(commit(*store, putting(Draft(service, "a")), keyed("key", "different"))->repeated);
}
