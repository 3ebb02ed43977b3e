#include "store/disk_engine.h"

#include "store/table_file.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/file_system.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <cstdarg>
#include <cstdio>
#include <iterator>
#include <sys/stat.h>
#include <utility>
#include <vector>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The distribution's library is not instrumented: the sanitizer sees its memory change hands, but
// not the atomics that make this safe.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:librocksdb.so\n";
}
#endif
#endif

namespace diffo::store {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;
// Tables are read at start, by the journal's readers and by checks, never to answer a request: a
// small cache will do.
constexpr std::size_t cache_bytes = 4 * mebibyte;
// Whoever goes through a table reads ahead, ever more of it up to this; most want a few entries.
constexpr std::size_t most_read_ahead_bytes = 2 * mebibyte;

struct TableDefinition {
  const char* name;
  std::size_t write_buffer_bytes;
};
constexpr std::array<TableDefinition, table_count> tables = {{
    {"default", mebibyte},
    {"records", 8 * mebibyte},
    {"journal", 4 * mebibyte},
    {"history", 8 * mebibyte},
    {"claims", 2 * mebibyte},
    {"seen", mebibyte},
    {"answers", mebibyte},
    {"residues", mebibyte},
}};
constexpr const char* image_table = "images";

/// Hands the engine's messages to our log, so that it keeps no log file in the folder.
class ForwardingLogger final : public rocksdb::Logger {
public:
  explicit ForwardingLogger(const Log* log)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), log_(log) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::WARN_LEVEL, format, arguments);
  }
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (log_ == nullptr || level < rocksdb::InfoLogLevel::WARN_LEVEL ||
        level > rocksdb::InfoLogLevel::FATAL_LEVEL)
      return;
    std::array<char, 1024> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    if (level >= rocksdb::InfoLogLevel::ERROR_LEVEL)
      log_->error("storage engine", {{"message", text.data()}});
    else
      log_->warning("storage engine", {{"message", text.data()}});
  }

private:
  const Log* log_;
};

/// The engine makes files that all may read; ours are for their owner alone. And it trusts what it
/// should not.
class GuardedFiles final : public rocksdb::FileSystemWrapper {
public:
  explicit GuardedFiles(const std::shared_ptr<rocksdb::FileSystem>& files)
      : FileSystemWrapper(files) {}
  const char* Name() const override { return "GuardedFiles"; }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = target()->NewRandomAccessFile(name, options, file, context);
    if (!status.ok() || !name.ends_with(".sst"))
      return status;
    std::uint64_t size = 0;
    status = target()->GetFileSize(name, rocksdb::IOOptions(), &size, context);
    return status.ok() ? check_table_end(**file, size) : status;
  }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = target()->NewWritableFile(name, options, file, context);
    if (status.ok() && ::chmod(name.c_str(), S_IRUSR | S_IWUSR) != 0)
      return rocksdb::IOStatus::IOError("cannot set the mode of " + name);
    return status;
  }
  rocksdb::IOStatus LockFile(const std::string& name, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* context) override {
    const rocksdb::IOStatus status = target()->LockFile(name, options, lock, context);
    if (status.ok())
      (void)::chmod(name.c_str(), S_IRUSR | S_IWUSR);
    return status;
  }
};

/// After a failed write the store opens the engine again. Were the engine to mend itself as well,
/// it would do so on a thread that its closing does not wait for.
class StayFailed final : public rocksdb::EventListener {
public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::Options engine_options(const DiskOptions& options, rocksdb::Env* env) {
  rocksdb::Options engine;
  engine.env = env;
  engine.create_if_missing = options.use == DiskOptions::Use::make;
  engine.create_missing_column_families = options.use == DiskOptions::Use::make;
  engine.info_log = std::make_shared<ForwardingLogger>(options.log);
  engine.listeners.push_back(std::make_shared<StayFailed>());
  engine.max_bgerror_resume_count = 0; // errors that it may try again without asking
  engine.paranoid_checks = true;
  // A torn last write is what a crash leaves; anything else wrong in the log is damage.
  engine.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  engine.track_and_verify_wals_in_manifest = true;
  engine.write_dbid_to_manifest = true;
  engine.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  engine.max_open_files = 256;
  engine.max_background_jobs = 2;
  engine.max_total_wal_size = 64 * mebibyte;
  engine.stats_dump_period_sec = 0;
  engine.stats_persist_period_sec = 0;
  engine.compression = rocksdb::kNoCompression;
  return engine;
}

rocksdb::ColumnFamilyOptions table_options(const rocksdb::Options& engine,
                                           const TableDefinition& table,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options(engine);
  options.write_buffer_size = table.write_buffer_bytes;
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.cache_index_and_filter_blocks = true;
  blocks.block_size = 16 * 1024;
  blocks.max_auto_readahead_size = most_read_ahead_bytes;
  blocks.checksum = rocksdb::kCRC32c; // which we can compare ourselves
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return options;
}

/// Each entry is a file that is added and dropped as a whole: there is nothing to compact. Large
/// records repeat themselves, and whoever writes them has time: the less comes to the disk, the
/// less do small changes wait for it.
rocksdb::ColumnFamilyOptions image_options_of(rocksdb::ColumnFamilyOptions options) {
  options.disable_auto_compactions = true;
  options.compression = rocksdb::kLZ4Compression;
  return options;
}

/// What a crash left while they were written.
void remove_unfinished_images(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().extension() == unfinished_image)
      std::filesystem::remove(entry.path(), ignored);
}

} // namespace

Error error_of(const rocksdb::Status& status, const char* doing) {
  const ErrorCode code = status.IsCorruption() ? ErrorCode::corrupt
                         : status.IsNotFound() ? ErrorCode::not_found
                                               : ErrorCode::io;
  return {code, std::string(doing) + ": " + status.ToString()};
}

Error closed_error() {
  return {ErrorCode::unavailable, "the store has been stopped"};
}

Disk::Engine::Engine(DiskOptions disk_options)
    : options(std::move(disk_options)),
      env(rocksdb::NewCompositeEnv(std::make_shared<GuardedFiles>(
          (options.env != nullptr ? options.env : rocksdb::Env::Default())->GetFileSystem()))) {}

Result<void> Disk::Engine::open() {
  const rocksdb::Options engine_wide = engine_options(options, env.get());
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(cache_bytes, 0);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(table_count + 1);
  for (const TableDefinition& table : tables)
    descriptors.emplace_back(table.name, table_options(engine_wide, table, cache));
  const rocksdb::ColumnFamilyOptions for_images =
      image_options_of(table_options(engine_wide, {image_table, mebibyte}, cache));
  descriptors.emplace_back(image_table, for_images);
  image_options = rocksdb::Options(engine_wide, for_images);
  if (options.use != DiskOptions::Use::read)
    remove_unfinished_images(options.folder);
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* made = nullptr;
  const std::string path = options.folder.string();
  const rocksdb::Status status =
      options.use == DiskOptions::Use::read
          ? rocksdb::DB::OpenForReadOnly(engine_wide, path, descriptors, &opened, &made)
          : rocksdb::DB::Open(engine_wide, path, descriptors, &opened, &made);
  if (!status.ok())
    return error_of(status, "cannot open the data folder");
  database.reset(made);
  std::copy_n(opened.begin(), table_count, handles.begin());
  images = opened.back();
  return {};
}

rocksdb::Status Disk::Engine::close() {
  if (!database)
    return rocksdb::Status::OK();
  // The engine does not close over what is still held.
  for (const auto& [holder, snapshot] : std::exchange(*snapshots.lock(), {}))
    database->ReleaseSnapshot(snapshot);
  for (rocksdb::ColumnFamilyHandle*& handle : handles)
    database->DestroyColumnFamilyHandle(std::exchange(handle, nullptr));
  database->DestroyColumnFamilyHandle(std::exchange(images, nullptr));
  const rocksdb::Status closed = database->Close();
  database.reset();
  return closed;
}

} // namespace diffo::store
