// What the engine alone does with the writes of a product run: it reads what the product left in
// the tables of a data folder and writes the same keys and values into a fresh database, so many
// records to a batch, each batch synced. Prints records, batches, seconds, records a second and the
// CPU time of one. See docs/benchmarks.md.

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;
using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

struct Table {
  std::string name;
  Entries entries;
};

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

/// Every table of the product, the default one first. The i-th entries of all were written with the
/// i-th record, nearly.
std::vector<Table> read_product(const std::string& folder, std::size_t most) {
  std::vector<std::string> wanted;
  require(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), folder, &wanted),
          "listing the tables of the product's folder");
  rocksdb::DB* opened = nullptr;
  Handles handles;
  require(
      rocksdb::DB::OpenForReadOnly(rocksdb::DBOptions(), folder, tables(wanted), &handles, &opened),
      "opening the product's folder");
  std::unique_ptr<rocksdb::DB> database(opened);
  std::vector<Table> found;
  for (std::size_t table = 0; table < wanted.size(); ++table) {
    Entries entries = read_table(*database, handles[table], most);
    // The product writes entries in the order of their sequence, and what has other keys in that
    // of arrival, which is not the order of these.
    if (wanted[table] == "journal")
      std::reverse(entries.begin(), entries.end());
    else
      std::shuffle(entries.begin(), entries.end(), std::mt19937(1)); // NOLINT(cert-msc51-cpp)
    found.push_back({wanted[table], std::move(entries)});
  }
  close(std::move(database), handles);
  return found;
}

struct Cost {
  double seconds = 0;
  double cpu_microseconds = 0; ///< of all threads
};

double process_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

Cost write_synced(const std::string& folder, const std::vector<Table>& product, std::size_t count,
                  std::size_t batch_size) {
  std::vector<std::string> names;
  for (const Table& table : product)
    names.push_back(table.name);
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  rocksdb::DB* opened = nullptr;
  Handles handles;
  require(rocksdb::DB::Open(options, folder, tables(names), &handles, &opened),
          "opening a fresh database");
  std::unique_ptr<rocksdb::DB> database(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const double cpu_before = process_microseconds();
  const auto started = std::chrono::steady_clock::now();
  for (std::size_t at = 0; at < count;) {
    rocksdb::WriteBatch batch;
    for (const std::size_t end = std::min(count, at + batch_size); at < end; ++at)
      for (std::size_t table = 0; table < product.size(); ++table)
        if (const Entries& entries = product[table].entries; at < entries.size())
          require(batch.Put(handles[table], entries[at].first, entries[at].second), "adding");
    require(database->Write(synced, &batch), "writing");
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  const double cpu = process_microseconds() - cpu_before;
  close(std::move(database), handles);
  return {took.count(), cpu};
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
  const std::vector<Table> product = read_product(arguments[1], most);
  std::size_t count = 0;
  for (const Table& table : product)
    if (table.name == "records")
      count = table.entries.size();
  if (count == 0) {
    std::fprintf(stderr, "rocksdb_baseline: the product's folder holds no records\n");
    return 2;
  }
  const Cost cost = write_synced(arguments[2], product, count, batch_size);
  std::printf("{\"records\": %zu, \"batch\": %zu, \"seconds\": %.6f, \"records_per_second\": %.1f, "
              "\"cpu_us_per_record\": %.3f}\n",
              count, batch_size, cost.seconds, static_cast<double>(count) / cost.seconds,
              cost.cpu_microseconds / static_cast<double>(count));
  std::filesystem::remove_all(arguments[2]);
  return 0;
}
