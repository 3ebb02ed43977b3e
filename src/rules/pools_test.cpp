#include "rules/pools.h"

#include "model/kinds.h"
#include "model/words.h"
#include "rules/lapse.h"
#include "testing/declared_store.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <thread>

using namespace diffo;
using namespace diffo::rules;
using testing::DeclaredStore;
using testing::key_of;
using Operation = AssignRequest::Operation;

namespace {

constexpr std::string_view yard = R"(domain: Yard
kinds:
  Box:
    half: service
    specification: {id: 5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e01, name: box}
    pools:
      ports: {thing: port, first: 1, last: 200}
      few: {thing: fewer, first: 1, last: 12, except: [[4, 5]], quarantine: 60s}
      brief: {thing: brevity, first: 1, last: 2, lease: 10s}
      slow: {thing: slowness, first: 1, last: 1, lease: 10s, quarantine: 60s}
      blocks: {thing: block, units: blocks, block: 4, first: 0, last: 15}
      tight: {thing: tightness, first: 1, last: 9, quota: 2}
)";

constexpr std::int64_t second = 1'000'000;

struct Yard : DeclaredStore {
  graph::Key box;
  std::vector<graph::Key> users;
  explicit Yard(int many = 3) : DeclaredStore(yard) {
    box = key_of(build("Box", "{}"));
    REQUIRE(act(box, "activate"));
    for (int user = 0; user < many; ++user)
      users.push_back(key_of(build("Box", "{}")));
  }

  Result<graph::Commit> ask(const std::string& pool, AssignRequest request,
                            graph::Where where = graph::Where::tip) {
    const graph::Context here = context();
    request.family = model::family_service;
    return graph::transact_and_wait(*store, here, plan_for_assigning(box, request),
                                    assign(here, box, pool, request), {.where = where});
  }
  Result<graph::Commit> automatic(const std::string& pool, int user, std::string alias = {}) {
    return ask(
        pool, {.assignee = users.at(static_cast<std::size_t>(user)).id, .alias = std::move(alias)});
  }
  Result<graph::Commit> named(const std::string& pool, int user, std::int64_t value,
                              Operation operation) {
    return ask(pool, {.operation = operation,
                      .assignee = users.at(static_cast<std::size_t>(user)).id,
                      .value = json::Value(value)});
  }
  [[nodiscard]] Assigned assigned(const Result<graph::Commit>& commit) const {
    if (!commit)
      FAIL(commit.error().text());
    return read_assigned(*commit->records.front(), model->schema());
  }
  /// Takes away all assignments whose lease has run out, as the server does; how many there are.
  std::size_t sweep() {
    std::vector<graph::Key> all = assignments();
    const graph::Context here = context();
    REQUIRE(graph::transact_and_wait(*store, here, plan_for_lapsing(all), lapse(here, all)));
    return assignments().size();
  }
  [[nodiscard]] std::vector<graph::Key> assignments() const {
    graph::FetchPlan plan;
    plan.queries.emplace_back().families = {model::family_assignment};
    graph::Subgraph subgraph = graph::read_and_wait(*store, {}, plan).value();
    std::vector<graph::Key> keys;
    const graph::Page page = subgraph.page(0).value();
    for (const graph::RecordRef& record : page.records)
      keys.push_back(record->key());
    return keys;
  }
  [[nodiscard]] std::vector<Assigned> live() const {
    graph::Subgraph subgraph =
        graph::read_and_wait(*store, {}, plan_for_assignments(box, model::kinds::assigner)).value();
    return assignments_of(subgraph, box, model::kinds::assigner, clock.now().microseconds);
  }
  [[nodiscard]] std::set<std::int64_t> claimed(const std::string& pool, std::int64_t last) const {
    std::set<std::int64_t> values;
    const std::string scope = scope_of_pool(box, *kind("Box").pool(pool));
    for (std::int64_t value = 0; value <= last; ++value)
      if (const auto claim = store->claim(scope, std::to_string(value)).value();
          claim && graph::holds(*claim, clock.now().microseconds))
        values.insert(value);
    return values;
  }
};

} // namespace

TEST_CASE("values are handed out once, however many ask, until none is left") {
  for (const graph::Where where : {graph::Where::tip, graph::Where::ahead}) {
    Yard fixture;
    std::mutex mutex;
    std::set<std::int64_t> values;
    std::atomic<int> twice{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    threads.reserve(16);
    for (int thread = 0; thread < 16; ++thread)
      threads.emplace_back([&, thread] {
        for (int round = 0; round < 15; ++round) {
          const auto done = fixture.ask(
              "ports", {.assignee = fixture.users[static_cast<std::size_t>(thread % 3)].id}, where);
          if (!done) {
            refused += done.error().code == ErrorCode::conflict ? 1 : 0;
            continue;
          }
          const std::lock_guard held(mutex);
          twice += values.insert(fixture.assigned(done).value).second ? 0 : 1;
        }
      });
    for (std::thread& thread : threads)
      thread.join();
    CHECK(twice == 0);
    CHECK(values.size() == 200);
    CHECK(*values.begin() == 1);
    CHECK(*values.rbegin() == 200);
    CHECK(refused == 40);
    CHECK(fixture.live().size() == 200);
    CHECK(store::test::findings_of(*fixture.store).empty());
  }
}

TEST_CASE("a reservation ends by itself, and whoever comes next gets its value and its alias") {
  Yard fixture;
  const Assigned first = fixture.assigned(fixture.automatic("brief", 0, "mine"));
  CHECK(first.lease_until == fixture.clock.now().microseconds + 10 * second);
  CHECK(fixture.assigned(fixture.automatic("brief", 1)).value == 2);
  CHECK(fixture.automatic("brief", 2).error().code == ErrorCode::conflict);
  CHECK(fixture.automatic("ports", 0, "mine").error().code == ErrorCode::conflict);
  REQUIRE(fixture.named("brief", 1, 2, Operation::confirm));
  fixture.clock.advance_microseconds(11 * second);
  CHECK(fixture.live().size() == 1);
  CHECK(fixture.named("brief", 0, 1, Operation::confirm).error().code == ErrorCode::conflict);
  CHECK(fixture.named("brief", 0, 1, Operation::unassign).error().code == ErrorCode::conflict);
  CHECK(fixture.assigned(fixture.automatic("ports", 0, "mine")).value == 1);
  CHECK(fixture.assigned(fixture.automatic("brief", 2)).value == 1);
  CHECK_FALSE(fixture.find(first.key)); // nobody holds anything by it
  CHECK(store::test::findings_of(*fixture.store).empty());
}

TEST_CASE("what a reservation leaves rests as well, while its alias is free at once") {
  Yard fixture;
  REQUIRE(fixture.automatic("slow", 0, "mine"));
  fixture.clock.advance_microseconds(11 * second);
  CHECK(fixture.automatic("slow", 1).error().code == ErrorCode::conflict);
  CHECK(fixture.assigned(fixture.automatic("ports", 0, "mine")).value == 1);
  CHECK(fixture.automatic("slow", 1).error().code == ErrorCode::conflict);
  fixture.clock.advance_microseconds(60 * second);
  CHECK(fixture.assigned(fixture.automatic("slow", 1)).value == 1);
}

TEST_CASE("who is deleted with a reservation that has run out does not end its rest") {
  Yard fixture;
  REQUIRE(fixture.automatic("slow", 0));
  fixture.clock.advance_microseconds(11 * second);
  REQUIRE(fixture.erase(fixture.users[0]));
  CHECK(fixture.automatic("slow", 1).error().code == ErrorCode::conflict);
  fixture.clock.advance_microseconds(60 * second);
  CHECK(fixture.assigned(fixture.automatic("slow", 1)).value == 1);
}

TEST_CASE("what has run out is taken away, and nothing else") {
  Yard fixture;
  const Assigned first = fixture.assigned(fixture.automatic("brief", 0, "mine"));
  REQUIRE(fixture.automatic("brief", 1));
  REQUIRE(fixture.named("brief", 1, 2, Operation::confirm));
  REQUIRE(fixture.automatic("slow", 2, "other"));
  const Assigned three = fixture.assigned(fixture.ask(
      "ports",
      {.assignee = fixture.users[0].id, .alias = "three", .count = 3, .lease_seconds = 5}));
  REQUIRE(fixture.automatic("ports", 0, "stays"));
  CHECK(fixture.sweep() == 5);
  fixture.clock.advance_microseconds(11 * second);
  CHECK(fixture.sweep() == 2);
  CHECK_FALSE(fixture.find(first.key));
  CHECK_FALSE(fixture.find(three.key));
  CHECK(fixture.live().size() == 2);
  CHECK(fixture.claimed("ports", 200) == std::set<std::int64_t>{4});
  CHECK(fixture.claimed("brief", 3) == std::set<std::int64_t>{2});
  CHECK(fixture.claimed("slow", 2) == std::set<std::int64_t>{1}); // it rests
  for (const char* alias : {"mine", "three", "other"})
    CHECK(fixture.automatic("ports", 0, alias));
  fixture.clock.advance_microseconds(60 * second);
  CHECK(fixture.assigned(fixture.automatic("slow", 1)).value == 1);
  CHECK(store::test::findings_of(*fixture.store).empty());
}

TEST_CASE("what was freed rests until its time is over, also when its holder was deleted") {
  Yard fixture;
  CHECK(fixture.assigned(fixture.automatic("few", 0)).value == 1);
  CHECK(fixture.assigned(fixture.automatic("few", 1)).value == 2);
  REQUIRE(fixture.named("few", 0, 1, Operation::unassign));
  REQUIRE(fixture.erase(fixture.users[1]));
  CHECK(fixture.live().empty());
  CHECK(fixture.assigned(fixture.automatic("few", 2)).value == 3);
  CHECK(fixture.named("few", 2, 1, Operation::assign).error().code == ErrorCode::conflict);
  fixture.clock.advance_microseconds(61 * second);
  CHECK(fixture.assigned(fixture.automatic("few", 2)).value == 1);
  CHECK(fixture.assigned(fixture.automatic("few", 2)).value == 2);
}

TEST_CASE("a block is handed out whole, and a pool keeps those that are out") {
  Yard fixture;
  CHECK(fixture.assigned(fixture.automatic("blocks", 0)).size == 4);
  CHECK(fixture.assigned(fixture.automatic("blocks", 0)).value == 4);
  const auto define = [&](const char* bounds) {
    return fixture.act(fixture.box, "define",
                       std::string(R"({"characteristicValueUpdates": {"blocks": )") + bounds +
                           "}}");
  };
  CHECK(define(R"({"first": 1})").error().code == ErrorCode::conflict);
  CHECK(define(R"({"last": 6})").error().code == ErrorCode::conflict);
  REQUIRE(fixture.named("blocks", 0, 0, Operation::unassign));
  CHECK(define(R"({"first": 1})"));
  CHECK(define(R"({"first": 4, "last": 7})"));
  CHECK(define(R"({"first": 5})").error().code == ErrorCode::conflict);
}

TEST_CASE("no value is handed out of what is cut off at that moment") {
  for (const graph::Where where : {graph::Where::tip, graph::Where::ahead}) {
    Yard fixture;
    std::atomic<bool> over{false};
    std::thread asking([&] {
      for (int round = 0; round < 60; ++round) {
        const auto got = fixture.ask(
            "ports", {.assignee = fixture.users[static_cast<std::size_t>(round % 3)].id}, where);
        if (got && round % 2 == 0)
          (void)fixture.named("ports", round % 3, fixture.assigned(got).value, Operation::unassign);
      }
      over = true;
    });
    int cuts = 0;
    for (int last = 1; !over; last = last % 40 + 1)
      cuts += fixture.act(fixture.box, "define",
                          R"({"characteristicValueUpdates": {"ports": {"last": )" +
                              std::to_string(last) + "}}}")
                      .has_value()
                  ? 1
                  : 0;
    asking.join();
    CHECK(cuts > 0);
    const auto bounds = pool_bounds(*fixture.kind("Box").pool("ports"),
                                    fixture.find(fixture.box)->root(fixture.model->dictionary()));
    for (const Assigned& one : fixture.live())
      CHECK(one.value <= bounds->ranges.front().last);
    CHECK(store::test::findings_of(*fixture.store).empty());
  }
}

TEST_CASE("a quota counts what one has of one pool, runs by their length") {
  Yard fixture;
  REQUIRE(fixture.automatic("tight", 0));
  REQUIRE(fixture.automatic("tight", 0));
  CHECK(fixture.automatic("tight", 0).error().code == ErrorCode::conflict);
  CHECK(fixture.automatic("ports", 0));
  CHECK(fixture.ask("tight", {.assignee = fixture.users[1].id, .count = 3}).error().code ==
        ErrorCode::conflict);
  CHECK(
      fixture.assigned(fixture.ask("tight", {.assignee = fixture.users[1].id, .count = 2})).value ==
      3);
}

namespace {

/// What pool `few` (1 to 12 without 4 and 5, a minute of rest) must do, in plain words.
class PlainPool {
public:
  struct Held {
    int user = 0;
    std::int64_t lease = 0; ///< 0: for good
  };

  [[nodiscard]] static bool is_in(std::int64_t value) {
    return value >= 1 && value <= 12 && value != 4 && value != 5;
  }
  [[nodiscard]] bool is_free(std::int64_t value, std::int64_t now) const {
    const auto rest = resting.find(value);
    const auto one = held.find(value);
    return is_in(value) && !(rest != resting.end() && rest->second > now) &&
           !(one != held.end() && rests_until(one->second) > now);
  }
  [[nodiscard]] std::optional<std::int64_t> lowest(std::int64_t now) const {
    for (std::int64_t value = 1; value <= 12; ++value)
      if (is_free(value, now))
        return value;
    return std::nullopt;
  }
  [[nodiscard]] bool has(std::int64_t value, int user, std::int64_t now) const {
    const auto one = held.find(value);
    return one != held.end() && one->second.user == user &&
           (one->second.lease == 0 || one->second.lease > now);
  }
  void free(std::int64_t value, std::int64_t now) {
    held.erase(value);
    resting[value] = now + 60 * second;
  }
  static std::int64_t rests_until(const Held& one) {
    return one.lease == 0 ? INT64_MAX : one.lease + 60 * second;
  }

  std::map<std::int64_t, Held> held;
  std::map<std::int64_t, std::int64_t> resting;
};

void compare(const Yard& fixture, const PlainPool& plain) {
  const std::int64_t now = fixture.clock.now().microseconds;
  std::set<std::int64_t> taken;
  std::map<std::int64_t, std::string> live;
  for (std::int64_t value = 0; value <= 13; ++value)
    if (PlainPool::is_in(value) && !plain.is_free(value, now))
      taken.insert(value);
  for (const auto& [value, one] : plain.held)
    if (one.lease == 0 || one.lease > now)
      live.emplace(value, fixture.users.at(static_cast<std::size_t>(one.user)).id);
  CHECK(fixture.claimed("few", 13) == taken);
  std::map<std::int64_t, std::string> shown;
  for (const Assigned& one : fixture.live())
    CHECK(shown.emplace(one.value, one.assignee.id).second);
  CHECK(shown == live);
}

} // namespace

TEST_CASE("claims are what live assignments and what rests say, whatever was asked before") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&](int bound) {
    return static_cast<int>(random() % static_cast<unsigned>(bound));
  };
  Yard fixture;
  PlainPool plain;
  for (int step = 0; step < 400; ++step) {
    const std::int64_t now = fixture.clock.now().microseconds;
    const int user = below(3);
    const std::int64_t value = below(14);
    const std::uint64_t lease = below(2) == 0 ? 0 : 30;
    const std::string& id = fixture.users[static_cast<std::size_t>(user)].id;
    const PlainPool::Held mine{user,
                               lease == 0 ? 0 : now + static_cast<std::int64_t>(lease) * second};
    switch (below(7)) {
    case 0: {
      const auto wanted = plain.lowest(now);
      const auto got = fixture.ask("few", {.assignee = id, .lease_seconds = lease});
      REQUIRE(got.has_value() == wanted.has_value());
      if (wanted) {
        CHECK(fixture.assigned(got).value == *wanted);
        plain.held[*wanted] = mine;
      }
      break;
    }
    case 1: {
      const bool wanted = plain.is_free(value, now);
      const auto got = fixture.ask("few", {.operation = Operation::assign,
                                           .assignee = id,
                                           .value = json::Value(value),
                                           .lease_seconds = lease});
      REQUIRE(got.has_value() == wanted);
      if (wanted)
        plain.held[value] = mine;
      break;
    }
    case 2:
    case 3: {
      const bool wanted = plain.has(value, user, now);
      REQUIRE(fixture.named("few", user, value, Operation::unassign).has_value() == wanted);
      if (wanted)
        plain.free(value, now);
      break;
    }
    case 4: {
      const bool wanted = plain.has(value, user, now);
      REQUIRE(fixture.named("few", user, value, Operation::confirm).has_value() == wanted);
      if (wanted)
        plain.held[value].lease = 0;
      break;
    }
    case 5: {
      const auto holds = [now](const auto& one) {
        return one.second.lease == 0 || one.second.lease > now;
      };
      CHECK(fixture.sweep() ==
            static_cast<std::size_t>(std::count_if(plain.held.begin(), plain.held.end(), holds)));
      break;
    }
    default:
      fixture.clock.advance_microseconds(below(25) * second);
    }
    compare(fixture, plain);
  }
  for (int user = 0; user < 3; ++user)
    REQUIRE(fixture.erase(fixture.users[static_cast<std::size_t>(user)]));
  CHECK(fixture.live().empty());
  fixture.clock.advance_microseconds(100 * second);
  CHECK(fixture.claimed("few", 13).empty());
  CHECK(store::test::findings_of(*fixture.store).empty());
}

TEST_CASE(
    "what others handed out is theirs: it is found from both ends, and not handed out again") {
  Yard fixture;
  const graph::Key other = fixture.users[0];
  const auto put = [&](const graph::Key& key) {
    graph::FetchPlan plan;
    plan.records.push_back(key);
    return graph::transact_and_wait(
        *fixture.store, fixture.context(), plan,
        [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          const graph::Schema& schema = subgraph.schema();
          graph::RecordDraft draft = subgraph.find(key)->to_draft(schema.dictionary());
          graph::Element& edge = draft.root.children.emplace_back();
          edge.kind = model::kinds::assignment;
          edge.target = graph::Target{other.family, other.id};
          edge.set_field(model::words::number_of("pool"), "ports");
          edge.set_field(model::words::number_of("thing"), "port");
          edge.set_field(model::words::value, 1);
          edge.set_field(model::words::alias, "theirs");
          graph::ChangeSet changes;
          changes.changes.push_back({key, graph::encode(draft, schema.dictionary())});
          return graph::Decision(std::move(changes));
        });
  };
  REQUIRE(put(fixture.box));
  CHECK(fixture.assigned(fixture.automatic("ports", 1)).value == 2);
  CHECK(fixture.named("ports", 1, 1, Operation::assign).error().code == ErrorCode::conflict);
  CHECK(fixture.named("ports", 0, 1, Operation::unassign).error().code == ErrorCode::conflict);
  const std::vector<Assigned> live = fixture.live();
  REQUIRE(live.size() == 2);
  CHECK(live[0].by_others);
  CHECK(live[0].value == 1);
  CHECK(live[0].thing == "port");
  CHECK(live[1].value == 2);
  graph::Subgraph subgraph =
      graph::read_and_wait(*fixture.store, {}, plan_for_assignments(other, model::kinds::assignee))
          .value();
  const auto got = assignments_of(subgraph, other, model::kinds::assignee, 0);
  REQUIRE(got.size() == 1);
  CHECK(got[0].alias == "theirs");
  CHECK(got[0].assigner.id == fixture.box.id);
}
