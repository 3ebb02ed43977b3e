#include "testing/fault_env.h"
#include "testing/test_store.h"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

/// Waits for a number of answers and keeps them.
class Answers {
public:
  std::function<void(Result<graph::Commit>)> next() {
    return [this](Result<graph::Commit> answer) {
      const std::lock_guard held(mutex_);
      all_.push_back(std::move(answer));
      changed_.notify_all();
    };
  }
  std::vector<Result<graph::Commit>> wait_for(std::size_t count) {
    std::unique_lock held(mutex_);
    changed_.wait(held, [&] { return all_.size() >= count; });
    return all_;
  }
  std::size_t count() {
    const std::lock_guard held(mutex_);
    return all_.size();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Result<graph::Commit>> all_;
};

/// A door that a sync passes only when it is open.
class Door {
public:
  void pass() {
    std::unique_lock held(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(held, [this] { return open_; });
    --waiting_;
  }
  void wait_for_somebody() {
    std::unique_lock held(mutex_);
    changed_.wait(held, [this] { return waiting_ > 0; });
  }
  void set(bool open) {
    const std::lock_guard held(mutex_);
    open_ = open;
    changed_.notify_all();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = true;
};

} // namespace

TEST_CASE("no answer comes before its sync, and what arrives during a sync shares the next") {
  const Place place;
  FaultPlan plan;
  Door door;
  plan.before_log_sync = [&] { door.pass(); };
  const auto env = faulty_env(plan);
  EmbeddedOptions options = place.options();
  options.env = env.get();
  auto store = EmbeddedStore::open(options).value();
  const std::uint64_t before = plan.log_syncs;
  door.set(false);
  Answers answers;
  store->transact({}, {}, always(putting(Draft(service, "first"))), {}, answers.next());
  door.wait_for_somebody();
  CHECK(answers.count() == 0);
  CHECK_FALSE(store->newest()->find({0, service, "first"}));
  constexpr std::size_t followers = 50;
  for (std::size_t number = 0; number < followers; ++number)
    store->transact({}, {}, always(putting(Draft(service, std::to_string(number)))), {},
                    answers.next());
  CHECK(answers.count() == 0);
  door.set(true);
  for (const auto& answer : answers.wait_for(followers + 1))
    CHECK(answer.has_value());
  CHECK(plan.log_syncs - before == 2);
  CHECK(store->statistics().batches == 2);
  CHECK(store->newest()->record_count() == followers + 1);
}

TEST_CASE("an empty change set answers only after what it may have read is durable") {
  const Place place;
  FaultPlan plan;
  Door door;
  plan.before_log_sync = [&] { door.pass(); };
  const auto env = faulty_env(plan);
  EmbeddedOptions options = place.options();
  options.env = env.get();
  auto store = EmbeddedStore::open(options).value();
  door.set(false);
  Answers held;
  store->transact({}, {}, always(putting(Draft(service, "held"))), {}, held.next());
  door.wait_for_somebody();
  Answers answers;
  store->transact({}, {}, always(putting(Draft(service, "seen"))), {}, answers.next());
  bool seen = false;
  graph::FetchPlan reading;
  reading.records.emplace_back(0, service, "seen");
  store->transact(
      {}, std::move(reading),
      [&seen](graph::Subgraph& graph) -> Result<graph::Decision> {
        seen = static_cast<bool>(graph.find({0, service, "seen"}));
        graph::ChangeSet nothing;
        nothing.unchanged.push_back(graph.find({0, service, "seen"}));
        return graph::Decision(std::move(nothing));
      },
      {.where = graph::Where::tip}, answers.next());
  door.set(true);
  const auto all = answers.wait_for(2);
  CHECK(seen);
  REQUIRE(all[1]);
  CHECK(all[1]->sequence == 0);
  REQUIRE(all[1]->records.size() == 1);
  CHECK(all[1]->records.front()->id() == "seen");
  CHECK(store->newest()->find({0, service, "seen"}));
}

TEST_CASE("a revision that is held is found although a batch without a commit came after it") {
  const Place place;
  auto store = place.open();
  const auto commit = [&](const char* id) {
    return graph::transact_and_wait(*store, {}, {}, always(putting(Draft(service, id)))).value();
  };
  const graph::Sequence sequence = commit("one").sequence;
  const auto held = graph::read_and_wait(*store, {}, {}).value();
  const auto batches = store->statistics().batches;
  for (std::size_t number = 0; store->statistics().batches == batches; ++number)
    store->note_seen({0, service, std::to_string(number)}, "a source", 1);
  commit("two");
  graph::FetchPlan plan;
  plan.queries.emplace_back().families = {service};
  const auto read = graph::read_and_wait(*store, {.at = sequence}, plan);
  REQUIRE(read);
  auto found = *read;
  CHECK(found.page(0).value().total == 1);
}

TEST_CASE("a loser fails alone and leaves nothing behind") {
  const Place place;
  auto store = place.open();
  graph::ChangeSet bad = putting(Draft(service, "bad"));
  bad.changes.push_back({{0, service, "missing"}, {}});
  Answers answers;
  const graph::Deciding at_tip{.where = graph::Where::tip};
  store->transact({}, {}, always(putting(Draft(service, "good"))), at_tip, answers.next());
  store->transact({}, {}, always(std::move(bad)), at_tip, answers.next());
  store->transact(
      {}, {},
      [](graph::Subgraph&) -> Result<graph::Decision> {
        return Error{ErrorCode::unprocessable, "no"};
      },
      at_tip, answers.next());
  store->transact({}, {}, always(putting(Draft(service, "also good"))), at_tip, answers.next());
  const auto all = answers.wait_for(4);
  CHECK(all[0].has_value());
  CHECK(all[1].error().code == ErrorCode::not_found);
  CHECK(all[2].error().code == ErrorCode::unprocessable);
  CHECK(all[3].has_value());
  CHECK(store->newest()->record_count() == 2);
  CHECK_FALSE(store->newest()->find({0, service, "bad"}));
  CHECK(findings_of(*store).empty());
}

TEST_CASE("a rule may ask for more, but not for ever") {
  const Place place;
  auto store = place.open();
  int asked = 0;
  const auto patient = graph::transact_and_wait(
      *store, {}, {}, [&asked](graph::Subgraph&) -> Result<graph::Decision> {
        if (++asked < 5)
          return graph::Decision(graph::FetchPlan{});
        return graph::Decision(putting(Draft(service, "x")));
      });
  CHECK(patient.has_value());
  const auto greedy =
      graph::transact_and_wait(*store, {}, {}, [](graph::Subgraph&) -> Result<graph::Decision> {
        return graph::Decision(graph::FetchPlan{});
      });
  CHECK(greedy.error().code == ErrorCode::too_large);
}

TEST_CASE("a rule that keeps its subgraph or its records disturbs nobody") {
  const Place place;
  auto store = place.open();
  std::vector<graph::Subgraph> kept;
  std::vector<graph::RecordRef> records;
  for (int number = 0; number < 50; ++number) {
    graph::FetchPlan plan;
    plan.records.emplace_back(0, service, std::to_string(number));
    plan.queries.emplace_back();
    const auto committed =
        graph::transact_and_wait(*store, {}, std::move(plan),
                                 [&](graph::Subgraph& graph) -> Result<graph::Decision> {
                                   kept.push_back(graph);
                                   graph::ChangeSet changes =
                                       putting(Draft(service, std::to_string(number)));
                                   records.push_back(changes.changes.front().after);
                                   return graph::Decision(std::move(changes));
                                 },
                                 {.where = graph::Where::tip});
    REQUIRE(committed);
  }
  for (std::size_t number = 0; number < kept.size(); ++number) {
    CHECK(kept[number].page(0)->total == number);
    CHECK_FALSE(kept[number].find({0, service, std::to_string(number)}));
    CHECK(records[number]->sequence() == 0);
  }
  CHECK(findings_of(*store).empty());
}

TEST_CASE("each record gets a microsecond of its own, also from a clock that stands") {
  Place place;
  const ManualClock clock(Timestamp{1'000'000});
  EmbeddedOptions options = place.options();
  options.clock = &clock;
  std::int64_t last = 0;
  for (int round = 0; round < 2; ++round) {
    auto store = EmbeddedStore::open(options).value();
    for (int number = 0; number < 10; ++number) {
      graph::ChangeSet changes = putting(Draft(service, "a" + std::to_string(number)));
      changes.changes.push_back(Draft(service, "b" + std::to_string(number)).put());
      const auto committed = commit(*store, std::move(changes));
      REQUIRE(committed);
      for (const auto& record : committed->records) {
        CHECK(record->updated_at() > last);
        last = record->updated_at();
        CHECK((round == 1 || record->created_at() == last));
      }
      CHECK(committed->time == last);
    }
  }
}

TEST_CASE("readers of a pinned revision see it unchanged while others write") {
  const Place place;
  auto store = place.open();
  for (int number = 0; number < 200; ++number)
    REQUIRE(put(
        *store,
        Draft(service, std::to_string(number)).set(word_number, 0).edge(party_edge, party, "hub")));
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader)
    readers.emplace_back([&] {
      while (!done) {
        const auto revision = store->newest();
        const std::uint64_t records = revision->record_count();
        const std::uint64_t edges = revision->count_referrers({0, party, "hub"});
        std::uint64_t found = 0;
        revision->referrers({0, party, "hub"}, [&](const graph::Referrer& referrer) {
          found += referrer.record ? 1 : 0;
          return true;
        });
        // Every commit writes two records with the same number.
        const auto a = revision->find({0, service, "pair-a"});
        const auto b = revision->find({0, service, "pair-b"});
        if (found != edges || records != edges || (a && a->sequence() != b->sequence()))
          ++wrong;
      }
    });
  for (int number = 0; number < 300; ++number) {
    graph::ChangeSet changes =
        putting(Draft(service, "pair-a").set(word_number, number).edge(party_edge, party, "hub"));
    changes.changes.push_back(
        Draft(service, "pair-b").set(word_number, number).edge(party_edge, party, "hub").put());
    if (number % 3 == 0)
      changes.changes.push_back(
          Draft(service, "n" + std::to_string(number)).edge(party_edge, party, "hub").put());
    REQUIRE(commit(*store, std::move(changes)));
  }
  done = true;
  for (std::thread& reader : readers)
    reader.join();
  CHECK(wrong == 0);
  CHECK(findings_of(*store).empty());
}

TEST_CASE("a full disk makes the store read-only, loses nothing acknowledged, and reads go on") {
  const Place place;
  FaultPlan plan;
  const auto env = faulty_env(plan);
  EmbeddedOptions options = place.options();
  options.env = env.get();
  {
    auto store = EmbeddedStore::open(options).value();
    REQUIRE(put(*store, Draft(service, "kept")));
    plan.disk_full = true;
    graph::ChangeSet lost = putting(Draft(service, "lost"));
    lost.take.push_back({.scope = "name", .key = "x", .holder = "lost"});
    const auto refused = commit(*store, std::move(lost));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::outcome_unknown);
    CHECK(store->read_only_reason().find("full disk") != std::string::npos);
    CHECK(put(*store, Draft(service, "later")).error().code == ErrorCode::unavailable);
    CHECK(store->newest()->find({0, service, "kept"}));
    CHECK_FALSE(store->newest()->find({0, service, "lost"}));
    CHECK_FALSE(store->claim("name", "x").value());
    CHECK(store->tenant("new").error().code == ErrorCode::unavailable);
  }
  plan.disk_full = false;
  CHECK(findings_in(options.folder) == std::vector<std::string>{});
  auto store = EmbeddedStore::open(options).value();
  CHECK(store->newest()->find({0, service, "kept"}));
  CHECK(put(*store, Draft(service, "again")).has_value());
}

TEST_CASE("a failed sync is never acknowledged and nothing after it is") {
  const Place place;
  FaultPlan plan;
  const auto env = faulty_env(plan);
  EmbeddedOptions options = place.options();
  options.env = env.get();
  {
    auto store = EmbeddedStore::open(options).value();
    REQUIRE(put(*store, Draft(service, "kept")));
    plan.sync_fails = true;
    CHECK(put(*store, Draft(service, "lost")).error().code == ErrorCode::outcome_unknown);
    plan.sync_fails = false;
    CHECK(put(*store, Draft(service, "later")).error().code == ErrorCode::unavailable);
  }
  // The lost one may or may not be there: it was never acknowledged. What is there is whole.
  CHECK(findings_in(options.folder) == std::vector<std::string>{});
  CHECK(EmbeddedStore::open(options).value()->newest()->find({0, service, "kept"}));
}

TEST_CASE("too many waiting changes are refused at once") {
  const Place place;
  FaultPlan plan;
  Door door;
  plan.before_log_sync = [&] { door.pass(); };
  const auto env = faulty_env(plan);
  EmbeddedOptions options = place.options();
  options.env = env.get();
  options.max_queued = 3;
  auto store = EmbeddedStore::open(options).value();
  door.set(false);
  Answers answers;
  store->transact({}, {}, always(putting(Draft(service, "0"))), {}, answers.next());
  door.wait_for_somebody();
  for (int number = 1; number <= 5; ++number)
    store->transact({}, {}, always(putting(Draft(service, std::to_string(number)))), {},
                    answers.next());
  const auto refused = answers.wait_for(2);
  CHECK(refused[0].error().code == ErrorCode::unavailable);
  door.set(true);
  CHECK(answers.wait_for(6).size() == 6);
  CHECK(store->newest()->record_count() == 4);
}

TEST_CASE("a stopped store has finished what it accepted and refuses what comes later") {
  const Place place;
  auto store = place.open();
  Answers answers;
  for (int number = 0; number < 100; ++number)
    store->transact({}, {}, always(putting(Draft(service, std::to_string(number)))), {},
                    answers.next());
  store->stop();
  CHECK(answers.count() == 100);
  CHECK(put(*store, Draft(service, "late")).error().code == ErrorCode::unavailable);
  CHECK(store->newest()->record_count() == 100);
  CHECK_FALSE(store->journal(1, 10));
  store->stop();
  store.reset();
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
}
