#include "base/byte_order.h"
#include "store/disk_engine.h"

#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>

/// Values that are a file each: a table file which the engine takes over as it is, so that it is
/// checked, copied and opened like all others. Its entries are the value's pieces, in order.
namespace diffo::store {
namespace {

constexpr std::size_t piece_bytes = std::size_t{256} << 10;
// The file is brought to the disk bit by bit, waiting for each: a file system that orders data
// before its journal (ext4) lets every small sync of another file wait for all that is still dirty
// of this one.
constexpr std::size_t most_dirty_bytes = std::size_t{512} << 10;

/// Of a piece: the image's number (8 bytes), the piece's (4).
std::string key_of(ImageNumber number, std::uint32_t piece) {
  std::string key;
  append_big_endian(key, number);
  append_big_endian(key, piece);
  return key;
}

ImageNumber number_of(std::string_view key) {
  return big_endian(key.substr(0, sizeof(ImageNumber)));
}

rocksdb::Status write_file(rocksdb::SstFileWriter& writer, const std::string& path,
                           ImageNumber number, std::string_view bytes,
                           rocksdb::ExternalSstFileInfo& made) {
  rocksdb::Status status = writer.Open(path);
  for (std::uint32_t piece = 0; status.ok() && !bytes.empty(); ++piece) {
    status = writer.Put(key_of(number, piece), slice(bytes.substr(0, piece_bytes)));
    bytes.remove_prefix(std::min(piece_bytes, bytes.size()));
  }
  if (status.ok())
    status = writer.Finish(&made);
  return status;
}

} // namespace

Result<bool> Disk::write_image(ImageNumber number, std::string_view bytes) {
  const std::shared_lock in_use(engine_->use);
  const std::shared_lock adding(engine_->adding_images, std::try_to_lock);
  if (!adding.owns_lock())
    return false;
  if (!engine_->database)
    return closed_error();
  const std::string path =
      (engine_->options.folder / (std::to_string(number) + unfinished_image)).string();
  rocksdb::EnvOptions file_options(engine_->image_options);
  file_options.bytes_per_sync = most_dirty_bytes;
  file_options.strict_bytes_per_sync = true;
  rocksdb::SstFileWriter writer(file_options, engine_->image_options);
  rocksdb::ExternalSstFileInfo made;
  rocksdb::Status status = write_file(writer, path, number, bytes, made);
  if (status.ok()) {
    rocksdb::IngestExternalFileArg image;
    image.column_family = engine_->images;
    image.external_files = {path};
    image.files_checksums = {made.file_checksum};
    image.files_checksum_func_names = {made.file_checksum_func_name};
    image.options.move_files = true;
    image.options.write_global_seqno = false;
    image.options.verify_file_checksum = false; // it was taken a moment ago
    status = engine_->database->IngestExternalFiles({image});
  }
  if (status.ok())
    return true;
  (void)engine_->env->DeleteFile(path);
  return error_of(status, "cannot write a large record");
}

Result<std::optional<std::string>> Disk::image(ImageNumber number) const {
  const std::shared_lock in_use(engine_->use);
  if (!engine_->database)
    return closed_error();
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = piece_bytes;
  const std::string beyond = key_of(number + 1, 0);
  const rocksdb::Slice end(beyond);
  options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> piece(
      engine_->database->NewIterator(options, engine_->images));
  std::string bytes;
  for (piece->Seek(key_of(number, 0)); piece->Valid(); piece->Next())
    bytes.append(piece->value().data(), piece->value().size());
  if (!piece->status().ok())
    return error_of(piece->status(), "cannot read a large record");
  return bytes.empty() ? std::optional<std::string>()
                       : std::optional<std::string>(std::move(bytes));
}

Result<void> Disk::drop_images(std::span<const ImageNumber> numbers) {
  const std::shared_lock in_use(engine_->use);
  if (!engine_->database)
    return closed_error();
  std::vector<std::string> keys;
  for (const ImageNumber number : numbers)
    for (const std::uint32_t piece : {0U, ~0U})
      keys.push_back(key_of(number, piece));
  const std::vector<rocksdb::Slice> ends(keys.begin(), keys.end());
  std::vector<rocksdb::RangePtr> ranges;
  for (std::size_t index = 0; index < ends.size(); index += 2)
    ranges.emplace_back(&ends[index], &ends[index + 1]);
  const rocksdb::Status status = rocksdb::DeleteFilesInRanges(
      engine_->database.get(), engine_->images, ranges.data(), ranges.size(), true);
  if (!status.ok())
    return error_of(status, "cannot drop large records");
  return {};
}

Result<std::vector<ImageNumber>> Disk::image_numbers() const {
  const std::shared_lock in_use(engine_->use);
  if (!engine_->database)
    return closed_error();
  rocksdb::ColumnFamilyMetaData table;
  engine_->database->GetColumnFamilyMetaData(engine_->images, &table);
  std::vector<ImageNumber> numbers;
  for (const rocksdb::LevelMetaData& level : table.levels)
    for (const rocksdb::SstFileMetaData& file : level.files)
      numbers.push_back(number_of(file.smallestkey));
  return numbers;
}

bool Disk::has_snapshots() const {
  return engine_->snapshots.with([](const auto& all) { return !all.empty(); });
}

} // namespace diffo::store
