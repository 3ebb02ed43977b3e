#include "testing/test_store.h"

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

/// Keeps what it is told.
class Told {
public:
  std::function<void(std::span<const graph::DeltaRef>)> enqueue() {
    return [this](std::span<const graph::DeltaRef> deltas) {
      const std::lock_guard held(mutex_);
      all_.insert(all_.end(), deltas.begin(), deltas.end());
      changed_.notify_all();
    };
  }
  std::vector<graph::DeltaRef> wait_for(std::size_t count) {
    std::unique_lock held(mutex_);
    changed_.wait(held, [&] { return all_.size() >= count; });
    return all_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<graph::DeltaRef> all_;
};

void check_without_hole(const std::vector<graph::DeltaRef>& deltas, graph::Sequence first) {
  for (const graph::DeltaRef& delta : deltas)
    CHECK(delta->sequence == first++);
}

} // namespace

TEST_CASE("a watcher is told of each change with before and after") {
  const Place place;
  auto store = place.open();
  Told told;
  const auto watch = store->watch(1, told.enqueue()).value();
  graph::Context context;
  context.principal.actor = "ann";
  context.cause = "a test";
  graph::ChangeSet changes;
  changes.changes.push_back(Draft(service, "a").set(word_number, 1).put());
  changes.take.push_back({.scope = "name", .key = "x", .holder = "a"});
  REQUIRE(commit(*store, std::move(changes), context));
  REQUIRE(put(*store, Draft(service, "a").set(word_number, 2)));
  REQUIRE(erase(*store, {0, service, "a"}));
  const auto deltas = told.wait_for(3);
  check_without_hole(deltas, 1);
  CHECK(deltas[0]->actor == "ann");
  CHECK(deltas[0]->cause == "a test");
  REQUIRE(deltas[0]->taken.size() == 1);
  REQUIRE(deltas[0]->changes.size() == 1);
  CHECK_FALSE(deltas[0]->changes[0].before);
  CHECK(number_in(deltas[0]->changes[0].after) == 1);
  CHECK(number_in(deltas[1]->changes[0].before) == 1);
  CHECK(number_in(deltas[1]->changes[0].after) == 2);
  CHECK(number_in(deltas[2]->changes[0].before) == 2);
  CHECK_FALSE(deltas[2]->changes[0].after);
}

TEST_CASE("who comes late is told of the same, and misses nothing while others write") {
  const Place place;
  auto store = place.open();
  Told early;
  const auto watch = store->watch(1, early.enqueue()).value();
  constexpr int writers = 8;
  constexpr int commits = 60;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer)
    threads.emplace_back([&, writer] {
      for (int number = 0; number < commits; ++number)
        CHECK(put(*store, Draft(service, std::to_string(writer)).set(word_number, number)));
    });
  Told late;
  static_cast<void>(early.wait_for(writers * commits / 4));
  const auto late_watch = store->watch(1, late.enqueue()).value();
  for (std::thread& thread : threads)
    thread.join();
  const auto from_writer = early.wait_for(writers * commits);
  const auto from_journal = late.wait_for(writers * commits);
  check_without_hole(from_writer, 1);
  check_without_hole(from_journal, 1);
  for (std::size_t at = 0; at < from_writer.size(); ++at) {
    const auto& a = from_writer[at]->changes.front();
    const auto& b = from_journal[at]->changes.front();
    CHECK(a.key == b.key);
    CHECK(a.after->bytes() == b.after->bytes());
    REQUIRE(static_cast<bool>(a.before) == static_cast<bool>(b.before));
    if (a.before)
      CHECK(a.before->bytes() == b.before->bytes());
  }
}

TEST_CASE("a consumer goes on from its cursor after a restart") {
  const Place place;
  {
    auto store = place.open();
    for (int number = 1; number <= 5; ++number)
      REQUIRE(put(*store, Draft(service, "a").set(word_number, number)));
    store->save_cursor("mirror", 3);
  }
  auto store = place.open();
  CHECK_FALSE(store->cursor("another"));
  Told told;
  const auto watch = store->watch(store->cursor("mirror").value() + 1, told.enqueue()).value();
  REQUIRE(put(*store, Draft(service, "a").set(word_number, 6)));
  const auto deltas = told.wait_for(3);
  check_without_hole(deltas, 4);
  CHECK(number_in(deltas[0]->changes[0].before) == 3);
  CHECK(number_in(deltas[2]->changes[0].after) == 6);
}

TEST_CASE("a watch that was ended is told of nothing more, and one that throws disturbs nobody") {
  const Place place;
  auto store = place.open();
  Told told;
  auto watch = store->watch(1, told.enqueue()).value();
  const auto throwing =
      store->watch(1, [](std::span<const graph::DeltaRef>) { throw std::runtime_error("no room"); })
          .value();
  REQUIRE(put(*store, Draft(service, "a")));
  static_cast<void>(told.wait_for(1));
  watch.reset();
  REQUIRE(put(*store, Draft(service, "b")));
  CHECK(told.wait_for(1).size() == 1);
}

TEST_CASE("who is behind what is kept has a gap") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.retention.max_entries = 10;
  options.trim_every = 1;
  auto store = EmbeddedStore::open(options).value();
  for (int number = 0; number < 60; ++number)
    REQUIRE(put(*store, Draft(service, "a").set(word_number, number)));
  Told told;
  const auto refused = store->watch(1, told.enqueue());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::gone);
  CHECK(store->watch(store->oldest_entry(), told.enqueue()));
}
