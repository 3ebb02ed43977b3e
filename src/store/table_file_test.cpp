#include "testing/test_store.h"

#include "store/disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace diffo;
using namespace diffo::store;
namespace fs = std::filesystem;

namespace {

/// A stopped disk with one table.
void make(const fs::path& folder) {
  const auto disk = Disk::open({.folder = folder, .use = DiskOptions::Use::make}).value();
  DiskBatch batch;
  batch.put(Table::records, "key", "value");
  REQUIRE(disk->write_synced(batch));
  REQUIRE(disk->close());
}

fs::path table_in(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".sst")
      return entry.path();
  FAIL("there is no table");
  return {};
}

std::string bytes_of(const fs::path& file) {
  return read_file(file, 1'000'000).value();
}

void write(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

/// What opening, or else the check of all files, says.
std::string said_of(const fs::path& folder) {
  const auto disk = Disk::open({.folder = folder, .use = DiskOptions::Use::read});
  if (!disk)
    return disk.error().text();
  const auto read = (*disk)->get(Table::records, "key");
  if (!read)
    return read.error().text();
  const auto verified = (*disk)->verify_files();
  return verified ? std::string() : verified.error().text();
}

} // namespace

TEST_CASE("a table whose end is damaged anywhere is told of, and ends nothing") {
  const auto directory = TemporaryDirectory::make("diffo-table").value();
  const fs::path folder = directory.path() / "engine";
  fs::create_directory(folder);
  make(folder);
  const fs::path table = table_in(folder);
  const std::string good = bytes_of(table);
  CHECK(said_of(folder).empty());
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const int bits : {0x80, 0x01, 0xff}) {
      if (bits != 0x80 && at % 7 != 0)
        continue; // the highest bits are what lengths and numbers of parts suffer from most
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ bits);
      write(table, bad);
      CAPTURE(at);
      CAPTURE(bits);
      CHECK_FALSE(said_of(folder).empty());
    }
  for (const std::size_t kept :
       {std::size_t{0}, std::size_t{10}, std::size_t{52}, good.size() - 1}) {
    write(table, good.substr(0, kept));
    CHECK_FALSE(said_of(folder).empty());
  }
  write(table, good);
  CHECK(said_of(folder).empty());
}
