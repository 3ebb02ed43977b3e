// What takes long to decide again is not decided by the writer.
#include "testing/test_store.h"

#include <future>
#include <thread>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

TEST_CASE("a large decision is made again off the writer, and those it would race wait for it") {
  const Place place;
  auto store = place.open();
  REQUIRE(put(*store, numbered("hot", 0)));
  std::promise<Result<graph::Commit>> small;
  std::promise<Result<graph::Commit>> large;
  int decisions = 0;
  const auto decide = [&](graph::Subgraph& graph) -> Result<graph::Decision> {
    const std::int64_t number = number_in(graph.find({0, service, "hot"}));
    if (++decisions == 1) {
      REQUIRE(put(*store, numbered("hot", 10)));
    } else {
      // Reserved: this one waits, and the writer goes on with others.
      store->transact({}, {}, always(putting(numbered("hot", 1000))), {},
                      [&](Result<graph::Commit> done) { small.set_value(std::move(done)); });
      REQUIRE(put(*store, Draft(service, "other")));
    }
    return graph::Decision(putting(numbered("hot", number + 1)));
  };
  store->transact({}, {.records = {{0, service, "hot"}}}, decide, {.document_bytes = 1 << 20},
                  [&](Result<graph::Commit> done) { large.set_value(std::move(done)); });
  const auto done = large.get_future().get();
  REQUIRE(done);
  CHECK(number_in(done->records.front()) == 11);
  CHECK(decisions == 2);
  const auto waited = small.get_future().get();
  REQUIRE(waited);
  CHECK(waited->sequence == done->sequence + 1);
  CHECK(number_in(store->newest()->find({0, service, "hot"})) == 1000);
}

TEST_CASE("a small change of a large record is not decided again by the writer") {
  const Place place;
  const auto store = place.open();
  std::thread::id writer;
  REQUIRE(graph::transact_and_wait(
      *store, {}, {},
      [&](graph::Subgraph&) -> Result<graph::Decision> {
        writer = std::this_thread::get_id();
        return graph::Decision(
            putting(numbered("large", 1).set(word_text, std::string(100'000, 'x'))));
      },
      {.where = graph::Where::tip}));
  std::vector<std::thread::id> deciders;
  const auto committed = graph::transact_and_wait(
      *store, {}, {.records = {{0, service, "large"}}},
      [&](graph::Subgraph& graph) -> Result<graph::Decision> {
        deciders.push_back(std::this_thread::get_id());
        graph::RecordDraft draft =
            graph.find({0, service, "large"})->to_draft(schema().dictionary());
        if (deciders.size() == 1)
          CHECK(put(*store, numbered("large", 2).set(word_text, std::string(100'000, 'y'))));
        draft.root.set_field(word_state, "changed");
        graph::ChangeSet changes;
        changes.changes.push_back({draft.key, graph::encode(draft, schema().dictionary())});
        return graph::Decision(std::move(changes));
      },
      {.document_bytes = 20});
  REQUIRE(committed);
  REQUIRE(deciders.size() == 2);
  CHECK(deciders[1] != writer);
  CHECK(number_in(committed->records.front()) == 2);
  CHECK(findings_of(*store) == std::vector<std::string>{});
}
