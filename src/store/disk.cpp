#include "store/disk.h"

#include "base/guarded.h"
#include "store/sealed_value.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/file_system.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <iterator>
#include <mutex>
#include <shared_mutex>
#include <sys/stat.h>
#include <unordered_map>
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
constexpr std::size_t read_ahead_bytes = 2 * mebibyte;

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

Error error_of(const rocksdb::Status& status, const char* doing) {
  const ErrorCode code = status.IsCorruption() ? ErrorCode::corrupt
                         : status.IsNotFound() ? ErrorCode::not_found
                                               : ErrorCode::io;
  return {code, std::string(doing) + ": " + status.ToString()};
}

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
Error closed_error() {
  return {ErrorCode::unavailable, "the store has been stopped"};
}
std::string_view view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

/// The engine makes files that all may read; ours are for their owner alone.
class PrivateFiles final : public rocksdb::FileSystemWrapper {
public:
  explicit PrivateFiles(const std::shared_ptr<rocksdb::FileSystem>& files)
      : FileSystemWrapper(files) {}
  const char* Name() const override { return "PrivateFiles"; }
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

rocksdb::Options engine_options(const DiskOptions& options, rocksdb::Env* env) {
  rocksdb::Options engine;
  engine.env = env;
  engine.create_if_missing = options.use == DiskOptions::Use::make;
  engine.create_missing_column_families = options.use == DiskOptions::Use::make;
  engine.info_log = std::make_shared<ForwardingLogger>(options.log);
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
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return options;
}

} // namespace

struct DiskBatch::Content {
  // The engine's batch needs its table handles, which exist only while it is open.
  struct Change {
    enum class What : std::uint8_t { put, erase, erase_range } what;
    Table table;
    std::string key;
    std::string value; ///< behind the record, if there is one
    graph::RecordRef record = {};
  };
  std::vector<Change> changes;
  std::size_t bytes = 0;

  void add(Change::What what, Table table, std::string_view key, std::string_view value) {
    changes.push_back(
        {.what = what, .table = table, .key = std::string(key), .value = std::string(value)});
    bytes += key.size() + value.size();
  }
};

DiskBatch::DiskBatch() : content_(std::make_unique<Content>()) {}
DiskBatch::~DiskBatch() = default;
DiskBatch::DiskBatch(DiskBatch&&) noexcept = default;
DiskBatch& DiskBatch::operator=(DiskBatch&&) noexcept = default;

void DiskBatch::put(Table table, std::string_view key, std::string_view value) {
  content_->add(Content::Change::What::put, table, key, value);
}
void DiskBatch::put(Table table, std::string_view key, graph::RecordRef record) {
  std::string checksum;
  append_checksum(checksum, checksum_of(key, *record));
  content_->add(Content::Change::What::put, table, key, checksum);
  content_->bytes += record->bytes().size();
  content_->changes.back().record = std::move(record);
}
void DiskBatch::erase(Table table, std::string_view key) {
  content_->add(Content::Change::What::erase, table, key, {});
}
void DiskBatch::erase_range(Table table, std::string_view low, std::string_view high) {
  content_->add(Content::Change::What::erase_range, table, low, high);
}
void DiskBatch::append(DiskBatch& other) {
  std::move(other.content_->changes.begin(), other.content_->changes.end(),
            std::back_inserter(content_->changes));
  content_->bytes += other.content_->bytes;
  other.clear();
}
std::size_t DiskBatch::bytes() const {
  return content_->bytes;
}
bool DiskBatch::empty() const {
  return content_->changes.empty();
}
void DiskBatch::clear() {
  content_->changes.clear();
  content_->bytes = 0;
}

struct Disk::Engine {
  explicit Engine(DiskOptions disk_options)
      : options(std::move(disk_options)),
        env(rocksdb::NewCompositeEnv(std::make_shared<PrivateFiles>(
            (options.env != nullptr ? options.env : rocksdb::Env::Default())->GetFileSystem()))) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() { close(); }

  const DiskOptions options;
  const std::unique_ptr<rocksdb::Env> env;
  /// Held shared while the database is used, alone while it is closed and opened.
  mutable std::shared_mutex use;
  std::unique_ptr<rocksdb::DB> database;
  std::array<rocksdb::ColumnFamilyHandle*, table_count> handles{};
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

  Result<void> open() {
    const rocksdb::Options engine_wide = engine_options(options, env.get());
    const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(cache_bytes, 0);
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    descriptors.reserve(std::size(tables));
    for (const TableDefinition& table : tables)
      descriptors.emplace_back(table.name, table_options(engine_wide, table, cache));
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
    std::copy(opened.begin(), opened.end(), handles.begin());
    return {};
  }

  rocksdb::Status close() {
    if (!database)
      return rocksdb::Status::OK();
    // The engine does not close over what is still held.
    for (const auto& [holder, snapshot] : std::exchange(*snapshots.lock(), {}))
      database->ReleaseSnapshot(snapshot);
    for (rocksdb::ColumnFamilyHandle*& handle : handles)
      database->DestroyColumnFamilyHandle(std::exchange(handle, nullptr));
    const rocksdb::Status closed = database->Close();
    database.reset();
    return closed;
  }
};

Disk::Disk(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Disk::~Disk() = default;

Result<std::unique_ptr<Disk>> Disk::open(const DiskOptions& options) {
  auto engine = std::make_unique<Engine>(options);
  TRY(engine->open());
  return std::unique_ptr<Disk>(new Disk(std::move(engine)));
}

Result<void> Disk::write_synced(DiskBatch& batch) {
  const std::shared_lock in_use(engine_->use);
  if (!engine_->database)
    return closed_error();
  using What = DiskBatch::Content::Change::What;
  rocksdb::WriteBatch changes(batch.bytes() + batch.content_->changes.size() * 16);
  for (const auto& change : batch.content_->changes) {
    rocksdb::ColumnFamilyHandle* table = engine_->of(change.table);
    rocksdb::Status added;
    switch (change.what) {
    case What::put: {
      const rocksdb::Slice key = slice(change.key);
      const std::array<rocksdb::Slice, 2> value = {
          change.record ? slice(change.record->bytes()) : rocksdb::Slice(), slice(change.value)};
      added = changes.Put(table, {&key, 1}, {value.data(), static_cast<int>(value.size())});
      break;
    }
    case What::erase:
      added = changes.Delete(table, slice(change.key));
      break;
    case What::erase_range:
      added = changes.DeleteRange(table, slice(change.key), slice(change.value));
      break;
    }
    if (!added.ok())
      return error_of(added, "cannot prepare a write");
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status written = engine_->database->Write(options, &changes);
  if (!written.ok())
    return error_of(written, "cannot write to the data folder");
  return {};
}

Result<std::optional<std::string>> Disk::get(Table table, std::string_view key) const {
  const std::shared_lock in_use(engine_->use);
  if (!engine_->database)
    return closed_error();
  std::string value;
  const rocksdb::Status status =
      engine_->database->Get(rocksdb::ReadOptions(), engine_->of(table), slice(key), &value);
  if (status.IsNotFound())
    return std::optional<std::string>();
  if (!status.ok())
    return error_of(status, "cannot read from the data folder");
  return std::optional<std::string>(std::move(value));
}

Disk::Snapshot::~Snapshot() {
  const std::shared_lock in_use(disk_.engine_->use);
  const rocksdb::Snapshot* held = disk_.engine_->of(*this);
  if (held == nullptr)
    return;
  disk_.engine_->snapshots.lock()->erase(this);
  disk_.engine_->database->ReleaseSnapshot(held);
}

std::unique_ptr<Disk::Snapshot> Disk::snapshot() const {
  const std::shared_lock in_use(engine_->use);
  if (!engine_->database)
    return nullptr;
  std::unique_ptr<Snapshot> snapshot(new Snapshot(*this));
  engine_->snapshots.lock()->emplace(snapshot.get(), engine_->database->GetSnapshot());
  return snapshot;
}

Result<void>
Disk::for_each(Table table, std::string_view from,
               const std::function<Result<bool>(std::string_view, std::string_view)>& visit,
               const Snapshot* snapshot) const {
  const std::shared_lock in_use(engine_->use);
  if (!engine_->database)
    return closed_error();
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = read_ahead_bytes;
  if (snapshot != nullptr) {
    options.snapshot = engine_->of(*snapshot);
    if (options.snapshot == nullptr)
      return Error{ErrorCode::unavailable, "the tables were opened again meanwhile"};
  }
  const std::unique_ptr<rocksdb::Iterator> iterator(
      engine_->database->NewIterator(options, engine_->of(table)));
  for (iterator->Seek(slice(from)); iterator->Valid(); iterator->Next())
    if (!TRY(visit(view(iterator->key()), view(iterator->value()))))
      return {};
  if (!iterator->status().ok())
    return error_of(iterator->status(), "cannot read from the data folder");
  return {};
}

Result<void> Disk::verify_files() const {
  const std::shared_lock in_use(engine_->use);
  if (!engine_->database)
    return closed_error();
  const rocksdb::Status files = engine_->database->VerifyFileChecksums(rocksdb::ReadOptions());
  if (!files.ok())
    return error_of(files, "a table file is damaged");
  return {};
}

Result<void> Disk::checkpoint(const std::filesystem::path& folder) const {
  const std::shared_lock in_use(engine_->use);
  if (!engine_->database)
    return closed_error();
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(engine_->database.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok())
    status = checkpoint->CreateCheckpoint(folder.string());
  if (!status.ok())
    return error_of(status, "cannot write the backup");
  return {};
}

Result<void> Disk::close() {
  const std::unique_lock alone(engine_->use);
  rocksdb::FlushOptions wait;
  wait.wait = true;
  rocksdb::Status status;
  if (engine_->database)
    status = engine_->database->Flush(wait, std::vector<rocksdb::ColumnFamilyHandle*>(
                                                engine_->handles.begin(), engine_->handles.end()));
  const rocksdb::Status closed = engine_->close();
  if (!status.ok())
    return error_of(status, "cannot move the log into tables");
  if (!closed.ok())
    return error_of(closed, "cannot close the data folder");
  return {};
}

Result<void> Disk::reopen() {
  const std::unique_lock alone(engine_->use);
  engine_->close(); // what it says of the failed write is known
  return engine_->open();
}

} // namespace diffo::store
