// Durable creates against the bare engine, bytes per record, time to find and time to load.
//
//   store_bench [--records N] [--found N] [--folder PATH]

#include "base/file.h"
#include "base/time.h"
#include "base/uuid.h"
#include "store/disk.h"
#include "store/embedded_store.h"
#include "store/state.h"
#include "store/tip.h"
#include "testing/store_schema.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;
using Steady = std::chrono::steady_clock;

constexpr unsigned submitters = 64;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::string new_id() {
  static SystemUuids ids;
  return ids.random().text();
}

std::string some_text(std::mt19937_64& random, std::size_t length) {
  std::string out;
  while (out.size() < length)
    out += static_cast<char>('a' + random() % 26);
  return out;
}

/// About what a service of 2 KiB JSON holds: five characteristics, two parties, a place, a
/// relationship and a specification, each of those a target of its own.
Draft service_draft(std::mt19937_64& random) {
  Draft draft(service, new_id());
  draft.set(word_name, "service " + some_text(random, 20))
      .set(word_state, random() % 2 == 0 ? "active" : "inactive")
      .set(word_number, static_cast<std::int64_t>(random() % 1'000'000))
      .set(word_text, some_text(random, 120));
  json::Array tags;
  for (int tag = 0; tag < 3; ++tag)
    tags.emplace_back("value " + some_text(random, 10));
  draft.set(word_tag, std::move(tags));
  for (int number = 0; number < 5; ++number) {
    graph::Element part;
    part.kind = note_part;
    part.set_field(word_name, "characteristic" + std::to_string(number));
    part.set_field(word_text, some_text(random, 30));
    draft.draft.root.children.push_back(std::move(part));
  }
  for (int edge = 0; edge < 4; ++edge) {
    draft.edge(edge < 2 ? party_edge : supporting_edge, edge < 2 ? party : service, new_id());
    auto& extra = draft.draft.root.children.back().extra;
    extra.push_back({"name", some_text(random, 24)});
    extra.push_back({"href", "https://host.example/tmf-api/party/v5/individual/" + new_id()});
    extra.push_back({"@referredType", "Individual"});
  }
  draft.edge(supporting_edge, party, "specification-" + std::to_string(random() % 50));
  return draft;
}

struct CreateFigures {
  double per_second = 0;
  double cpu_microseconds = 0;
  double batch = 0;
};

CreateFigures create(EmbeddedStore& store, std::uint64_t records) {
  std::atomic<std::uint64_t> left{records};
  // The drafts are encoded ahead: the store is measured, not the clients.
  std::vector<std::vector<graph::Change>> prepared(submitters);
  std::mt19937_64 random(1);
  for (std::uint64_t number = 0; number < records; ++number)
    prepared[number % submitters].push_back(service_draft(random).put());
  const auto before = store.statistics();
  const double cpu = cpu_seconds();
  const auto start = Steady::now();
  std::vector<std::thread> threads;
  for (auto& own : prepared)
    threads.emplace_back([&store, &own] {
      for (graph::Change& change : own) {
        graph::ChangeSet changes;
        changes.changes.push_back(std::move(change));
        if (!commit(store, std::move(changes)))
          std::abort();
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  const double elapsed = seconds_since(start);
  const auto after = store.statistics();
  return {.per_second = static_cast<double>(records) / elapsed,
          .cpu_microseconds = (cpu_seconds() - cpu) * 1e6 / static_cast<double>(records),
          .batch =
              static_cast<double>(records) / static_cast<double>(after.batches - before.batches)};
}

struct Entry {
  Table table;
  std::string key;
  std::string value;
};

std::vector<Entry> entries_of(const Disk& disk, Table table) {
  std::vector<Entry> all;
  const auto read =
      disk.for_each(table, {}, [&](std::string_view key, std::string_view value) -> Result<bool> {
        all.push_back({table, std::string(key), std::string(value)});
        return true;
      });
  if (!read)
    std::abort();
  return all;
}

/// The same entries written in the same order by the engine alone, in synced batches of that size.
CreateFigures write_bare(const std::filesystem::path& from, const std::filesystem::path& folder,
                         std::size_t batch_size) {
  std::vector<Entry> records;
  std::vector<Entry> journal;
  {
    const auto source = Disk::open({.folder = from, .use = DiskOptions::Use::read}).value();
    records = entries_of(*source, Table::records);
    journal = entries_of(*source, Table::journal);
  }
  std::filesystem::create_directories(folder.parent_path());
  const auto disk = Disk::open({.folder = folder, .use = DiskOptions::Use::make}).value();
  const double cpu = cpu_seconds();
  const auto start = Steady::now();
  DiskBatch batch;
  for (std::size_t number = 0; number < records.size(); ++number) {
    batch.put(Table::records, records[number].key, records[number].value);
    batch.put(Table::journal, journal[number].key, journal[number].value);
    if ((number + 1) % batch_size != 0 && number + 1 != records.size())
      continue;
    batch.put(Table::meta, head_key, std::string(100, 'h'));
    if (!disk->write_synced(batch))
      std::abort();
    batch.clear();
  }
  return {.per_second = static_cast<double>(records.size()) / seconds_since(start),
          .cpu_microseconds = (cpu_seconds() - cpu) * 1e6 / static_cast<double>(records.size()),
          .batch = static_cast<double>(batch_size)};
}

void bench_create(const std::filesystem::path& folder, std::uint64_t records) {
  static const SystemClock clock;
  EmbeddedOptions options;
  options.folder = folder / "data";
  options.schema = &schema();
  options.clock = &clock;
  CreateFigures ours;
  {
    auto store = EmbeddedStore::open(options).value();
    ours = create(*store, records);
    const auto figures = store->statistics();
    const auto of = [&](std::uint64_t bytes) {
      return static_cast<double>(bytes) / static_cast<double>(figures.records);
    };
    ::malloc_trim(0);
    std::printf(
        "in memory per record: %.0f packed, %.0f keys (%.1f of them), %.0f identities (%.1f)\n",
        of(figures.record_bytes), of(figures.key_bytes), of(figures.keys),
        of(figures.identity_bytes), of(figures.identities));
    std::printf("resident after creating: %.0f bytes a record, all told\n", of(resident_bytes()));
  }
  std::printf("durable creates, %u submitters: %.0f/s, %.1f CPU-us each, %.1f a batch\n",
              submitters, ours.per_second, ours.cpu_microseconds, ours.batch);
  const auto bare = write_bare(options.folder / "engine", folder / "bare" / "engine",
                               static_cast<std::size_t>(ours.batch + 0.5));
  std::printf("bare engine, the same entries:  %.0f/s, %.1f CPU-us each; ratio %.2f\n",
              bare.per_second, bare.cpu_microseconds, ours.per_second / bare.per_second);
  ::malloc_trim(0);
  const std::uint64_t before = resident_bytes();
  const double cpu = cpu_seconds();
  const auto start = Steady::now();
  const auto store = EmbeddedStore::open(options).value();
  std::printf("open: %.2f s, %.2f CPU-s for %llu records; ", seconds_since(start),
              cpu_seconds() - cpu, static_cast<unsigned long long>(store->statistics().records));
  ::malloc_trim(0);
  std::printf("resident after opening: %.0f bytes a record more\n",
              static_cast<double>(resident_bytes() - before) / static_cast<double>(records));
}

void bench_find(std::uint32_t records) {
  IdentityTable identities(1);
  StateEditor editor(schema(), identities);
  std::vector<graph::RecordRef> all;
  std::vector<graph::Key> keys;
  std::mt19937_64 random(2);
  for (std::uint32_t number = 0; number < records; ++number) {
    Draft draft = service_draft(random);
    draft.draft.created_at = number + 1;
    keys.push_back(draft.draft.key);
    all.push_back(draft.put().after);
  }
  auto start = Steady::now();
  const State state = editor.build(all);
  const double built = seconds_since(start);
  constexpr int rounds = 1'000'000;
  std::vector<const graph::Key*> asked;
  for (int round = 0; round < rounds; ++round)
    asked.push_back(&keys[random() % keys.size()]);
  start = Steady::now();
  std::uint64_t found = 0;
  for (const graph::Key* key : asked)
    found += state.find(*key) ? 1 : 0;
  std::printf("find among %u: %.0f ns (%llu found); state built in %.2f s\n", records,
              seconds_since(start) * 1e9 / rounds, static_cast<unsigned long long>(found), built);
}

} // namespace

int main(int count, char** arguments) {
  std::uint64_t records = 100'000;
  std::uint32_t found = 1'000'000;
  std::filesystem::path folder;
  for (int index = 1; index + 1 < count; index += 2) {
    const std::string_view name = arguments[index];
    const std::string_view value = arguments[index + 1];
    if (name == "--records")
      std::from_chars(value.data(), value.data() + value.size(), records);
    else if (name == "--found")
      std::from_chars(value.data(), value.data() + value.size(), found);
    else if (name == "--folder")
      folder = value;
  }
  auto scratch = TemporaryDirectory::make("diffo-bench");
  if (!scratch)
    return 1;
  bench_create(folder.empty() ? scratch->path() : folder, records);
  bench_find(10'000);
  bench_find(found);
  return 0;
}
