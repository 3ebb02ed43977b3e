#pragma once

#include "base/guarded.h"
#include "store/disk.h"

#include <rocksdb/db.h>

#include <array>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>

/// What the files of Disk share: the engine while it is open.
namespace diffo::store {

Error error_of(const rocksdb::Status& status, const char* doing);
Error closed_error();
/// Ends the name of a file that is being written as an image.
inline constexpr const char* unfinished_image = ".unfinished-image";
inline rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}

struct Disk::Engine {
  explicit Engine(DiskOptions disk_options);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() { close(); }

  const DiskOptions options;
  const std::unique_ptr<rocksdb::Env> env;
  /// Held shared while the database is used, alone while it is closed and opened.
  mutable std::shared_mutex use;
  std::unique_ptr<rocksdb::DB> database;
  std::array<rocksdb::ColumnFamilyHandle*, table_count> handles{};
  /// The table whose entries are files of their own.
  rocksdb::ColumnFamilyHandle* images = nullptr;
  rocksdb::Options image_options;
  /// Held shared while an image is added, alone while a checkpoint is made: that lists the log
  /// after the tables, and must not find a name in the one without the image in the others.
  std::shared_mutex adding_images;
  /// Those that are held somewhere, of this opening of the database.
  Guarded<std::unordered_map<const Snapshot*, const rocksdb::Snapshot*>> snapshots;

  [[nodiscard]] rocksdb::ColumnFamilyHandle* of(Table table) const {
    return handles[static_cast<std::size_t>(table)];
  }
  [[nodiscard]] const rocksdb::Snapshot* of(const Snapshot& snapshot) {
    return snapshots.with([&](const auto& all) -> const rocksdb::Snapshot* {
      const auto found = all.find(&snapshot);
      return found == all.end() ? nullptr : found->second;
    });
  }

  Result<void> open();
  rocksdb::Status close();
};

} // namespace diffo::store
