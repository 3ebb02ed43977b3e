#include "testing/test_store.h"

#include <rapidcheck.h>

#include <algorithm>
#include <utility>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

graph::Key key_of(int number) {
  return {0, number % 4 == 3 ? party : service, "r" + std::to_string(number)};
}

graph::FetchPlan plan_for(std::vector<graph::Key> keys) {
  graph::FetchPlan plan;
  plan.records = std::move(keys);
  return plan;
}

graph::Query all_services() {
  graph::Query query;
  query.families = {service};
  return query;
}

graph::FetchPlan plan_for(graph::Query query) {
  graph::FetchPlan plan;
  plan.queries.push_back(std::move(query));
  return plan;
}

std::unique_ptr<EmbeddedStore> open(const Place& place, graph::Unplanned unplanned) {
  EmbeddedOptions options = place.options();
  options.unplanned = unplanned;
  return EmbeddedStore::open(std::move(options)).value();
}

/// A rule that reads on from what it reads, and tells what it saw.
class RandomRule {
public:
  RandomRule(graph::Subgraph& subgraph, const std::vector<std::uint8_t>& steps)
      : subgraph_(subgraph), steps_(steps) {}

  std::string tell() {
    for (const std::uint8_t step : steps_) {
      const graph::Key key = key_of(step / 8 % 12);
      switch (step % 8) {
      case 0:
        look_at(key);
        break;
      case 1:
        follow(key, 3);
        break;
      case 2:
        meet_referrers(key, {});
        break;
      case 3:
        meet_referrers(key, {party_edge});
        break;
      case 4:
        ask(step);
        break;
      case 5: {
        const auto claim = subgraph_.claim({"name", key.id}, 0);
        said_ += claim ? " held by " + claim->holder : " free";
        break;
      }
      case 6: {
        const auto free = subgraph_.count_free(pool(), 0);
        said_ += free ? " of " + std::to_string(*free) : free.error().message;
        break;
      }
      default:
        subgraph_.announce(plan_for({key, key_of(step / 16)}));
        look_at(key_of(step / 16));
      }
    }
    return said_;
  }

private:
  static graph::FreeQuery pool() {
    return {.scope = graph::pool_scope("ports"), .ranges = {{1, 20}}};
  }

  graph::RecordRef look_at(const graph::Key& key) {
    const graph::Fetched fetched = subgraph_.fetch(key);
    said_ += ' ' + key.id + (fetched.record ? std::to_string(fetched.record->sequence()) : "-");
    return fetched.record;
  }

  void follow(const graph::Key& key, int hops) {
    const graph::RecordRef record = look_at(key);
    if (record && hops > 0)
      graph::for_each_edge(record->root(schema().dictionary()),
                           [&](const graph::ElementView& edge) {
                             follow({0, edge.target_family(), edge.target_id().text()}, hops - 1);
                           });
  }

  void meet_referrers(const graph::Key& key, const std::vector<graph::ElementKind>& kinds) {
    std::vector<graph::Key> met;
    const graph::Seen seen = subgraph_.referrers(key, kinds, [&](const graph::Referrer& referrer) {
      met.push_back(referrer.record->key());
      return true;
    });
    said_ += seen == graph::Seen::all ? " all" : " some";
    for (const graph::Key& referrer : met)
      look_at(referrer);
  }

  void ask(std::uint8_t step) {
    graph::Query query = all_services();
    query.filter = graph::equal_text({.member = "state"}, {step % 16 == 4 ? "active" : "off"});
    const auto page = subgraph_.query(query);
    said_ += page ? " found " + std::to_string(page->total) : page.error().message;
    if (page)
      for (const graph::RecordRef& record : page->records)
        follow(record->key(), 1);
  }

  graph::Subgraph& subgraph_;
  const std::vector<std::uint8_t>& steps_;
  std::string said_;
};

void make_graph(EmbeddedStore& store, const std::vector<std::uint8_t>& edges) {
  graph::ChangeSet changes;
  for (int number = 0; number < 10; ++number) {
    const graph::Key key = key_of(number);
    Draft draft(key.family, key.id);
    draft.set(word_state, number % 3 == 0 ? "active" : "off");
    for (std::size_t edge = 0; edge < edges.size(); ++edge)
      if (static_cast<int>(edge % 10) == number) {
        const graph::Key target = key_of(edges[edge] % 12);
        draft.edge(edges[edge] % 2 == 0 ? party_edge : supporting_edge, target.family, target.id);
      }
    changes.changes.push_back(draft.put());
  }
  changes.take.push_back({.scope = "name", .key = "r2", .holder = "somebody"});
  changes.take.push_back({.scope = graph::pool_scope("ports"), .key = "7", .holder = "somebody"});
  REQUIRE(commit(store, std::move(changes)));
}

} // namespace

TEST_CASE("what is concluded in rounds from an empty plan is what is concluded with all at hand") {
  rc::check("in rounds", [](const std::vector<std::uint8_t>& edges,
                            const std::vector<std::uint8_t>& steps) {
    const Place place;
    const auto store = open(place, graph::Unplanned::refuse);
    make_graph(*store, edges);
    graph::Recorder all;
    graph::Subgraph at_hand(store->newest(), {}, &all, graph::Unplanned::serve);
    const std::string expected = RandomRule(at_hand, steps).tell();
    graph::Recorder recorder;
    std::string said;
    const auto read = graph::read_in_rounds(*store, {}, {}, &recorder, [&](graph::Subgraph& part) {
      said = RandomRule(part, steps).tell();
      return Result<void>();
    });
    RC_ASSERT(read.has_value());
    RC_ASSERT(said == expected);
    RC_ASSERT(recorder.footprint().records.size() == all.footprint().records.size());
    RC_ASSERT(recorder.footprint().claims == all.footprint().claims);
  });
}

TEST_CASE("a read that nobody announced fails what made it, and is named") {
  const Place place;
  const auto store = open(place, graph::Unplanned::fail);
  REQUIRE(put(*store, Draft(service, "one")));
  struct Row {
    const char* named;
    std::function<void(graph::Subgraph&)> read;
  };
  const std::array<Row, 5> rows{{
      {"service one",
       [](graph::Subgraph& graph) { static_cast<void>(graph.find({0, service, "one"})); }},
      {"referrers of party ann",
       [](graph::Subgraph& graph) {
         graph.referrers({0, party, "ann"}, [](const graph::Referrer&) { return true; });
       }},
      {"a query of service",
       [](graph::Subgraph& graph) { static_cast<void>(graph.query(all_services())); }},
      {"the claim name x",
       [](graph::Subgraph& graph) { static_cast<void>(graph.claim({"name", "x"}, 0)); }},
      {"what is free of",
       [](graph::Subgraph& graph) {
         static_cast<void>(
             graph.nth_free({.scope = graph::pool_scope("ports"), .ranges = {{1, 9}}}, 0, 0));
       }},
  }};
  for (const Row& row : rows) {
    CAPTURE(row.named);
    const auto read = graph::read_in_rounds(*store, {}, {}, nullptr, [&](graph::Subgraph& graph) {
      row.read(graph);
      return Result<void>();
    });
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::internal);
    CHECK(read.error().message.find(row.named) != std::string::npos);
    for (const graph::Where where : {graph::Where::ahead, graph::Where::tip}) {
      const auto written =
          graph::transact_and_wait(*store, {}, {},
                                   [&](graph::Subgraph& graph) -> Result<graph::Decision> {
                                     row.read(graph);
                                     graph::ChangeSet changes;
                                     changes.changes.push_back(Draft(service, "two").put());
                                     return graph::Decision(std::move(changes));
                                   },
                                   {.where = where});
      REQUIRE_FALSE(written);
      CHECK(written.error().message.find(row.named) != std::string::npos);
    }
  }
  CHECK_FALSE(store->newest()->find({0, service, "two"}));
}

TEST_CASE("what is announced on the way is read, in a plan or beside it") {
  const Place place;
  for (const graph::Unplanned unplanned :
       {graph::Unplanned::serve, graph::Unplanned::refuse, graph::Unplanned::fail}) {
    const auto store = open(place, unplanned);
    REQUIRE(put(*store, Draft(service, "one").edge(party_edge, party, "ann")));
    REQUIRE(put(*store, Draft(party, "ann")));
    int rounds = 0;
    bool found = false;
    const auto read = graph::read_in_rounds(
        *store, {}, plan_for({{0, service, "one"}}), nullptr, [&](graph::Subgraph& graph) {
          ++rounds;
          CHECK(graph.find({0, service, "one"}));
          graph.announce(plan_for({{0, party, "ann"}, {0, party, "bob"}}));
          const graph::Fetched ann = graph.fetch({0, party, "ann"});
          const graph::Fetched bob = graph.fetch({0, party, "bob"});
          CHECK((ann.state == graph::Fetched::State::not_fetched) ==
                (bob.state == graph::Fetched::State::not_fetched));
          found = ann.state == graph::Fetched::State::present &&
                  bob.state == graph::Fetched::State::absent;
          return Result<void>();
        });
    CHECK(read);
    CHECK(found);
    CHECK(rounds == (unplanned == graph::Unplanned::refuse ? 2 : 1));
  }
}

TEST_CASE("a revision is read again by its sequence while somebody holds a piece of it") {
  const Place place;
  const auto store = place.open();
  for (int number = 0; number < 10; ++number)
    REQUIRE(put(*store, Draft(service, "s" + std::to_string(number))));
  auto held = std::make_optional(graph::read_and_wait(*store, {}, {}).value());
  const graph::Sequence pinned = held->sequence();
  for (int number = 0; number < 300; ++number)
    REQUIRE(put(*store, Draft(service, "later" + std::to_string(number))));
  REQUIRE(erase(*store, {0, service, "s3"}));
  const auto total = [&]() -> Result<std::uint64_t> {
    auto again = TRY(graph::read_and_wait(*store, {.at = pinned}, plan_for(all_services())));
    CHECK(again.sequence() == pinned);
    return TRY(again.page(0)).total;
  };
  CHECK(total().value() == 10);
  held.reset();
  // Nothing keeps it now: single records come from the history, the whole does not.
  CHECK(total().error().code == ErrorCode::unsupported);
  auto past = graph::read_and_wait(*store, {.at = pinned},
                                   plan_for({{0, service, "s3"}, {0, service, "x"}}));
  REQUIRE(past);
  CHECK(past->sequence() == pinned);
  CHECK(past->find({0, service, "s3"}));
  CHECK(past->fetch({0, service, "x"}).state == graph::Fetched::State::absent);
  CHECK(past->fetch({0, service, "s4"}).state == graph::Fetched::State::not_fetched);
  CHECK_FALSE(past->complete());
}

TEST_CASE("a pin that the store does not have is refused for what it is") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.retention.max_entries = 2;
  options.trim_every = 1;
  const auto store = EmbeddedStore::open(std::move(options)).value();
  for (int number = 0; number < 20; ++number)
    REQUIRE(put(*store, Draft(service, "one").set(word_number, number)));
  const auto refusal = [&](graph::Pin pin, graph::FetchPlan plan) {
    return graph::read_and_wait(*store, std::move(pin), std::move(plan)).error().code;
  };
  CHECK(refusal({.at = 99}, {}) == ErrorCode::invalid);
  CHECK(refusal({.at = 99}, plan_for({{0, service, "one"}})) == ErrorCode::invalid);
  CHECK(refusal({.at = 2}, {}) == ErrorCode::gone);
  CHECK(refusal({.at = 2}, plan_for({{0, service, "one"}})) == ErrorCode::gone);
  CHECK(refusal({.branch = "draft", .at = {}}, {}) == ErrorCode::unsupported);
  CHECK(
      graph::read_and_wait(*store, {.at = store->newest()->sequence()}, plan_for(all_services())));
}
