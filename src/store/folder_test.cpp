#include "testing/test_store.h"

#include "store/folder.h"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <random>
#include <set>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;
namespace fs = std::filesystem;

namespace {

using Content = std::map<std::string, std::string>;

/// All that a store holds, for comparing.
Content content_of(EmbeddedStore& store) {
  Content all;
  const auto revision = store.newest();
  revision->for_each(0, [&](const graph::RecordRef& record) {
    all.emplace(std::to_string(record->family()) + record->id(), record->bytes());
    return true;
  });
  const auto journal = store.journal(1, 1'000'000);
  if (journal)
    for (const auto& entry : *journal)
      all.emplace("journal" + std::to_string(entry.sequence),
                  std::string(reinterpret_cast<const char*>(entry.hash.data()), 32));
  all.emplace("journal", journal ? "" : journal.error().text());
  for (int number = 0; number < 40; ++number) {
    const std::string id = "s" + std::to_string(number);
    const auto versions = store.history({0, service, id}, 0, 1'000);
    std::string& text = all["history" + id];
    if (versions)
      for (const graph::Version& version : *versions)
        text += std::to_string(version.sequence) +
                (version.record ? std::string(version.record->bytes()) : "erased");
    else
      text = versions.error().text();
  }
  for (const char* key : {"a", "b"}) {
    const auto claim = store.claim("name", key).value();
    all.emplace(std::string("claim") + key, claim ? claim->holder : "");
  }
  return all;
}

void fill(EmbeddedStore& store, int from, int to) {
  for (int number = from; number < to; ++number) {
    graph::ChangeSet changes;
    if (number % 15 == 14) // it comes back later
      changes.changes.push_back({{0, service, "s" + std::to_string(number % 40 - 1)}, {}});
    changes.changes.push_back(Draft(service, "s" + std::to_string(number % 40))
                                  .set(word_name, "name " + std::to_string(number))
                                  .set(word_number, number)
                                  .set(word_text, std::string(number % 9 == 0 ? 1'500 : 0, 'x'))
                                  .edge(party_edge, party, "ann")
                                  .put());
    changes.take.push_back(
        {.scope = "name", .key = number % 2 == 0 ? "a" : "b", .holder = "fixed"});
    REQUIRE(commit(store, std::move(changes)));
  }
}

/// What fill() makes large is a file of its own.
std::unique_ptr<EmbeddedStore> open_with_images(const Place& place) {
  EmbeddedOptions options = place.options();
  options.large_image_bytes = 1'000;
  return EmbeddedStore::open(options).value();
}

void flip(const fs::path& file, std::size_t at, std::uint8_t bits) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(at));
  char byte = 0;
  stream.get(byte);
  stream.seekp(static_cast<std::streamoff>(at));
  stream.put(static_cast<char>(byte ^ bits));
}

/// Flips bytes of every file of a folder, one at a time: either opening or checking notices it, or
/// nothing that can be read has changed.
void flip_everywhere(const fs::path& folder, const Content& expected, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.file_size() > 0)
      files.push_back(entry.path());
  const auto scratch = TemporaryDirectory::make("diffo-flip").value();
  int unnoticed = 0;
  for (const fs::path& file : files) {
    const std::size_t size = fs::file_size(file);
    std::set<std::size_t> places = {0, size - 1, size / 2};
    while (places.size() < std::min<std::size_t>(size, 24))
      places.insert(random() % size);
    for (const std::size_t at : places) {
      const fs::path copy = scratch.path() / "copy";
      fs::remove_all(copy);
      fs::copy(folder, copy, fs::copy_options::recursive);
      const auto bits = static_cast<std::uint8_t>(1U << random() % 8);
      flip(copy / fs::relative(file, folder), at, bits);
      if (!findings_in(copy).empty())
        continue;
      ++unnoticed;
      CAPTURE(file.filename().string());
      CAPTURE(at);
      CAPTURE(size);
      static const SystemClock clock;
      EmbeddedOptions options;
      options.folder = copy;
      options.schema = &schema();
      options.clock = &clock;
      auto store = EmbeddedStore::open(options);
      if (!store)
        continue;
      CHECK(content_of(**store) == expected);
    }
  }
  MESSAGE("flips without meaning: " << unnoticed);
}

} // namespace

TEST_CASE("a second process on one folder is refused with the holder's process id") {
  const Place place;
  const auto store = place.open();
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto lock = lock_folder(place.options().folder);
    const std::string said = lock ? "opened" : lock.error().message;
    (void)!::write(pipe_ends[1], said.data(), said.size());
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  char said[256] = {};
  REQUIRE(::read(pipe_ends[0], said, sizeof said - 1) > 0);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
  CHECK(std::string(said).find("process " + std::to_string(::getpid())) != std::string::npos);
  const auto again = EmbeddedStore::open(place.options());
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::conflict);
}

TEST_CASE("a folder of another format is refused and left alone") {
  const Place place;
  place.open();
  std::ofstream(place.options().folder / "format") << "diffo folder, format 9\n";
  const auto store = EmbeddedStore::open(place.options());
  REQUIRE_FALSE(store);
  CHECK(store.error().code == ErrorCode::unsupported);
  CHECK(store.error().message.find("9") != std::string::npos);
}

TEST_CASE("a flipped byte anywhere in a stopped store's folder is noticed") {
  const Place place;
  Content expected;
  {
    auto store = open_with_images(place);
    fill(*store, 0, 60);
  }
  {
    auto store = open_with_images(place);
    fill(*store, 60, 100);
    expected = content_of(*store);
  }
  flip_everywhere(place.options().folder, expected, 5);
}

TEST_CASE("a flipped byte anywhere in a crashed store's folder is noticed or without meaning") {
  const Place place;
  const auto crashed = TemporaryDirectory::make("diffo-crashed").value();
  Content expected;
  {
    auto store = open_with_images(place);
    fill(*store, 0, 30);
  }
  {
    auto store = open_with_images(place);
    fill(*store, 30, 60);
    expected = content_of(*store);
    copy_as_killed(place.options().folder, crashed.path() / "data");
  }
  flip_everywhere(crashed.path() / "data", expected, 6);
}

TEST_CASE("a log that lost acknowledged commits at its end is noticed at start") {
  const Place place;
  const auto crashed = TemporaryDirectory::make("diffo-crashed").value();
  auto store = place.open();
  fill(*store, 0, 20);
  copy_as_killed(place.options().folder, crashed.path() / "data");
  for (const auto& entry : fs::directory_iterator(crashed.path() / "data" / "engine"))
    if (entry.path().extension() == ".log" && entry.file_size() > 0)
      fs::resize_file(entry.path(), entry.file_size() - 40);
  EmbeddedOptions options = place.options();
  options.folder = crashed.path() / "data";
  const auto opened = EmbeddedStore::open(options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::corrupt);
  CHECK(opened.error().message.find("acknowledged commits are missing") != std::string::npos);
}

TEST_CASE("a backup can be opened and holds what was there") {
  const Place place;
  const auto target = TemporaryDirectory::make("diffo-backup").value();
  auto store = place.open();
  fill(*store, 0, 30);
  const Content expected = content_of(*store);
  REQUIRE(store->backup(target.path() / "copy"));
  fill(*store, 30, 40);
  CHECK(store->backup(target.path() / "copy").error().code == ErrorCode::conflict);
  CHECK(findings_in(target.path() / "copy") == std::vector<std::string>{});
  EmbeddedOptions options = place.options();
  options.folder = target.path() / "copy";
  auto copy = EmbeddedStore::open(options).value();
  CHECK(content_of(*copy) == expected);
  CHECK(put(*copy, Draft(service, "more")).has_value());
}

TEST_CASE("a backup goes to an absolute path outside the data folder") {
  const Place place;
  const auto target = TemporaryDirectory::make("diffo-backup").value();
  auto store = place.open();
  fill(*store, 0, 10);
  const fs::path data = place.options().folder;
  CHECK(store->backup("relative").error().code == ErrorCode::invalid);
  CHECK(store->backup(data).error().code == ErrorCode::invalid);
  CHECK(store->backup(data / "engine" / "x").error().code == ErrorCode::invalid);
  CHECK(store->backup(data / "x").error().code == ErrorCode::invalid);
  fs::create_directory_symlink(data, target.path() / "link");
  CHECK(store->backup(target.path() / "link" / "x").error().code == ErrorCode::invalid);
  CHECK_FALSE(fs::exists(data / "x"));
  const auto made = store->backup(target.path() / "deep" / "er");
  REQUIRE(made);
  CHECK(made->folder == fs::canonical(target.path() / "deep" / "er"));
  CHECK(findings_in(target.path() / "deep" / "er") == std::vector<std::string>{});
}

TEST_CASE("only the owner may look into a data folder and a backup") {
  const Place place;
  const auto target = TemporaryDirectory::make("diffo-backup").value();
  {
    auto store = place.open();
    fill(*store, 0, 10);
    REQUIRE(store->backup(target.path() / "copy"));
  }
  place.open();
  for (const fs::path& folder : {place.options().folder, target.path() / "copy"}) {
    std::vector<fs::path> all = {folder};
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      all.push_back(entry.path());
    for (const fs::path& path : all) {
      CAPTURE(path.string());
      CHECK((fs::status(path).permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
            fs::perms::none);
    }
  }
}

TEST_CASE("a folder that is not whole is never taken for an empty one") {
  const Place place;
  const fs::path data = place.options().folder;
  {
    auto store = place.open();
    fill(*store, 0, 10);
  }
  const auto code_of = [&] {
    const auto store = EmbeddedStore::open(place.options());
    return store ? ErrorCode::internal : store.error().code;
  };
  SUBCASE("without its tables") {
    fs::remove_all(data / "engine");
    CHECK(code_of() == ErrorCode::corrupt);
    fs::remove(data / "mark");
    CHECK(code_of() == ErrorCode::corrupt);
    CHECK_FALSE(findings_in(data).empty());
  }
  SUBCASE("without its format file") {
    fs::remove(data / "format");
    CHECK(code_of() == ErrorCode::corrupt);
    CHECK_FALSE(findings_in(data).empty());
  }
  SUBCASE("without its mark, which the check tells") {
    fs::remove(data / "mark");
    CHECK(findings_in(data).size() == 1);
    CHECK(place.open()->newest()->record_count() == 10);
  }
  SUBCASE("a backup that was cut short") {
    fs::remove(data / "format");
    std::ofstream(data / "unfinished") << "backup\n";
    CHECK(code_of() == ErrorCode::corrupt);
  }
}

TEST_CASE("a first start that was cut short is begun anew") {
  const Place place;
  const fs::path data = place.options().folder;
  fs::create_directories(data / "engine");
  std::ofstream(data / "unfinished") << "store\n";
  std::ofstream(data / "engine" / "CURRENT") << "rubbish";
  std::ofstream(data / "mark") << "rubbish";
  auto store = place.open();
  fill(*store, 0, 3);
  CHECK_FALSE(fs::exists(data / "unfinished"));
  store.reset();
  CHECK(findings_in(data) == std::vector<std::string>{});
}

TEST_CASE("the order of creation stays the same when the store is opened again") {
  const Place place;
  std::vector<std::string> running;
  const auto order = [](EmbeddedStore& store) {
    std::vector<std::string> ids;
    store.newest()->for_each(0, [&](const graph::RecordRef& record) {
      ids.push_back(record->id());
      return true;
    });
    return ids;
  };
  {
    auto store = place.open();
    for (int number = 0; number < 10; ++number) {
      Draft draft(service, std::to_string(number));
      draft.draft.created_at = 1'000'000 - number; // a rule's idea of it does not count
      REQUIRE(put(*store, draft));
    }
    running = order(*store);
  }
  CHECK(running.front() == "0");
  CHECK(order(*place.open()) == running);
}

TEST_CASE("a folder is read without changing a file") {
  const Place place;
  EmbeddedOptions options = place.options();
  CHECK_FALSE(EmbeddedStore::open([&] {
    EmbeddedOptions reading = options;
    reading.read_only = true;
    return reading;
  }()));
  Content expected;
  {
    auto store = place.open();
    fill(*store, 0, 30);
    expected = content_of(*store);
  }
  std::map<std::string, std::string> before;
  const auto files = [&] {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(options.folder))
      if (entry.is_regular_file())
        all.emplace(entry.path().string(), read_file(entry.path(), 1U << 30).value());
    return all;
  };
  before = files();
  options.read_only = true;
  {
    auto store = EmbeddedStore::open(options).value();
    CHECK(content_of(*store) == expected);
    CHECK_FALSE(put(*store, Draft(service, "more")));
    CHECK(store->read_only_reason().find("reading only") != std::string::npos);
    CHECK(findings_in(options.folder) == std::vector<std::string>{}); // others may read too
    CHECK(EmbeddedStore::open(place.options()).error().code == ErrorCode::conflict);
  }
  CHECK(findings_in(options.folder) == std::vector<std::string>{});
  CHECK(files() == before);
}

TEST_CASE("the journal is shortened as its retention says and its chain still holds") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.retention.max_entries = 25;
  options.trim_every = 10;
  {
    auto store = EmbeddedStore::open(options).value();
    fill(*store, 0, 100);
    CHECK(findings_of(*store).empty()); // and waits until the last step of dropping is done
    const auto sealed = store->statistics().sealed_sequence;
    CHECK(sealed >= 65);
    CHECK(sealed <= 80);
    CHECK(store->journal(1, 1000).error().code == ErrorCode::gone);
    const auto journal = store->journal(store->oldest_entry(), 1000).value();
    REQUIRE_FALSE(journal.empty());
    CHECK(journal.front().sequence == sealed + 1);
    CHECK(journal.back().sequence == 100);
    CHECK(findings_of(*store).empty());
  }
  CHECK(findings_in(options.folder) == std::vector<std::string>{});
  auto store = EmbeddedStore::open(options).value();
  CHECK(store->newest()->record_count() == 38);
  fill(*store, 100, 130);
  CHECK(findings_of(*store).empty());
}

TEST_CASE("tenants keep their numbers") {
  const Place place;
  {
    auto store = place.open();
    CHECK(store->tenant("").value() == 0);
    CHECK(store->tenant("north").value() == 1);
    CHECK(store->tenant("south").value() == 2);
    CHECK(store->tenant("north").value() == 1);
    Draft draft(service, "one");
    draft.draft.key.tenant = 2;
    graph::Context context;
    context.principal.tenant = 2;
    graph::ChangeSet changes;
    changes.changes.push_back(draft.put());
    REQUIRE(graph::transact_and_wait(*store, context, {}, [changes](graph::Subgraph&) {
      return Result<graph::Decision>(graph::ChangeSet(changes));
    }));
  }
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
  auto store = place.open();
  CHECK(store->tenants() == std::vector<std::string>{"", "north", "south"});
  CHECK(store->tenant("south").value() == 2);
  CHECK(store->newest()->find({2, service, "one"}));
  CHECK_FALSE(store->newest()->find({0, service, "one"}));
}

TEST_CASE("a hub with very many referrers is counted and extended quickly") {
  const Place place;
  auto store = place.open();
  constexpr int referrers = 200'000;
  constexpr int each = 2'000;
  for (int number = 0; number < referrers;) {
    graph::ChangeSet changes;
    for (int more = 0; more < each; ++more, ++number)
      changes.changes.push_back(
          Draft(service, std::to_string(number)).edge(supporting_edge, party, "hub").put());
    REQUIRE(commit(*store, std::move(changes)));
  }
  CHECK(store->newest()->count_referrers({0, party, "hub"}) == referrers);
  // Adding one more changes a handful of nodes: the journal and the tree grow by one each.
  const auto before = store->statistics();
  REQUIRE(put(*store, Draft(service, "more").edge(supporting_edge, party, "hub")));
  CHECK(store->statistics().keys == before.keys + 2);
  graph::Query query;
  query.families = {service};
  query.filter = graph::has_edge({supporting_edge}, {{party, "hub"}});
  query.offset = referrers - 1;
  query.limit = 5;
  const auto page = store->newest()->query(query).value();
  CHECK(page.total == referrers + 1);
  REQUIRE(page.records.size() == 2);
  CHECK(page.records[1]->id() == "more");
}
