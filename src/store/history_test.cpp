#include "testing/test_store.h"

#include "base/checksum.h"
#include "store/history.h"

#include <rapidcheck.h>

#include <algorithm>
#include <random>
#include <unordered_map>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

const graph::Key one{0, service, "one"};

std::int64_t number_of(const graph::RecordRef& record) {
  return record->root(schema().dictionary()).field(word_number).to_json().integer();
}

void put_number(EmbeddedStore& store, int number) {
  REQUIRE(put(store, Draft(service, "one").set(word_number, number)));
}

/// Sequence 1 writes 10, 2 writes 20, 3 erases, 4 writes another record, 5 writes 50, 6 writes 60.
void write_some(EmbeddedStore& store) {
  put_number(store, 10);
  put_number(store, 20);
  REQUIRE(erase(store, one));
  REQUIRE(put(store, Draft(service, "other")));
  put_number(store, 50);
  put_number(store, 60);
}

void check_versions(EmbeddedStore& store) {
  CHECK_FALSE(store.at(one, 0).value());
  CHECK(number_of(store.at(one, 1).value()) == 10);
  CHECK(number_of(store.at(one, 2).value()) == 20);
  CHECK_FALSE(store.at(one, 3).value());
  CHECK_FALSE(store.at(one, 4).value());
  CHECK(number_of(store.at(one, 5).value()) == 50);
  CHECK(number_of(store.at(one, 6).value()) == 60);
  CHECK(store.at(one, 7).error().code == ErrorCode::invalid);
  CHECK_FALSE(store.at({0, service, "on"}, 6).value());
  CHECK_FALSE(store.at({0, party, "one"}, 6).value());
  const auto all = store.history(one, 0, 100).value();
  REQUIRE(all.size() == 5);
  CHECK(all[0].sequence == 6);
  CHECK(all[2].sequence == 3);
  CHECK_FALSE(all[2].record);
  CHECK(number_of(all[4].record) == 10);
  const auto some = store.history(one, 5, 2).value();
  REQUIRE(some.size() == 2);
  CHECK(some[0].sequence == 3);
  CHECK(number_of(some[1].record) == 20);
  CHECK(store.history(one, 1, 10).value().empty());
}

} // namespace

TEST_CASE("every version of a record is found by sequence, also after opening again") {
  const Place place;
  {
    auto store = place.open();
    write_some(*store);
    check_versions(*store);
    CHECK(findings_of(*store) == std::vector<std::string>{});
  }
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
  auto store = place.open();
  check_versions(*store);
}

TEST_CASE("a check tells two images apart whose keys have one checksum") {
  // The journal says what stands at (first, 1) and at (second, 2).
  std::unordered_map<std::uint32_t, std::string> first_ids;
  std::string first;
  std::string second;
  std::mt19937_64 random(1);
  while (first.empty()) {
    const std::string id = std::to_string(std::uniform_int_distribution<std::uint64_t>(
        1'000'000'000'000'000, 9'999'999'999'999'999)(random));
    first_ids.emplace(crc32c(history_key({0, service, id}, 1)), id);
    const auto same = first_ids.find(crc32c(history_key({0, service, id}, 2)));
    if (same != first_ids.end() && same->second != id) {
      first = same->second;
      second = id;
    }
  }
  const Place place;
  auto store = place.open();
  REQUIRE(put(*store, Draft(service, first)));
  REQUIRE(put(*store, Draft(service, second)));
  // The journal tells of them in another order than history does.
  REQUIRE(erase(*store, {0, service, std::max(first, second)}));
  REQUIRE(erase(*store, {0, service, std::min(first, second)}));
  CHECK(findings_of(*store) == std::vector<std::string>{});
}

TEST_CASE("a time names the last commit up to it") {
  const Place place;
  ManualClock clock(Timestamp{1'000'000});
  EmbeddedOptions options = place.options();
  options.clock = &clock;
  auto store = EmbeddedStore::open(options).value();
  for (int number = 1; number <= 20; ++number) {
    clock.set(Timestamp{number * 1'000'000});
    put_number(*store, number);
  }
  CHECK(store->sequence_at(0).value() == 0);
  for (graph::Sequence sequence = 1; sequence <= 20; ++sequence) {
    const std::int64_t time = store->journal(sequence, 1).value().front().time;
    CHECK(store->sequence_at(time).value() == sequence);
    CHECK(store->sequence_at(time - 1).value() == sequence - 1);
  }
  CHECK(store->sequence_at(1'000'000'000'000).value() == 20);
}

TEST_CASE("what erases alone happens when it happens, not when the commit before did") {
  const Place place;
  ManualClock clock(Timestamp{1'000'000});
  EmbeddedOptions options = place.options();
  options.clock = &clock;
  auto store = EmbeddedStore::open(options).value();
  put_number(*store, 1);
  clock.set(Timestamp{5'000'000});
  const auto erased = erase(*store, one);
  REQUIRE(erased);
  CHECK(erased->time == 5'000'000);
  CHECK(store->journal(2, 1).value().front().time == 5'000'000);
  CHECK(store->sequence_at(4'999'999).value() == 1);
  CHECK(store->sequence_at(5'000'000).value() == 2);
}

TEST_CASE("what is behind the retention is gone, in journal and history alike, and said to be") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.retention.max_entries = 3;
  options.trim_every = 1;
  {
    auto store = EmbeddedStore::open(options).value();
    CHECK(store->oldest_entry() == 1);
    write_some(*store);
    // Entries are dropped after the answer; a check waits for it.
    CHECK(findings_of(*store) == std::vector<std::string>{});
    CHECK(store->oldest_entry() == 4);
    CHECK(store->journal(3, 10).error().code == ErrorCode::gone);
    CHECK(store->journal(4, 10).value().size() == 3);
    CHECK(store->at(one, 2).error().code == ErrorCode::gone);
    CHECK_FALSE(store->at(one, 3).value()); // the state that the kept entries begin with
    CHECK_FALSE(store->at(one, 4).value());
    CHECK(number_of(store->at(one, 5).value()) == 50);
    CHECK(store->history(one, 0, 10).value().size() == 2);
    CHECK(store->sequence_at(0).error().code == ErrorCode::gone);
    CHECK(findings_of(*store) == std::vector<std::string>{});
  }
  CHECK(findings_in(options.folder) == std::vector<std::string>{});
}

TEST_CASE("a bound on bytes counts images too, and a long journal goes in bounded steps") {
  const Place place;
  EmbeddedOptions options = place.options();
  const std::string filling(40'000, 'x');
  {
    auto store = EmbeddedStore::open(options).value();
    for (int number = 0; number < 200; ++number)
      REQUIRE(put(*store, Draft(service, "one").set(word_text, filling)));
    CHECK(store->oldest_entry() == 1);
  }
  options.retention.max_bytes = 400'000;
  auto store = EmbeddedStore::open(options).value();
  put_number(*store, 1);
  store->stop();
  const graph::Sequence after_one = store->oldest_entry();
  CHECK(after_one > 1);
  CHECK(after_one < 150); // 2 MiB a step, of 8 MB
  store.reset();
  store = EmbeddedStore::open(options).value();
  for (int number = 0; number < 10; ++number)
    put_number(*store, number);
  store->stop();
  CHECK(store->oldest_entry() > 190);
}

TEST_CASE("no two places in history are one, and their order is that of age") {
  CHECK(rc::check(
      [](const std::string& a, const std::string& b, graph::Sequence x, graph::Sequence y) {
        const graph::Key left{1, 2, a};
        const graph::Key right{1, 2, b};
        RC_ASSERT((history_key(left, x) == history_key(right, y)) == (a == b && x == y));
        RC_ASSERT((history_key(left, x) < history_key(left, y)) == (x > y));
        RC_ASSERT(history_key(right, y).starts_with(history_prefix(left)) == (a == b));
        const HistoryPlace place = history_place(history_key(left, x)).value();
        RC_ASSERT(place.key == left);
        RC_ASSERT(place.sequence == x);
        (void)history_place(a);
      }));
}
