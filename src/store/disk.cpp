#include "store/disk.h"

#include "store/disk_engine.h"
#include "store/sealed_value.h"

#include <rocksdb/utilities/checkpoint.h>

#include <array>
#include <iterator>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

namespace diffo::store {
namespace {

std::string_view view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
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
  const std::unique_lock no_images(engine_->adding_images);
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
