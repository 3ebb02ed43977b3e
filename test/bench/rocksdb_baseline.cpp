// What the engine alone does with the writes of a product run: it reads the records and journal
// entries that the product left in a data folder and writes the same keys and values into a fresh
// database, so many to a batch, each batch synced. Prints records, batches, seconds and records a
// second. See docs/benchmarks.md.

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;
using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

constexpr std::size_t records = 1;
constexpr std::size_t journal = 2;

void require(const rocksdb::Status& status, const char* doing) {
  if (status.ok())
    return;
  std::fprintf(stderr, "rocksdb_baseline: %s: %s\n", doing, status.ToString().c_str());
  std::exit(2);
}

std::vector<rocksdb::ColumnFamilyDescriptor> tables(const std::vector<std::string>& names) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kNoCompression;
  for (const std::string& name : names)
    descriptors.emplace_back(name, options);
  return descriptors;
}

void close(std::unique_ptr<rocksdb::DB> database, const Handles& handles) {
  for (rocksdb::ColumnFamilyHandle* handle : handles)
    require(database->DestroyColumnFamilyHandle(handle), "closing a table");
  require(database->Close(), "closing");
}

Entries read_table(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* table, std::size_t most) {
  Entries entries;
  const std::unique_ptr<rocksdb::Iterator> iterator(
      database.NewIterator(rocksdb::ReadOptions(), table));
  // From the end: the newest journal entries are those of the run.
  for (iterator->SeekToLast(); iterator->Valid() && entries.size() < most; iterator->Prev())
    entries.emplace_back(iterator->key().ToString(), iterator->value().ToString());
  require(iterator->status(), "reading");
  return entries;
}

std::pair<Entries, Entries> read_product(const std::string& folder, std::size_t most) {
  std::vector<std::string> wanted = {rocksdb::kDefaultColumnFamilyName, "records", "journal"};
  rocksdb::DB* opened = nullptr;
  Handles handles;
  require(
      rocksdb::DB::OpenForReadOnly(rocksdb::DBOptions(), folder, tables(wanted), &handles, &opened),
      "opening the product's folder");
  std::unique_ptr<rocksdb::DB> database(opened);
  std::pair<Entries, Entries> both(read_table(*database, handles[records], most),
                                   read_table(*database, handles[journal], most));
  close(std::move(database), handles);
  // The product writes entries in the order of their sequence, and records in that of their
  // arrival, which is not the order of their keys.
  std::reverse(both.second.begin(), both.second.end());
  std::shuffle(both.first.begin(), both.first.end(), std::mt19937(1)); // NOLINT(cert-msc51-cpp)
  return both;
}

double write_synced(const std::string& folder, const Entries& states, const Entries& entries,
                    std::size_t count, std::size_t batch_size) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  rocksdb::DB* opened = nullptr;
  Handles handles;
  require(rocksdb::DB::Open(options, folder,
                            tables({rocksdb::kDefaultColumnFamilyName, "records", "journal"}),
                            &handles, &opened),
          "opening a fresh database");
  std::unique_ptr<rocksdb::DB> database(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto started = std::chrono::steady_clock::now();
  for (std::size_t at = 0; at < count;) {
    rocksdb::WriteBatch batch;
    for (const std::size_t end = std::min(count, at + batch_size); at < end; ++at) {
      require(batch.Put(handles[records], states[at].first, states[at].second), "adding");
      require(batch.Put(handles[journal], entries[at].first, entries[at].second), "adding");
    }
    require(database->Write(synced, &batch), "writing");
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  close(std::move(database), handles);
  return took.count();
}

} // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 5) {
    std::fprintf(stderr,
                 "usage: rocksdb_baseline PRODUCT_ENGINE_FOLDER FRESH_FOLDER BATCH MOST_RECORDS\n");
    return 2;
  }
  const std::size_t batch_size = std::max(1UL, std::strtoul(arguments[3], nullptr, 10));
  const std::size_t most = std::strtoul(arguments[4], nullptr, 10);
  const auto [states, entries] = read_product(arguments[1], most);
  const std::size_t count = std::min(states.size(), entries.size());
  if (count == 0) {
    std::fprintf(stderr, "rocksdb_baseline: the product's folder holds no records\n");
    return 2;
  }
  const double seconds = write_synced(arguments[2], states, entries, count, batch_size);
  std::printf(
      "{\"records\": %zu, \"batch\": %zu, \"seconds\": %.6f, \"records_per_second\": %.1f}\n",
      count, batch_size, seconds, static_cast<double>(count) / seconds);
  std::filesystem::remove_all(arguments[2]);
  return 0;
}
