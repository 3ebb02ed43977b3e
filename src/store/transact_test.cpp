#include "testing/fault_env.h"
#include "testing/test_store.h"

#include <atomic>
#include <new>
#include <set>
#include <thread>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

constexpr int writers = 64;

/// Raises the counter by one if it still has the version that was seen.
graph::Decide raise_if(graph::Sequence seen) {
  return [seen](graph::Subgraph& graph) -> Result<graph::Decision> {
    const graph::RecordRef present = graph.find({0, service, "counter"});
    if (present->sequence() != seen)
      return Error{ErrorCode::precondition_failed, "it has changed since"};
    return graph::Decision(putting(numbered("counter", number_in(present) + 1)));
  };
}

graph::Decide create_once(const std::string& id) {
  return [id](graph::Subgraph& graph) -> Result<graph::Decision> {
    if (graph.find({0, service, id}))
      return Error{ErrorCode::conflict, "it is there"};
    return graph::Decision(putting(Draft(service, id)));
  };
}

void run_together(const std::function<void(int)>& work) {
  std::vector<std::thread> all;
  all.reserve(writers);
  for (int number = 0; number < writers; ++number)
    all.emplace_back([&work, number] { work(number); });
  for (std::thread& thread : all)
    thread.join();
}

graph::FetchPlan reading(std::string id) {
  graph::FetchPlan plan;
  plan.records.emplace_back(0, service, std::move(id));
  return plan;
}

graph::Query all_services() {
  graph::Query query;
  query.families = {service};
  return query;
}

/// What the tests below read.
graph::FetchPlan reading_all() {
  graph::FetchPlan plan;
  plan.records = {{0, service, "read"}, {0, service, "absent"}};
  plan.referrers.push_back({{0, service, "hub"}, {supporting_edge}});
  plan.queries.push_back(all_services());
  return plan;
}

/// Decides to put "result" after `read`; before the first decision is given away, `disturb`
/// happens. Returns how often it was decided.
int decisions_when(EmbeddedStore& store, const std::function<void(graph::Subgraph&)>& read,
                   const std::function<void()>& disturb,
                   const graph::FetchPlan& plan = reading_all()) {
  int decisions = 0;
  const auto committed = graph::transact_and_wait(
      store, {}, plan, [&](graph::Subgraph& graph) -> Result<graph::Decision> {
        read(graph);
        if (++decisions == 1)
          disturb();
        return graph::Decision(putting(Draft(service, "result")));
      });
  CHECK(committed.has_value());
  return decisions;
}

} // namespace

TEST_CASE("of many who raise one counter at its version none overwrites another") {
  const Place place;
  for (const graph::Where where : {graph::Where::ahead, graph::Where::tip}) {
    auto store = place.open();
    REQUIRE(put(*store, numbered("counter", 0)));
    std::atomic<std::int64_t> raised{0};
    std::atomic<int> failed{0};
    run_together([&](int) {
      for (int round = 0; round < 20; ++round) {
        const graph::Sequence seen = store->newest()->find({0, service, "counter"})->sequence();
        const auto committed = graph::transact_and_wait(*store, {}, reading("counter"),
                                                        raise_if(seen), {.where = where});
        if (committed)
          ++raised;
        else if (committed.error().code != ErrorCode::precondition_failed)
          ++failed;
      }
    });
    CHECK(failed == 0);
    CHECK(raised >= 20);
    CHECK(number_in(store->newest()->find({0, service, "counter"})) == raised);
    CHECK(findings_of(*store).empty());
    REQUIRE(erase(*store, {0, service, "counter"}));
  }
}

TEST_CASE("of many who raise one counter without condition each succeeds, and shows its own") {
  const Place place;
  auto store = place.open();
  REQUIRE(put(*store, numbered("counter", 0)));
  std::array<std::atomic<int>, writers * 10 + 1> shown{};
  std::atomic<int> failed{0};
  run_together([&](int) {
    for (int round = 0; round < 10; ++round) {
      const auto committed = graph::transact_and_wait(
          *store, {}, reading("counter"), [](graph::Subgraph& graph) -> Result<graph::Decision> {
            const std::int64_t number = number_in(graph.find({0, service, "counter"}));
            return graph::Decision(putting(numbered("counter", number + 1)));
          });
      if (committed)
        ++shown[static_cast<std::size_t>(number_in(committed->records.front()))];
      else
        ++failed;
    }
  });
  CHECK(failed == 0);
  for (std::size_t number = 1; number < shown.size(); ++number)
    CHECK(shown[number] == 1);
}

TEST_CASE("of many who create one id exactly one succeeds") {
  const Place place;
  auto store = place.open();
  for (const graph::Where where : {graph::Where::ahead, graph::Where::tip}) {
    const std::string id = where == graph::Where::tip ? "at the tip" : "ahead";
    std::atomic<int> won{0};
    std::atomic<int> lost{0};
    run_together([&](int) {
      const auto committed =
          graph::transact_and_wait(*store, {}, reading(id), create_once(id), {.where = where});
      if (committed)
        ++won;
      else if (committed.error().code == ErrorCode::conflict)
        ++lost;
    });
    CHECK(won == 1);
    CHECK(lost == writers - 1);
  }
}

TEST_CASE("a decision stands when something else has changed, and is made again otherwise") {
  const Place place;
  auto store = place.open();
  REQUIRE(put(*store, numbered("read", 1)));
  REQUIRE(put(*store, Draft(service, "a").edge(supporting_edge, service, "hub")));
  const auto read_record = [](graph::Subgraph& graph) {
    static_cast<void>(graph.find({0, service, "read"}));
  };
  const auto read_absent = [](graph::Subgraph& graph) {
    static_cast<void>(graph.find({0, service, "absent"}));
  };
  const auto read_supporters = [](graph::Subgraph& graph) {
    graph.referrers({0, service, "hub"}, {supporting_edge},
                    [](const graph::Referrer&) { return true; });
  };
  const auto read_services = [](graph::Subgraph& graph) {
    static_cast<void>(graph.query(all_services()));
  };
  int count = 0;
  const auto put_now = [&](const Draft& draft) {
    return [&store, draft] { REQUIRE(put(*store, draft)); };
  };
  const auto fresh = [&count](graph::Family family) {
    return Draft(family, "new-" + std::to_string(++count));
  };
  CHECK(decisions_when(*store, read_record, put_now(fresh(service))) == 1);
  CHECK(decisions_when(*store, read_record, put_now(numbered("read", 2))) == 2);
  CHECK(decisions_when(*store, read_absent, put_now(fresh(service))) == 1);
  CHECK(decisions_when(*store, read_absent, put_now(Draft(service, "absent"))) == 2);
  CHECK(decisions_when(*store, read_supporters, put_now(fresh(service))) == 1);
  CHECK(decisions_when(*store, read_supporters,
                       put_now(fresh(service).edge(party_edge, service, "hub"))) == 1);
  CHECK(decisions_when(*store, read_supporters,
                       put_now(fresh(service).edge(supporting_edge, service, "hub"))) == 2);
  CHECK(decisions_when(*store, read_supporters,
                       [&] { REQUIRE(erase(*store, {0, service, "a"})); }) == 2);
  CHECK(decisions_when(*store, read_services, put_now(fresh(party))) == 1);
  CHECK(decisions_when(*store, read_services, put_now(fresh(service))) == 2);
  CHECK(findings_of(*store).empty());
}

TEST_CASE("a range that was read is touched by what changes its answer, and by nothing beside") {
  const Place place;
  auto store = place.open();
  const auto named = [](const char* id, const char* name) {
    return Draft(service, id).set(word_name, name);
  };
  graph::Query query;
  query.families = {service};
  query.filter = graph::equal_text({.member = "name"}, {"wanted"});
  const auto decisions = [&](const std::function<void()>& disturb) {
    graph::FetchPlan plan = reading("result");
    plan.queries.push_back(query);
    return decisions_when(
        *store, [](graph::Subgraph& graph) { REQUIRE(graph.page(0)); }, disturb, plan);
  };
  const auto put_now = [&store](const Draft& draft) {
    return [&store, draft] { REQUIRE(put(*store, draft)); };
  };
  const auto erase_now = [&store](const char* id) {
    return [&store, id] { REQUIRE(erase(*store, {0, service, id})); };
  };
  // Beside the filter: made, changed and gone.
  CHECK(decisions(put_now(named("a", "beside"))) == 1);
  CHECK(decisions(put_now(named("a", "still beside"))) == 1);
  CHECK(decisions(erase_now("a")) == 1);
  // Into it, within it, and out of it, in both ways.
  CHECK(decisions(put_now(named("b", "wanted"))) == 2);
  CHECK(decisions(put_now(named("b", "wanted").set(word_number, 1))) == 2);
  CHECK(decisions(put_now(named("b", "not any more"))) == 2);
  CHECK(decisions(put_now(named("b", "wanted"))) == 2);
  CHECK(decisions(erase_now("b")) == 2);
  // In and out again: what came and went was there for those who read in between.
  CHECK(decisions([&] {
          REQUIRE(put(*store, named("c", "wanted")));
          REQUIRE(erase(*store, {0, service, "c"}));
        }) == 2);
  // A query of no family is one of all.
  query.families.clear();
  CHECK(decisions(put_now(named("d", "wanted"))) == 2);
  CHECK(decisions(put_now(named("e", "beside"))) == 1);
  // What only a function decides may be changed by any record of the class.
  query.families = {party};
  query.filter = graph::residual({"never", "", [](const graph::Record&) { return false; }});
  CHECK(decisions(put_now(Draft(party, "p"))) == 2);
  CHECK(decisions(put_now(named("f", "wanted"))) == 1);
  CHECK(findings_of(*store).empty());
}

TEST_CASE("referrers that were read are touched by edges that come and go alone") {
  const Place place;
  auto store = place.open();
  const auto referring = [](const char* id, int number) {
    return Draft(service, id).set(word_number, number).edge(supporting_edge, service, "hub");
  };
  REQUIRE(put(*store, referring("a", 1)));
  // Asks only whether there is one, so that it has not seen the other.
  REQUIRE(put(*store, referring("b", 1)));
  const auto read_first = [](graph::Subgraph& graph) {
    graph.referrers({0, service, "hub"}, {supporting_edge},
                    [](const graph::Referrer& referrer) { return referrer.record->id() != "a"; });
  };
  CHECK(decisions_when(*store, read_first, [&] { REQUIRE(put(*store, referring("b", 2))); }) == 1);
  CHECK(decisions_when(*store, read_first, [&] { REQUIRE(put(*store, referring("a", 2))); }) == 2);
  CHECK(decisions_when(*store, read_first, [&] { REQUIRE(put(*store, Draft(service, "b"))); }) ==
        2);
}

TEST_CASE("fields that were read are touched by their values, unless the record is written") {
  const Place place;
  auto store = place.open();
  const auto read_name = [](graph::Subgraph& graph) {
    static_cast<void>(graph.fetch({0, service, "read"}, {{.member = "name"}}));
  };
  const auto put_now = [&store](const char* name, int number) {
    return [&store, name, number] {
      REQUIRE(put(*store, Draft(service, "read").set(word_name, name).set(word_number, number)));
    };
  };
  CHECK(decisions_when(*store, read_name, put_now("a", 1)) == 2);
  CHECK(decisions_when(*store, read_name, put_now("a", 2)) == 1);
  CHECK(decisions_when(*store, read_name, put_now("b", 2)) == 2);
  // "result" is what the decision writes.
  const auto read_result = [](graph::Subgraph& graph) {
    static_cast<void>(graph.fetch({0, service, "result"}, {{.member = "name"}}));
  };
  CHECK(decisions_when(
            *store, read_result,
            [&] { REQUIRE(put(*store, Draft(service, "result").set(word_number, 7))); },
            reading("result")) == 2);
}

TEST_CASE("of many who take the next number of their group none gets one twice") {
  const Place place;
  auto store = place.open();
  constexpr int groups = 8;
  constexpr int rounds = 5;
  std::atomic<int> failed{0};
  run_together([&](int writer) {
    const std::string group = "group " + std::to_string(writer % groups);
    graph::Query query;
    query.families = {service};
    query.filter = graph::equal_text({.member = "name"}, {group});
    graph::FetchPlan plan;
    plan.queries.push_back(query);
    for (int round = 0; round < rounds; ++round) {
      const std::string id = std::to_string(writer) + "-" + std::to_string(round);
      const auto committed = graph::transact_and_wait(
          *store, {}, plan, [&](graph::Subgraph& graph) -> Result<graph::Decision> {
            const auto page = TRY(graph.page(0));
            return graph::Decision(putting(Draft(service, id)
                                               .set(word_name, group)
                                               .set(word_number, static_cast<int>(page.total))));
          });
      failed += committed ? 0 : 1;
    }
  });
  CHECK(failed == 0);
  for (int group = 0; group < groups; ++group) {
    graph::Query query;
    query.families = {service};
    query.filter = graph::equal_text({.member = "name"}, {"group " + std::to_string(group)});
    const auto page = store->newest()->query(query, {}).value();
    std::set<std::int64_t> numbers;
    for (const graph::RecordRef& record : page.records)
      numbers.insert(number_in(record));
    CHECK(page.total == writers / groups * rounds);
    CHECK(numbers.size() == page.total);
    CHECK(*numbers.rbegin() == static_cast<std::int64_t>(page.total) - 1);
  }
  CHECK(findings_of(*store).empty());
}

TEST_CASE("of many who create what no other of that name may be beside exactly one succeeds") {
  const Place place;
  auto store = place.open();
  graph::Query query;
  query.families = {service};
  query.filter = graph::equal_text({.member = "name"}, {"unique"});
  graph::FetchPlan plan;
  plan.queries.push_back(query);
  std::atomic<int> won{0};
  std::atomic<int> lost{0};
  run_together([&](int writer) {
    const auto committed = graph::transact_and_wait(
        *store, {}, plan, [&](graph::Subgraph& graph) -> Result<graph::Decision> {
          if (TRY(graph.page(0)).total != 0)
            return Error{ErrorCode::conflict, "there is one"};
          return graph::Decision(
              putting(Draft(service, std::to_string(writer)).set(word_name, "unique")));
        });
    if (committed)
      ++won;
    else if (committed.error().code == ErrorCode::conflict)
      ++lost;
  });
  CHECK(won == 1);
  CHECK(lost == writers - 1);
}

TEST_CASE("who changes nothing gets what the rule read, though it is deleted meanwhile") {
  const Place place;
  auto store = place.open();
  REQUIRE(put(*store, numbered("a", 7)));
  const auto committed = graph::transact_and_wait(
      *store, {}, reading("a"), [&](graph::Subgraph& graph) -> Result<graph::Decision> {
        graph::ChangeSet nothing;
        nothing.unchanged.push_back(graph.find({0, service, "a"}));
        REQUIRE(erase(*store, {0, service, "a"}));
        return graph::Decision(std::move(nothing));
      });
  REQUIRE(committed);
  CHECK(committed->sequence == 0);
  REQUIRE(committed->records.size() == 1);
  CHECK(number_in(committed->records.front()) == 7);
}

TEST_CASE("large decisions on one record all succeed") {
  const Place place;
  auto store = place.open();
  REQUIRE(put(*store, numbered("hot", 0)));
  std::atomic<int> failed{0};
  run_together([&](int number) {
    const auto committed =
        graph::transact_and_wait(*store, {}, reading("hot"),
                                 [](graph::Subgraph& graph) -> Result<graph::Decision> {
                                   const std::int64_t present =
                                       number_in(graph.find({0, service, "hot"}));
                                   return graph::Decision(putting(numbered("hot", present + 1)));
                                 },
                                 {.document_bytes = number % 2 == 0 ? std::size_t{1} << 20 : 0});
    failed += committed ? 0 : 1;
  });
  CHECK(failed == 0);
  CHECK(number_in(store->newest()->find({0, service, "hot"})) == writers);
}

TEST_CASE("another tenant's record cannot be changed, whatever a rule wants") {
  const Place place;
  auto store = place.open();
  graph::Context context;
  context.principal.tenant = 3;
  REQUIRE(put(*store, Draft(service, "a")));
  CHECK(commit(*store, putting(Draft(service, "a")), context).error().code == ErrorCode::not_found);
  graph::ChangeSet erasing;
  erasing.changes.push_back({{0, service, "a"}, {}});
  CHECK(commit(*store, std::move(erasing), context).error().code == ErrorCode::not_found);
  CHECK(store->newest()->find({0, service, "a"})->sequence() == 1);
}

TEST_CASE("memory that runs out while a batch is made fails the batch, and the store goes on") {
  const Place place;
  std::atomic<bool> explode{false};
  graph::IndexDefinition faulty = field_index(9, "faulty", word_text, true);
  faulty.keys = [&explode](const graph::Record& record, const graph::Dictionary& dictionary,
                           graph::IndexSink&) {
    if (explode && record.root(dictionary).field(word_text).text() == "explode")
      throw std::bad_alloc();
  };
  const std::array<std::string_view, 5> words = {"name", "state", "number", "tag", "text"};
  const graph::Schema with_fault(words, schema().families(), schema().elements(), {faulty});
  EmbeddedOptions options = place.options();
  options.schema = &with_fault;
  auto store = EmbeddedStore::open(options).value();
  REQUIRE(put(*store, numbered("kept", 1)));
  explode = true;
  graph::ChangeSet half = putting(numbered("first half", 1));
  half.changes.push_back(Draft(service, "second half").set(word_text, "explode").put());
  half.take.push_back({.scope = "name", .key = "x", .holder = "half"});
  CHECK(commit(*store, std::move(half)).error().code == ErrorCode::unavailable);
  explode = false;
  CHECK(store->read_only_reason().empty());
  CHECK_FALSE(store->newest()->find({0, service, "first half"}));
  const auto later = put(*store, numbered("later", 1));
  REQUIRE(later);
  CHECK(later->sequence == 2);
  CHECK_FALSE(store->claim("name", "x").value());
  CHECK_FALSE(store->newest()->find({0, service, "first half"}));
  CHECK(findings_of(*store).empty());
}
