#include "store/images.h"

#include "base/byte_order.h"
#include "store/sealed_value.h"

#include <algorithm>

namespace diffo::store {
namespace {

// What a row begins with whose record lies elsewhere; a record begins with its format version,
// which is not 0.
constexpr char elsewhere = '\0';
constexpr std::size_t sequence_bytes = 8;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t row_bytes =
    1 + sizeof(ImageNumber) + checksum_bytes + graph::record_head_bytes;

std::string kept_image_key(const KeptImage& image) {
  std::string key(image_space);
  append_big_endian(key, image.superseded_by);
  append_big_endian(key, image.number);
  return key;
}

} // namespace

Images::Images(Disk& disk, std::size_t least_bytes) : disk_(disk), least_bytes_(least_bytes) {}

Images::Written::~Written() {
  if (images_ != nullptr)
    images_->forget(number_, true);
}

ImageNumber Images::Written::name() {
  std::exchange(images_, nullptr)->forget(number_, false);
  return number_;
}

void Images::forget(ImageNumber number, bool unwanted) {
  numbers_.with([&](Numbers& numbers) {
    std::erase(numbers.written, number);
    if (unwanted)
      numbers.unwanted.push_back(number);
  });
}

Result<std::optional<Images::Written>> Images::write(const graph::Record& record) {
  if (record.bytes().size() < least_bytes_)
    return std::optional<Written>();
  TRY(drop({})); // what decisions before this one left
  const ImageNumber number = numbers_.with([](Numbers& numbers) {
    numbers.written.push_back(numbers.next);
    return numbers.next++;
  });
  Written written(*this, number);
  if (!TRY(disk_.write_image(number, record.bytes().substr(graph::record_head_bytes))))
    return std::optional<Written>();
  return std::optional<Written>(std::move(written));
}

Result<void> Images::drop(std::span<const ImageNumber> numbers) {
  const auto unwanted = numbers_.with([&](Numbers& all) {
    all.unwanted.insert(all.unwanted.end(), numbers.begin(), numbers.end());
    // Through a snapshot taken before, the row that names it may still be seen.
    return disk_.has_snapshots() ? std::vector<ImageNumber>() : std::exchange(all.unwanted, {});
  });
  return unwanted.empty() ? Result<void>() : disk_.drop_images(unwanted);
}

Result<void> Images::sweep(std::vector<ImageNumber> named) {
  std::sort(named.begin(), named.end());
  const std::vector<ImageNumber> found = TRY(disk_.image_numbers());
  std::vector<ImageNumber> left;
  numbers_.with([&](Numbers& numbers) {
    for (const ImageNumber number : found) {
      numbers.next = std::max(numbers.next, number + 1);
      const auto is_in = [&](const std::vector<ImageNumber>& some) {
        return std::find(some.begin(), some.end(), number) != some.end();
      };
      if (!std::binary_search(named.begin(), named.end(), number) && !is_in(numbers.written) &&
          !is_in(numbers.unwanted))
        left.push_back(number);
    }
  });
  return drop(left);
}

void put_kept_image(DiskBatch& batch, const KeptImage& image) {
  const std::string key = kept_image_key(image);
  batch.put(Table::meta, key, with_checksum(key, {}));
}

void erase_kept_image(DiskBatch& batch, const KeptImage& image) {
  batch.erase(Table::meta, kept_image_key(image));
}

Result<KeptImage> decode_kept_image(std::string_view key, std::string_view stored) {
  const std::string_view value = TRY(without_checksum(key, stored, "the note of a large record"));
  key.remove_prefix(image_space.size());
  if (!value.empty() || key.size() != sequence_bytes + sizeof(ImageNumber))
    return Error{ErrorCode::corrupt, "the note of a large record has the wrong size"};
  return KeptImage{.superseded_by = big_endian(key.substr(0, sequence_bytes)),
                   .number = big_endian(key.substr(sequence_bytes))};
}

Result<std::vector<ImageNumber>> erase_kept_images(const Disk& disk, graph::Sequence upto,
                                                   DiskBatch& batch) {
  std::vector<ImageNumber> numbers;
  TRY(disk.for_each(Table::meta, image_space,
                    [&](std::string_view key, std::string_view stored) -> Result<bool> {
                      if (!key.starts_with(image_space))
                        return false;
                      const KeptImage image = TRY(decode_kept_image(key, stored));
                      if (image.superseded_by > upto)
                        return false;
                      erase_kept_image(batch, image);
                      numbers.push_back(image.number);
                      return true;
                    }));
  return numbers;
}

std::string encode_named(std::string_view key, const graph::Record& record, ImageNumber image) {
  std::string row(1, elsewhere);
  append_big_endian(row, image);
  append_checksum(row, checksum_of(key, record));
  row += record.bytes().substr(0, graph::record_head_bytes);
  return with_checksum(key, row);
}

Result<StoredRecord> load_row(const Disk& disk, std::string_view key, std::string_view stored,
                              const graph::Dictionary& dictionary, std::string_view what) {
  const std::string_view row = TRY(without_checksum(key, stored, what));
  if (row.empty())
    return StoredRecord{};
  if (row.front() != elsewhere)
    return StoredRecord{.record = TRY(graph::load(row, dictionary)), .image = {}};
  if (row.size() != row_bytes)
    return Error{ErrorCode::corrupt, std::string(what) + ": the row has the wrong size"};
  const ImageNumber number = big_endian(row.substr(1, sizeof(ImageNumber)));
  const auto body = TRY(disk.image(number));
  if (!body)
    return Error{ErrorCode::corrupt, std::string(what) + ": its content, image " +
                                         std::to_string(number) + ", is missing"};
  std::string bytes(row.substr(row_bytes - graph::record_head_bytes));
  bytes += *body;
  graph::RecordRef record = TRY(graph::load(bytes, dictionary));
  std::string checksum;
  append_checksum(checksum, checksum_of(key, *record));
  if (checksum != row.substr(1 + sizeof(ImageNumber), checksum_bytes))
    return Error{ErrorCode::corrupt, std::string(what) + ": its content, image " +
                                         std::to_string(number) + ", does not fit"};
  return StoredRecord{.record = std::move(record), .image = number};
}

Result<void>
for_each_row(const Disk& disk, Table table,
             const std::function<Result<bool>(std::string_view, std::string_view)>& visit,
             const Disk::Snapshot* snapshot) {
  constexpr std::size_t read_ahead_bytes = std::size_t{1} << 20;
  std::string from;
  for (bool more = true; more;) {
    std::vector<std::pair<std::string, std::string>> rows;
    std::size_t bytes = 0;
    more = false;
    TRY(disk.for_each(
        table, from,
        [&](std::string_view key, std::string_view stored) -> Result<bool> {
          more = bytes >= read_ahead_bytes;
          if (more)
            from = key;
          else
            rows.emplace_back(key, stored);
          bytes += key.size() + stored.size();
          return !more;
        },
        snapshot));
    for (const auto& [key, stored] : rows)
      if (!TRY(visit(key, stored)))
        return {};
  }
  return {};
}

} // namespace diffo::store
