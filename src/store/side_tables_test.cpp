#include "store/side_tables.h"

#include "store/stored_words.h"
#include "testing/fault_env.h"
#include "testing/test_store.h"

#include <rapidcheck.h>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

struct Tables {
  TemporaryDirectory directory = TemporaryDirectory::make("diffo-tables").value();
  std::unique_ptr<Disk> disk =
      Disk::open({.folder = directory.path(), .use = DiskOptions::Use::make}).value();
  void write(DiskBatch batch) const { REQUIRE(disk->write_synced(batch)); }
};

/// The schema of the tests with one word more.
const graph::Schema& newer_schema() {
  static const graph::Schema newer(schema(), {"colour"});
  return newer;
}

EmbeddedOptions with(const Place& place, const graph::Schema& schema) {
  EmbeddedOptions options = place.options();
  options.schema = &schema;
  return options;
}

} // namespace

TEST_CASE("who follows at its own pace reads what commits changed, and its place can be let go") {
  const Place place;
  {
    auto store = place.open();
    REQUIRE(put(*store, Draft(service, "one")));
    REQUIRE(put(*store, Draft(service, "two")));
    REQUIRE(put(*store, Draft(service, "one")));
    const auto deltas = store->deltas(2, 10).value();
    REQUIRE(deltas.size() == 2);
    CHECK(deltas[0]->sequence == 2);
    CHECK_FALSE(deltas[0]->changes.at(0).before);
    CHECK(deltas[1]->changes.at(0).before->sequence() == 1);
    CHECK(deltas[1]->changes.at(0).after->sequence() == 3);
    CHECK(store->deltas(1, 1).value().size() == 1);
    CHECK(store->deltas(4, 10).value().empty());
    store->save_cursor("hub/1", 2);
    store->save_cursor("hub/2", 2);
    CHECK(store->keep_seen());
    store->forget_cursor("hub/1");
    CHECK_FALSE(store->cursor("hub/1"));
  }
  auto store = place.open();
  CHECK_FALSE(store->cursor("hub/1"));
  CHECK(store->cursor("hub/2") == graph::Sequence{2});
}

TEST_CASE("a commit that is kept is told whole, however old the version before it is") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.retention.max_entries = 2;
  options.trim_every = 1;
  auto store = EmbeddedStore::open(options).value();
  REQUIRE(put(*store, Draft(service, "old")));
  for (int more = 0; more < 5; ++more)
    REQUIRE(put(*store, Draft(service, "new")));
  REQUIRE(put(*store, Draft(service, "old")));
  CHECK(findings_of(*store).empty()); // entries are dropped after the answer
  CHECK(store->oldest_entry() > 2);
  const auto deltas = store->deltas(7, 1);
  REQUIRE_MESSAGE(deltas, deltas.error().text());
  CHECK(deltas->at(0)->changes.at(0).before->sequence() == 1);
  CHECK(store->deltas(store->oldest_entry(), 10));
  CHECK(store->deltas(1, 1).error().code == ErrorCode::gone);
}

TEST_CASE("a consumer's place is durable without a sequence of its own") {
  const Place place;
  {
    auto store = place.open();
    CHECK_FALSE(store->cursor("hub"));
    REQUIRE(put(*store, Draft(service, "one")));
    store->save_cursor("hub", 1);
    store->save_cursor("residues", 0);
    CHECK(store->cursor("hub") == graph::Sequence{1});
    REQUIRE(put(*store, Draft(service, "two")));
    store->save_cursor("hub", 2); // no batch comes after it
    CHECK(store->newest()->sequence() == 2);
  }
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
  auto store = place.open();
  CHECK(store->cursor("hub") == graph::Sequence{2});
  CHECK(store->cursor("residues") == graph::Sequence{0});
  CHECK(store->newest()->sequence() == 2);
  CHECK(store->journal(1, 10).value().size() == 2);
}

TEST_CASE("when a source saw a record is kept beside it and goes with it") {
  const Place place;
  {
    auto store = place.open();
    REQUIRE(put(*store, Draft(service, "one")));
    REQUIRE(put(*store, Draft(service, "one1")));
    store->note_seen({0, service, "one"}, "netbox", 5);
    store->note_seen({0, service, "one"}, "lldp", 6);
    store->note_seen({0, service, "one1"}, "lldp", 7);
    REQUIRE(put(*store, Draft(service, "two")));
    const std::vector<Seen> expected = {{"lldp", 6}, {"netbox", 5}};
    CHECK(store->seen({0, service, "one"}).value() == expected);
    CHECK(store->newest()->find({0, service, "one"})->sequence() == 1);
    store->note_seen({0, service, "one"}, "netbox", 9);
  }
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
  auto store = place.open();
  CHECK(store->seen({0, service, "one"}).value().back().at == 9);
  REQUIRE(erase(*store, {0, service, "one"}));
  CHECK(store->seen({0, service, "one"}).value().empty());
  CHECK(store->seen({0, service, "one1"}).value().size() == 1);
}

TEST_CASE("a sighting shows at once, is durable when asked, and never goes back") {
  const Place place;
  auto store = place.open();
  REQUIRE(put(*store, Draft(service, "one")));
  const graph::KeyView one{0, service, "one"};
  store->note_seen(one, "nms", 5);
  CHECK(store->seen(one).value() == std::vector<Seen>{{"nms", 5}});
  REQUIRE(store->keep_seen());
  CHECK(store->newest()->sequence() == 1);
  store->note_seen(one, "nms", 4);
  store->note_seen(one, "api", 3);
  REQUIRE(store->keep_seen());
  CHECK(store->seen(one).value() == std::vector<Seen>{{"api", 3}, {"nms", 5}});
  store->stop();
  CHECK_FALSE(store->keep_seen());
}

TEST_CASE("what waits aside survives a disk that was full for a while") {
  const Place place;
  FaultPlan plan;
  const auto env = faulty_env(plan);
  EmbeddedOptions options = place.options();
  options.env = env.get();
  options.retry_every = std::chrono::milliseconds(0);
  auto store = EmbeddedStore::open(options).value();
  REQUIRE(put(*store, Draft(service, "one")));
  store->save_cursor("hub", 1);
  plan.disk_full = true;
  CHECK_FALSE(put(*store, Draft(service, "lost")));
  plan.disk_full = false;
  REQUIRE(put(*store, Draft(service, "two")));
  CHECK(store->cursor("hub") == graph::Sequence{1});
  store.reset();
  CHECK(place.open()->cursor("hub") == graph::Sequence{1});
}

TEST_CASE("a kept answer comes back until it is too old") {
  const Tables tables;
  const KeptAnswer answer{.fingerprint = "f",
                          .status = 201,
                          .sequence = 7,
                          .time = 1'000,
                          .records = {{0, service, "one"}, {3, party, ""}}};
  const std::string name = answer_name(1, "ann", "key");
  CHECK(name != answer_name(1, "an", "nkey"));
  DiskBatch batch;
  put_answer(batch, name, answer);
  tables.write(std::move(batch));
  CHECK(find_answer(*tables.disk, name, 999).value() == answer);
  CHECK_FALSE(find_answer(*tables.disk, name, 1'000).value());
  CHECK_FALSE(find_answer(*tables.disk, answer_name(2, "ann", "key"), 0).value());
  // A younger one under the same name outlives the older.
  KeptAnswer younger = answer;
  younger.time = 3'000;
  DiskBatch again;
  put_answer(again, name, younger);
  tables.write(std::move(again));
  DiskBatch dropped;
  REQUIRE(drop_answers(*tables.disk, 2'000, dropped));
  tables.write(std::move(dropped));
  CHECK(find_answer(*tables.disk, name, 2'000).value() == younger);
  DiskBatch rest;
  REQUIRE(drop_answers(*tables.disk, 3'000, rest));
  CHECK_FALSE(rest.empty());
  tables.write(std::move(rest));
  DiskBatch nothing;
  REQUIRE(drop_answers(*tables.disk, 1'000'000, nothing));
  CHECK(nothing.empty());
}

TEST_CASE("a folder keeps words that a program does not know, and they stay readable") {
  const Place place;
  const graph::Word colour = 6;
  {
    auto store = EmbeddedStore::open(with(place, newer_schema())).value();
    graph::RecordDraft draft = Draft(service, "one").set(colour, "colour").draft;
    draft.root.extra.push_back({"colour", "red"});
    graph::ChangeSet changes;
    changes.changes.push_back({draft.key, graph::encode(draft, newer_schema().dictionary())});
    REQUIRE(commit(*store, std::move(changes)));
  }
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
  auto store = place.open();
  CHECK(store->schema().dictionary().text(colour) == "colour");
  const auto record = store->newest()->find({0, service, "one"});
  const graph::ElementView root = record->root(store->schema().dictionary());
  CHECK(root.field(colour).text() == "colour");
  CHECK(root.extra("colour").text() == "red");
  REQUIRE(put(*store, Draft(service, "two")));
  store.reset();
  CHECK(EmbeddedStore::open(with(place, newer_schema())).has_value());
}

TEST_CASE("a program whose words have other numbers than the folder's is refused") {
  const Place place;
  place.open();
  static constexpr std::array<std::string_view, 6> words = {"name", "state", "number",
                                                            "tag",  "other", "active"};
  const graph::Schema different(words, schema().families(), schema().elements(), {});
  const auto refused = EmbeddedStore::open(with(place, different));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message.find("text") != std::string::npos);
}

TEST_CASE("any bytes in the side tables are read without harm") {
  CHECK(rc::check([](const std::string& key, const std::string& value) {
    (void)decode_seen(key, value);
    (void)decode_cursor(key, value);
    (void)check_answer(key, value);
  }));
}

TEST_CASE("a check asks what contradicts itself and says how to mend it") {
  const Place place;
  const RecordFindings doubts = [](const graph::Record& record, const graph::Schema&) {
    std::vector<Error> all;
    if (record.id() == "odd")
      all.push_back({ErrorCode::corrupt, "two members name; PATCH one away", "/name"});
    return all;
  };
  EmbeddedOptions options = place.options();
  options.record_findings = doubts;
  auto store = EmbeddedStore::open(options).value();
  REQUIRE(put(*store, Draft(service, "odd")));
  REQUIRE(put(*store, Draft(service, "even")));
  REQUIRE(findings_of(*store).size() == 1);
  CHECK(findings_of(*store).front() == "odd /name: two members name; PATCH one away");
  store.reset();
  std::vector<std::string> found;
  REQUIRE(check_folder(
      options.folder, schema(), [&](const Error& finding) { found.push_back(finding.text()); },
      doubts));
  CHECK(found.size() == 1);
}

TEST_CASE("what large commits changed is read one by one") {
  const Place place;
  auto store = place.open();
  graph::ChangeSet many;
  for (std::size_t number = 0; number < graph::Store::most_delta_changes; ++number)
    many.changes.push_back(Draft(service, std::to_string(number)).put());
  REQUIRE(put(*store, Draft(service, "first")));
  REQUIRE(commit(*store, many));
  REQUIRE(put(*store, Draft(service, "second")));
  REQUIRE(put(*store, Draft(service, "third")));
  CHECK(store->deltas(1, 10).value().size() == 2);
  CHECK(store->deltas(2, 10).value().size() == 1);
  CHECK(store->deltas(3, 10).value().size() == 2);
}
