#pragma once

#include "base/log.h"
#include "graph/record.h"

#include <diffo/result.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class Env;
}

namespace diffo::store {

/// The tables of a data folder (docs/formats/folder.md).
enum class Table : std::uint8_t {
  meta,
  records,
  journal,
  history,
  claims,
  seen,
  answers,
  residues ///< reserved
};
inline constexpr std::size_t table_count = 8;

/// Names bytes that lie in a file of their own.
using ImageNumber = std::uint64_t;

/// Changes that become durable together or not at all. Thread rule: one thread.
class DiskBatch {
public:
  DiskBatch();
  ~DiskBatch();
  DiskBatch(DiskBatch&&) noexcept;
  DiskBatch& operator=(DiskBatch&&) noexcept;
  void put(Table table, std::string_view key, std::string_view value);
  /// Shares the record in place of copying it; it is stored with the checksum of key and record.
  void put(Table table, std::string_view key, graph::RecordRef record);
  void erase(Table table, std::string_view key);
  /// Erases all keys from `low` up to, not including, `high`.
  void erase_range(Table table, std::string_view low, std::string_view high);
  /// Takes over the changes of another, after its own; that one is empty then.
  void append(DiskBatch& other);
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] bool empty() const;
  void clear();

private:
  friend class Disk;
  struct Content;
  std::unique_ptr<Content> content_;
};

struct DiskOptions {
  std::filesystem::path folder; ///< of the engine's own files
  const Log* log = nullptr;     ///< outlives the disk; none: silent
  rocksdb::Env* env = nullptr;  ///< the file system, for tests; none: the real one
  /// What may be done to the files.
  enum class Use : std::uint8_t {
    write, ///< they must be there
    make,  ///< they are made when they are missing
    read   ///< no file is changed
  } use = Use::write;
};

/// Ordered tables of bytes that survive crashes: the only user of RocksDB. Thread rule: one writing
/// thread, which also reopens and closes; any thread reads.
class Disk {
public:
  static Result<std::unique_ptr<Disk>> open(const DiskOptions& options);
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk();

  /// Returns when the batch would survive a loss of power.
  Result<void> write_synced(DiskBatch& batch);
  Result<std::optional<std::string>> get(Table table, std::string_view key) const;

  /// Puts bytes into a file of their own and syncs it, so that a batch need only name them. The
  /// number must be new. False, and nothing is written, while a checkpoint is made. Thread rule:
  /// any thread; those who write batches wait for it a moment only.
  Result<bool> write_image(ImageNumber number, std::string_view bytes);
  Result<std::optional<std::string>> image(ImageNumber number) const;
  /// Removes the files. Who holds a snapshot loses them too. Thread rule: any thread.
  Result<void> drop_images(std::span<const ImageNumber> numbers);
  /// Of all files that are there, without reading them.
  Result<std::vector<ImageNumber>> image_numbers() const;
  [[nodiscard]] bool has_snapshots() const;

  /// What the tables hold at one moment; the disk must outlive it. When the disk is opened again or
  /// closed meanwhile, reading from it fails.
  class Snapshot {
  public:
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

  private:
    friend class Disk;
    explicit Snapshot(const Disk& disk) : disk_(disk) {}
    const Disk& disk_;
  };
  /// Nothing when the disk is closed.
  [[nodiscard]] std::unique_ptr<Snapshot> snapshot() const;
  /// Visits the entries from `from` on, in order, until `visit` returns false or fails.
  Result<void>
  for_each(Table table, std::string_view from,
           const std::function<Result<bool>(std::string_view key, std::string_view value)>& visit,
           const Snapshot* snapshot = nullptr) const;
  /// Compares every table file with the checksum taken when it was written.
  Result<void> verify_files() const;
  /// Writes a copy that can be opened, into a folder that must not exist.
  Result<void> checkpoint(const std::filesystem::path& folder) const;
  /// Moves everything from the log into table files and closes. The disk cannot be used afterwards.
  Result<void> close();
  /// Forgets what a failed write may have left in memory and opens what is durable. Readers wait
  /// meanwhile. When it fails, everything fails until it is tried again.
  Result<void> reopen();

private:
  struct Engine;
  explicit Disk(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

} // namespace diffo::store
