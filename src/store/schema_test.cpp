#include "graph/filter.h"
#include "testing/test_store.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

/// A made-up model: it has a name and knows its schema.
struct MadeUp final : graph::SchemaOwner {
  MadeUp(std::string model_name, const std::vector<std::string>& words)
      : name(std::move(model_name)),
        schema(views_of(words), families(), schema_elements(), indexes_of(name)) {
    schema.set_origin({.description = "made up " + name, .owner = this});
  }
  /// "a" finds by name and number, "b" by state, tag and number.
  static std::vector<graph::IndexDefinition> indexes_of(const std::string& model) {
    if (model == "a")
      return {field_index(index_name, "name", word_name, true),
              field_index(index_number, "number", word_number, true)};
    return {field_index(index_name, "state", word_state, true),
            field_index(index_tag, "tag", word_tag, false),
            field_index(index_number, "number", word_number, true)};
  }
  static std::vector<graph::FamilyDefinition> families() { return test::schema().families(); }
  static std::vector<graph::ElementDefinition> schema_elements() {
    return test::schema().elements();
  }
  static std::vector<std::string_view> views_of(const std::vector<std::string>& words) {
    return {words.begin(), words.end()};
  }

  std::string name;
  graph::Schema schema;
};

std::vector<std::string> words_of(const graph::Dictionary& dictionary) {
  std::vector<std::string> words;
  for (std::size_t number = 0; number < dictionary.size(); ++number)
    words.emplace_back(dictionary.text(number));
  return words;
}

/// Each model brings a word of its own.
std::shared_ptr<const graph::Schema> made_up(const std::string& name,
                                             std::vector<std::string> words) {
  const std::string own = "word of " + name;
  if (std::find(words.begin(), words.end(), own) == words.end())
    words.push_back(own);
  const auto model = std::make_shared<const MadeUp>(name, words);
  return {model, &model->schema};
}

Result<std::shared_ptr<const graph::Schema>> make_again(std::string_view description,
                                                        const std::vector<std::string>& words) {
  constexpr std::string_view begin = "made up ";
  if (!description.starts_with(begin))
    return Error{ErrorCode::unsupported, "nobody made up " + std::string(description)};
  return made_up(std::string(description.substr(begin.size())), words);
}

EmbeddedOptions options_of(const Place& place) {
  EmbeddedOptions options = place.options();
  options.make_schema = make_again;
  return options;
}

std::vector<std::string> findings_with_models(const std::filesystem::path& folder) {
  std::vector<std::string> all;
  const auto checked = check_folder(folder, {schema(), make_again},
                                    [&](const Error& finding) { all.push_back(finding.text()); });
  if (!checked)
    all.push_back(checked.error().text());
  return all;
}

/// The record that tells which model holds, written by the commit that replaces it.
graph::Change model_record(const graph::Schema& schema, const std::string& name) {
  Draft draft(party, "model");
  draft.set(word_text, "word of " + name);
  return {draft.draft.key, graph::encode(draft.draft, schema.dictionary())};
}

Result<graph::Commit> replace(graph::Store& store, const std::string& name) {
  graph::FetchPlan plan;
  plan.records.emplace_back(0, party, "model");
  return graph::transact_and_wait(
      store, {}, std::move(plan), [name](graph::Subgraph& subgraph) -> Result<graph::Decision> {
        graph::ChangeSet changes;
        static_cast<void>(subgraph.find({0, party, "model"}));
        changes.replace_schema = made_up(name, words_of(subgraph.schema().dictionary()));
        changes.changes.push_back(model_record(*changes.replace_schema, name));
        return graph::Decision(std::move(changes));
      });
}

std::string model_of(const graph::Schema& schema) {
  const auto* owner = dynamic_cast<const MadeUp*>(schema.owner());
  return owner != nullptr ? owner->name : "";
}

graph::Query query_of(const std::string& member, const std::string& text) {
  graph::Query query;
  query.families = {service};
  query.limit = 1000;
  query.filter = graph::equal_text(graph::FieldPath{.member = member}, {text});
  return query;
}

std::set<std::string> ids_of(const graph::Revision& revision, const std::string& member,
                             const std::string& text) {
  const auto page = revision.query(query_of(member, text));
  std::set<std::string> ids;
  CHECK(page);
  if (!page)
    return ids;
  for (const graph::RecordRef& record : page->records)
    ids.insert(record->id());
  return ids;
}

std::set<std::string> ids_by_looking(const graph::Revision& revision, graph::Word word,
                                     const std::string& text) {
  std::set<std::string> ids;
  revision.for_each(0, [&](const graph::RecordRef& record) {
    if (record->family() == service &&
        record->root(revision.schema().dictionary()).field(word).equals(text))
      ids.insert(record->id());
    return true;
  });
  return ids;
}

/// What a reader of one revision may see, whatever is replaced meanwhile.
void look_at(const graph::Revision& revision) {
  const std::string model = model_of(revision.schema());
  const graph::RecordRef told = revision.find({0, party, "model"});
  CHECK(static_cast<bool>(told) == !model.empty());
  if (told)
    CHECK(told->root(revision.schema().dictionary()).field(word_text).text() == "word of " + model);
  CHECK(ids_of(revision, "name", "n1") == ids_by_looking(revision, word_name, "n1"));
  CHECK(ids_of(revision, "state", "s1") == ids_by_looking(revision, word_state, "s1"));
}

Draft some_service(unsigned number) {
  Draft draft(service, "s" + std::to_string(number % 50));
  draft.set(word_name, "n" + std::to_string(number % 3));
  draft.set(word_state, "s" + std::to_string(number % 4));
  draft.set(word_number, static_cast<std::int64_t>(number));
  draft.set(word_tag, json::Array{"t" + std::to_string(number % 5)});
  draft.edge(supporting_edge, service, "s" + std::to_string(number * 7 % 60));
  return draft;
}

} // namespace

TEST_CASE("a schema is replaced under load, and no reader sees a record through the other") {
  const Place place;
  for (int round = 0; round < 2; ++round) {
    auto store = EmbeddedStore::open(options_of(place)).value();
    CHECK(model_of(store->schema()) == (round == 0 ? "" : "b"));
    look_at(*store->newest());
    std::atomic<bool> done{false};
    std::vector<std::thread> others;
    for (unsigned writer = 0; writer < 2; ++writer)
      others.emplace_back([&, writer] {
        for (unsigned number = writer; !done; number += 2)
          if (number % 11 == 0)
            static_cast<void>(erase(*store, {0, service, "s" + std::to_string(number % 50)}));
          else
            CHECK(put(*store, some_service(number)));
      });
    for (int reader = 0; reader < 2; ++reader)
      others.emplace_back([&] {
        while (!done)
          look_at(*store->newest());
      });
    const auto pinned = store->newest();
    const std::string model = model_of(pinned->schema());
    for (int time = 0; time < 12; ++time)
      CHECK(replace(*store, time % 2 == 0 ? "a" : "b"));
    done = true;
    for (std::thread& other : others)
      other.join();
    CHECK(model_of(pinned->schema()) == model);
    look_at(*pinned);
    look_at(*store->newest());
    CHECK(findings_of(*store) == std::vector<std::string>{});
    store.reset();
    CHECK(findings_with_models(place.options().folder) == std::vector<std::string>{});
  }
}

TEST_CASE("after a restart and after a kill the newest schema stands") {
  const Place place;
  auto store = EmbeddedStore::open(options_of(place)).value();
  for (unsigned number = 0; number < 20; ++number)
    REQUIRE(put(*store, some_service(number)));
  REQUIRE(replace(*store, "a"));
  REQUIRE(put(*store, some_service(21)));
  // What a kill leaves: the files as they are, without a seal.
  const Place killed;
  copy_as_killed(place.options().folder, killed.options().folder);
  for (const Place* one : {&killed, &place}) {
    if (one == &place)
      store.reset();
    CHECK(findings_with_models(one->options().folder) == std::vector<std::string>{});
    auto again = EmbeddedStore::open(options_of(*one)).value();
    CHECK(model_of(again->schema()) == "a");
    look_at(*again->newest());
    CHECK(again->newest()->query(query_of("name", "n1"))->records.size() > 1);
    CHECK(findings_of(*again) == std::vector<std::string>{});
  }
  SUBCASE("a program that cannot make it refuses the folder") {
    CHECK(EmbeddedStore::open(killed.options()).error().code == ErrorCode::unsupported);
  }
}

TEST_CASE("what was decided under another schema is decided again") {
  const Place place;
  auto store = EmbeddedStore::open(options_of(place)).value();
  std::vector<std::string> seen;
  const auto committed = graph::transact_and_wait(
      *store, {}, {}, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
        seen.push_back(model_of(subgraph.schema()));
        if (seen.size() == 1)
          CHECK(replace(*store, "b"));
        graph::ChangeSet changes;
        changes.changes.push_back(some_service(1).put());
        return graph::Decision(std::move(changes));
      });
  CHECK(committed);
  CHECK(seen == std::vector<std::string>{"", "b"});
  CHECK(findings_of(*store) == std::vector<std::string>{});
}

TEST_CASE("a schema that would lose records or words is refused, and nothing changes") {
  const Place place;
  auto store = EmbeddedStore::open(options_of(place)).value();
  REQUIRE(put(*store, some_service(1)));
  const auto words = words_of(schema().dictionary());
  const auto with = [&](std::vector<std::string_view> some_words,
                        std::vector<graph::FamilyDefinition> families) {
    graph::ChangeSet changes;
    changes.replace_schema =
        std::make_shared<const graph::Schema>(some_words, std::move(families), schema().elements(),
                                              std::vector<graph::IndexDefinition>{});
    return commit(*store, std::move(changes));
  };
  const std::vector<std::string_view> same(words.begin(), words.end());
  const std::vector<std::string_view> turned(words.rbegin(), words.rend());
  CHECK(with(turned, schema().families()).error().code == ErrorCode::invalid);
  CHECK(with(same, {{party, "party"}}).error().code == ErrorCode::invalid);
  CHECK(&store->newest()->schema() == &store->schema());
  CHECK(store->schema().indexes().size() == schema().indexes().size());
  CHECK(with(same, schema().families()));
  CHECK(store->schema().indexes().empty());
  CHECK(findings_of(*store) == std::vector<std::string>{});
}

TEST_CASE("watchers learn of the commit that replaced the schema, also after a restart") {
  const Place place;
  const auto told = [&](EmbeddedStore& store) {
    std::vector<bool> replaced;
    const auto watch = store.watch(1, [&](std::span<const graph::DeltaRef> deltas) {
      for (const graph::DeltaRef& delta : deltas)
        replaced.push_back(delta->replaced_schema);
    });
    REQUIRE(watch);
    return replaced;
  };
  auto store = EmbeddedStore::open(options_of(place)).value();
  REQUIRE(put(*store, some_service(1)));
  REQUIRE(replace(*store, "a"));
  REQUIRE(put(*store, some_service(2)));
  const std::vector<bool> expected = {false, true, false};
  CHECK(told(*store) == expected);
  store.reset();
  store = EmbeddedStore::open(options_of(place)).value();
  CHECK(told(*store) == expected);
}
