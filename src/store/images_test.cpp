#include "store/images.h"

#include "store/folder.h"
#include "testing/fault_env.h"
#include "testing/test_store.h"

#include <atomic>
#include <fstream>
#include <thread>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t large_bytes = 1000;
const graph::Key one{0, service, "one"};

EmbeddedOptions options_of(const Place& place) {
  EmbeddedOptions options = place.options();
  options.large_image_bytes = large_bytes;
  return options;
}

Draft large(const std::string& id, std::int64_t number, std::size_t bytes = 700'000) {
  return numbered(id, number).set(word_text, std::string(bytes, 'x'));
}

/// How many images a folder has that nobody has open.
std::size_t images_in(const fs::path& folder) {
  const auto disk =
      Disk::open({.folder = engine_folder(folder), .use = DiskOptions::Use::read}).value();
  return disk->image_numbers().value().size();
}

std::unique_ptr<Disk> fresh_disk(const TemporaryDirectory& directory) {
  return Disk::open({.folder = directory.path(), .use = DiskOptions::Use::make}).value();
}

graph::RecordRef record_of(const Draft& draft) {
  return draft.put().after;
}

graph::Decide add_one() {
  return [](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    return graph::Decision(putting(large("one", number_in(subgraph.find(one)) + 1, 70'000)));
  };
}

} // namespace

TEST_CASE("each version of a large record lies in one file, and is found in all its time") {
  const Place place;
  const auto check = [](EmbeddedStore& store) {
    CHECK(number_in(store.at(one, 1).value()) == 1);
    CHECK(number_in(store.at(one, 2).value()) == 2);
    CHECK(number_in(store.at(one, 3).value()) == 3);
    CHECK_FALSE(store.at(one, 4).value());
    CHECK(number_in(store.at(one, 6).value()) == 4);
    CHECK(store.at(one, 2).value()->bytes().size() > 700'000);
    CHECK(number_in(store.newest()->find(one)) == 4);
    CHECK(findings_of(store) == std::vector<std::string>{});
  };
  {
    auto store = EmbeddedStore::open(options_of(place)).value();
    REQUIRE(put(*store, large("one", 1)));
    REQUIRE(put(*store, large("one", 2)));
    REQUIRE(put(*store, numbered("one", 3))); // small between large ones
    REQUIRE(erase(*store, one));
    REQUIRE(put(*store, numbered("other", 7)));
    REQUIRE(put(*store, large("one", 4)));
    check(*store);
  }
  CHECK(images_in(place.options().folder) == 3);
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
  {
    auto store = EmbeddedStore::open(options_of(place)).value();
    check(*store);
    REQUIRE(erase(*store, one));
    CHECK(number_in(store->at(one, 6).value()) == 4);
  }
  CHECK(images_in(place.options().folder) == 3);
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
}

TEST_CASE("the files of what the retention drops go") {
  const Place place;
  EmbeddedOptions options = options_of(place);
  options.retention.max_entries = 2;
  options.trim_every = 1;
  {
    auto store = EmbeddedStore::open(options).value();
    for (int number = 0; number < 20; ++number)
      REQUIRE(put(*store, large("one", number, 3'000)));
    CHECK(findings_of(*store) == std::vector<std::string>{});
  }
  // The newest, and the one that the oldest kept entry superseded, and that one's.
  CHECK(images_in(options.folder) <= 3);
  CHECK(findings_in(options.folder) == std::vector<std::string>{});
}

TEST_CASE("decisions that came too late leave no file") {
  const Place place;
  constexpr int rounds = 20;
  {
    auto store = EmbeddedStore::open(options_of(place)).value();
    REQUIRE(put(*store, large("one", 0, 70'000)));
    std::atomic<int> failed{0};
    const auto count = [&] {
      graph::FetchPlan plan;
      plan.records.push_back(one);
      for (int round = 0; round < rounds; ++round)
        failed += graph::transact_and_wait(*store, {}, plan, add_one()) ? 0 : 1;
    };
    std::thread first(count);
    std::thread second(count);
    std::thread third(count);
    first.join();
    second.join();
    third.join();
    CHECK(failed == 0);
    CHECK(number_in(store->newest()->find(one)) == 3 * rounds);
  }
  CHECK(images_in(place.options().folder) == 3 * rounds + 1);
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
}

TEST_CASE("what a crash left of images that no batch names goes at the next start") {
  const Place place;
  const auto crashed = TemporaryDirectory::make("diffo-crashed").value();
  EmbeddedOptions options = options_of(place);
  {
    auto store = EmbeddedStore::open(options).value();
    REQUIRE(put(*store, large("one", 1)));
    copy_as_killed(options.folder, crashed.path() / "data");
  }
  options.folder = crashed.path() / "data";
  const fs::path engine = engine_folder(options.folder);
  {
    const auto disk = Disk::open({.folder = engine}).value();
    REQUIRE(disk->write_image(77, "nobody's").value());
    std::ofstream(engine / "78.unfinished-image") << "half";
  }
  {
    auto store = EmbeddedStore::open(options).value();
    REQUIRE(put(*store, large("one", 2))); // takes no number that is in use
    CHECK(number_in(store->at(one, 1).value()) == 1);
    CHECK(findings_of(*store) == std::vector<std::string>{});
  }
  CHECK(images_in(options.folder) == 2);
  CHECK_FALSE(fs::exists(engine / "78.unfinished-image"));
  CHECK(findings_in(options.folder) == std::vector<std::string>{});
}

TEST_CASE("a large record that cannot be written is refused, and leaves nothing") {
  const Place place;
  FaultPlan plan;
  const auto env = faulty_env(plan);
  EmbeddedOptions options = options_of(place);
  options.env = env.get();
  options.retry_every = std::chrono::milliseconds(0);
  {
    auto store = EmbeddedStore::open(options).value();
    REQUIRE(put(*store, large("one", 1)));
    for (std::atomic<bool>* fault : {&plan.disk_full, &plan.no_descriptors}) {
      *fault = true;
      const auto refused = put(*store, large("one", 2));
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == ErrorCode::unavailable);
      CHECK(refused.error().message.find("was not written") != std::string::npos);
      *fault = false;
      CHECK(number_in(store->newest()->find(one)) == 1);
    }
    REQUIRE(put(*store, large("one", 3)));
    CHECK(store->newest()->sequence() == 2);
    CHECK(findings_of(*store) == std::vector<std::string>{});
  }
  CHECK(images_in(options.folder) == 2);
  for (const auto& entry : fs::directory_iterator(engine_folder(options.folder)))
    CHECK(entry.path().extension() != ".unfinished-image");
  CHECK(findings_in(options.folder) == std::vector<std::string>{});
}

TEST_CASE("where only large records are written, a full disk comes back by itself too") {
  const Place place;
  FaultPlan plan;
  const auto env = faulty_env(plan);
  EmbeddedOptions options = options_of(place);
  options.env = env.get();
  auto store = EmbeddedStore::open(options).value();
  REQUIRE(put(*store, large("one", 1)));
  for (int round = 0; round < 3; ++round) {
    plan.manifest_full = true; // the engine stops in the midst of taking the file over
    CHECK_FALSE(put(*store, large("one", -1)));
    CHECK_FALSE(put(*store, large("one", -2)));
    plan.manifest_full = false;
    CHECK(put(*store, large("one", 2 + round)));
  }
  CHECK(number_in(store->newest()->find(one)) == 4);
  CHECK(findings_of(*store) == std::vector<std::string>{});
  store.reset();
  CHECK(images_in(options.folder) == 4);
  CHECK(findings_in(options.folder) == std::vector<std::string>{});
}

TEST_CASE("a backup made while large records change has all the images that it names") {
  const Place place;
  auto store = EmbeddedStore::open(options_of(place)).value();
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (const char* id : {"a", "b"})
    writers.emplace_back([&, id] {
      for (int number = 0; !stop; ++number)
        if (!put(*store, large(id, number, 2'000)))
          stop = true;
    });
  for (int round = 0; round < 6; ++round) {
    const fs::path copy = place.directory.path() / ("backup" + std::to_string(round));
    REQUIRE(store->backup(copy));
    CHECK(findings_in(copy) == std::vector<std::string>{});
  }
  CHECK_FALSE(stop);
  stop = true;
  for (std::thread& writer : writers)
    writer.join();
}

TEST_CASE("who holds a snapshot keeps the images that it sees") {
  const auto directory = TemporaryDirectory::make("diffo-images").value();
  const auto disk = fresh_disk(directory);
  Images images(*disk, large_bytes);
  const graph::RecordRef record = record_of(large("one", 1, 2'000));
  const ImageNumber number = images.write(*record).value()->name();
  auto snapshot = disk->snapshot();
  REQUIRE(images.drop({{number}}));
  CHECK(disk->image(number).value().has_value());
  snapshot.reset();
  REQUIRE(images.drop({}));
  CHECK_FALSE(disk->image(number).value().has_value());
}

TEST_CASE("an image is named or goes, and small records have none") {
  const auto directory = TemporaryDirectory::make("diffo-images").value();
  const auto disk = fresh_disk(directory);
  Images images(*disk, large_bytes);
  CHECK_FALSE(images.write(*record_of(numbered("one", 1))).value());
  const graph::RecordRef record = record_of(large("one", 1));
  const std::string body(record->bytes().substr(graph::record_head_bytes));
  ImageNumber named = 0;
  {
    auto first = images.write(*record).value();
    auto second = images.write(*record).value();
    REQUIRE(first);
    named = second->name();
  }
  auto third = images.write(*record).value();
  CHECK(disk->image(named).value() == body);
  CHECK(disk->image_numbers().value().size() == 2);
  // A sweep leaves what somebody is about to name.
  REQUIRE(images.sweep({named}));
  CHECK(disk->image_numbers().value().size() == 2);
  REQUIRE(images.sweep({}));
  CHECK(disk->image_numbers().value() == std::vector<ImageNumber>{third->name()});
}
