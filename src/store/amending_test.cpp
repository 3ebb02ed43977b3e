// Rules that are amended by what others commit meanwhile.
#include "testing/copying_rule.h"
#include "testing/test_store.h"

#include <atomic>
#include <future>
#include <thread>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

Numbers numbers_in(const graph::Revision& revision, graph::Family family) {
  Numbers all;
  revision.for_each(0, [&](const graph::RecordRef& record) {
    if (record->family() == family)
      all[std::string(record->id())] = number_in(record);
    return true;
  });
  return all;
}

/// The services as they were after a commit, by what the journal tells.
Numbers numbers_at(const EmbeddedStore& store, graph::Sequence sequence) {
  Numbers all;
  for (graph::Sequence at = 1; at <= sequence;) {
    const auto deltas = store.deltas(at, 256).value();
    REQUIRE(!deltas.empty());
    for (const graph::DeltaRef& delta : deltas)
      for (const graph::Delta::Change& change : delta->changes)
        if (change.key.family == service && delta->sequence <= sequence) {
          if (change.after)
            all[change.key.id] = number_in(change.after);
          else
            all.erase(change.key.id);
        }
    at = deltas.back()->sequence + 1;
  }
  return all;
}

/// Many at once, in commits of some each.
void put_many(EmbeddedStore& store, int commits, int each, std::int64_t number) {
  std::vector<std::promise<bool>> done(static_cast<std::size_t>(commits));
  for (int at = 0; at < commits; ++at) {
    graph::ChangeSet changes;
    for (int one = 0; one < each; ++one)
      changes.changes.push_back(
          numbered("m" + std::to_string((at * each + one) % 10'000), number).put());
    store.transact({}, {}, always(std::move(changes)), {},
                   [&promise = done[static_cast<std::size_t>(at)]](Result<graph::Commit> commit) {
                     promise.set_value(commit.has_value());
                   });
  }
  for (std::promise<bool>& promise : done)
    CHECK(promise.get_future().get());
}

void check_copied(const EmbeddedStore& store) {
  const auto revision = store.newest();
  CHECK(numbers_in(*revision, party) == numbers_in(*revision, service));
  CHECK(findings_of(store) == std::vector<std::string>{});
}

} // namespace

TEST_CASE("what was decided is amended by what was committed since, and decided once") {
  const Place place;
  const auto store = place.open();
  for (int number = 0; number < 10; ++number)
    REQUIRE(put(*store, numbered("s" + std::to_string(number), number)));
  Copying copying;
  SUBCASE("nothing is committed meanwhile: nothing is amended") {
    REQUIRE(copy_all(*store, copying));
    CHECK(copying.amended == 0);
  }
  SUBCASE("a few are put and erased: the writer amends") {
    copying.while_deciding = [&](int) {
      CHECK(put(*store, numbered("s3", 33)));
      CHECK(erase(*store, {0, service, "s5"}));
      CHECK(put(*store, numbered("new", 44)));
    };
    const auto committed = copy_all(*store, copying);
    REQUIRE(committed);
    CHECK(copying.amended == 1);
    CHECK(copying.last_amended != std::this_thread::get_id());
    CHECK(committed->records.size() == 10);
  }
  SUBCASE("more than the writer remembers") {
    copying.while_deciding = [&](int) { put_many(*store, 5'000, 1, 7); };
    REQUIRE(copy_all(*store, copying));
    CHECK(copying.amended == 1);
    CHECK(copying.last_amended == std::this_thread::get_id());
  }
  SUBCASE("few commits of many records, again and again") {
    copying.while_deciding = [&](int) { put_many(*store, 1, 3'000, 1); };
    copying.while_amending = [&](int round) {
      if (round < 6 && copying.last_amended == std::this_thread::get_id())
        put_many(*store, 1, 3'000, round + 1);
    };
    REQUIRE(copy_all(*store, copying));
    CHECK(copying.amended >= 4);
  }
  CHECK(copying.decided == 1);
  check_copied(*store);
}

TEST_CASE(
    "what is large and was made aside is a file of its own, wherever it stands among the rest") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.large_image_bytes = 2'000;
  const auto store = EmbeddedStore::open(options).value();
  const auto draft_of = [](int number, int times) {
    return numbered("s" + std::to_string(number), number)
        .set(word_text, std::string(static_cast<std::size_t>(times), 'x'));
  };
  for (int number = 0; number < 8; ++number)
    REQUIRE(put(*store, Draft(service, "s" + std::to_string(number))));
  const auto change_of = [&](int number) { return draft_of(number, 1'000 * (number + 1)).put(); };
  const graph::AmendingRule rule{.decide = [&](graph::Subgraph&) -> Result<graph::Decision> {
                                   graph::ChangeSet changes;
                                   for (int number = 0; number < 8; ++number)
                                     changes.changes.push_back(change_of(number));
                                   CHECK(put(*store, numbered("s2", 100)));
                                   CHECK(put(*store, numbered("s5", 100)));
                                   return graph::Decision(std::move(changes));
                                 },
                                 .amend = [&](graph::Subgraph&, const graph::Since& since,
                                              graph::ChangeSet& changes) -> Result<void> {
                                   std::erase_if(changes.changes, [&](const graph::Change& change) {
                                     return since.records.contains(change.key);
                                   });
                                   changes.changes.push_back(change_of(5));
                                   changes.changes.push_back(change_of(2));
                                   return {};
                                 }};
  const auto committed = graph::transact_and_wait(*store, {}, {}, rule);
  REQUIRE(committed);
  CHECK(committed->records.size() == 8);
  const auto revision = store->newest();
  for (int number = 0; number < 8; ++number) {
    const graph::RecordRef found = revision->find({0, service, "s" + std::to_string(number)});
    CHECK(found->root(schema().dictionary()).field(word_text).text().size() ==
          1'000 * (static_cast<std::size_t>(number) + 1));
  }
  CHECK(findings_of(*store) == std::vector<std::string>{});
}

TEST_CASE("what was committed meanwhile can make the rule refuse") {
  const Place place;
  const auto store = place.open();
  REQUIRE(put(*store, numbered("s1", 1)));
  Copying copying;
  int commits = 1;
  SUBCASE("on the writer") {}
  SUBCASE("aside") {
    commits = 1'000;
  }
  copying.while_deciding = [&](int) { put_many(*store, commits, 1, -1); };
  const auto refused = copy_all(*store, copying);
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(refused.error().message.find("is below 0") != std::string::npos);
  CHECK(numbers_in(*store->newest(), party).empty());
  copying.while_deciding = [](int) {};
  CHECK(!copy_all(*store, copying));
  put_many(*store, 1, commits, 5);
  REQUIRE(copy_all(*store, copying));
  check_copied(*store);
}

TEST_CASE("it is decided again when what has happened is not known any more") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.retention.max_entries = 10;
  options.trim_every = 1;
  const auto store = EmbeddedStore::open(options).value();
  REQUIRE(put(*store, numbered("s1", 1)));
  Copying copying;
  copying.while_deciding = [&](int round) {
    if (round == 1)
      for (int at = 0; at < 30; ++at)
        CHECK(put(*store, numbered("s" + std::to_string(at), at)));
  };
  REQUIRE(copy_all(*store, copying));
  CHECK(copying.decided == 2);
  check_copied(*store);
}

TEST_CASE(
    "it is decided again under a schema that took the place of the one it was decided under") {
  const Place place;
  const auto store = place.open();
  REQUIRE(put(*store, numbered("s1", 1)));
  const auto replace = [&] {
    std::vector<std::string_view> words;
    for (std::size_t number = 0; number < schema().dictionary().size(); ++number)
      words.push_back(schema().dictionary().text(static_cast<graph::Word>(number)));
    graph::ChangeSet changes;
    changes.replace_schema = std::make_shared<const graph::Schema>(
        words, schema().families(), schema().elements(), schema().indexes());
    return commit(*store, std::move(changes));
  };
  Copying copying;
  SUBCASE("before it comes to the writer") {
    copying.while_deciding = [&](int round) {
      if (round == 1)
        CHECK(replace());
    };
  }
  SUBCASE("again and again") {
    copying.while_deciding = [&](int) { CHECK(replace()); };
    const auto refused = copy_all(*store, copying);
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::unavailable);
    CHECK(copying.decided < 20);
    copying.while_deciding = [](int) {};
    copying.decided = 1;
  }
  REQUIRE(copy_all(*store, copying));
  CHECK(copying.decided == 2);
  check_copied(*store);
}

TEST_CASE("where others always commit more than the writer may amend by, it is refused") {
  const Place place;
  const auto store = place.open();
  Copying copying;
  std::int64_t number = 0;
  REQUIRE(put(*store, numbered("s1", number)));
  copying.while_deciding = [&](int) { put_many(*store, 1, 200, ++number); };
  // It is amended aside four times at most before it goes to the writer.
  copying.while_amending = [&](int round) {
    put_many(*store, 1, round % 4 == 0 ? 5'000 : 200, ++number);
  };
  const auto refused = copy_all(*store, copying);
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::unavailable);
  CHECK(copying.decided == 1);
  CHECK(numbers_in(*store->newest(), party).empty());
  copying.while_deciding = copying.while_amending = [](int) {};
  REQUIRE(copy_all(*store, copying));
  check_copied(*store);
}

TEST_CASE("while others write as fast as they can, it is what would be decided at its commit") {
  const Place place;
  const auto store = place.open();
  put_many(*store, 20, 100, 1);
  std::atomic<bool> done{false};
  std::vector<std::thread> writers;
  for (unsigned writer = 0; writer < 3; ++writer)
    writers.emplace_back([&, writer] {
      for (std::int64_t number = writer; !done; number += 3) {
        const std::string id = "s" + std::to_string(number % 200);
        if (number % 7 == 0)
          static_cast<void>(erase(*store, {0, service, id}));
        else
          CHECK(put(*store, numbered(id, number)));
      }
    });
  for (int time = 0; time < 5; ++time) {
    Copying copying;
    const auto committed = copy_all(*store, copying);
    CHECK(committed);
    CHECK(copying.decided == 1);
    if (!committed)
      continue;
    Numbers copied;
    for (const graph::RecordRef& record : committed->records)
      copied[std::string(record->id())] = number_in(record);
    CHECK(copied == numbers_at(*store, committed->sequence));
  }
  done = true;
  for (std::thread& writer : writers)
    writer.join();
  CHECK(findings_of(*store) == std::vector<std::string>{});
}
