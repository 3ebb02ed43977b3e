#include "store/table_file.h"

#include "base/byte_order.h"
#include "base/checksum.h"
#include "graph/packed.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The form of a block based table of RocksDB, as far as it leads to the properties: blocks, each
/// with a trailer of type (1 byte) and checksum (4); at the end a footer of checksum type (1), the
/// place of the index of such blocks and that of the data's (varints, filled up), version (4) and
/// magic number (8). A place is offset and size, without the trailer. Numbers are little endian.
namespace diffo::store {
namespace {

constexpr std::size_t footer_bytes = 53;
constexpr std::size_t magic_bytes = 8;
constexpr std::string_view magic = "\xf7\xcf\xf4\x85\xb7\x41\xe2\x88";
constexpr char type_crc32c = 1;
constexpr std::size_t type_bytes = 1;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t restart_bytes = 4;
constexpr std::uint64_t largest_block = std::uint64_t{1} << 20;
constexpr std::string_view properties = "rocksdb.properties";

struct Place {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// The engine keeps checksums of bytes that may hold checksums turned and shifted.
std::uint32_t masked(std::uint32_t checksum) {
  return (checksum >> 15U | checksum << 17U) + 0xa282ead8U;
}

Place place_in(graph::PackedReader& in) {
  const std::uint64_t offset = in.varint();
  return {offset, in.varint()};
}

/// Where the index of the blocks that are no data says that the properties are.
std::optional<Place> properties_in(std::string_view block) {
  if (block.size() < restart_bytes)
    return std::nullopt;
  const std::uint64_t restarts = little_endian(block.substr(block.size() - restart_bytes));
  const std::uint64_t behind = (restarts + 1) * restart_bytes;
  if (behind > block.size())
    return std::nullopt;
  graph::PackedReader in(block.substr(0, block.size() - behind));
  std::string name;
  while (!in.at_end()) {
    const std::uint64_t shared = in.varint();
    const std::uint64_t own = in.varint();
    const std::uint64_t value_bytes = in.varint();
    if (shared > name.size())
      return std::nullopt;
    name.resize(shared);
    name += in.bytes(own);
    graph::PackedReader value = in.sub(value_bytes);
    if (in.ok() && name == properties)
      return place_in(value);
  }
  return std::nullopt;
}

class TableEnd {
public:
  TableEnd(const rocksdb::FSRandomAccessFile& file, std::uint64_t size)
      : file_(file), size_(size) {}

  rocksdb::IOStatus check() const {
    if (size_ < footer_bytes)
      return damaged("it is too short");
    std::string footer;
    rocksdb::IOStatus status = read({size_ - footer_bytes, footer_bytes}, footer);
    if (!status.ok())
      return status;
    return check(footer);
  }

private:
  rocksdb::IOStatus check(std::string_view footer) const {
    if (footer.substr(footer_bytes - magic_bytes) != magic || footer.front() != type_crc32c)
      return damaged("its end");
    graph::PackedReader in(footer.substr(type_bytes));
    std::string index;
    rocksdb::IOStatus status = read_block(place_in(in), index);
    if (!status.ok())
      return status;
    return check_properties(index);
  }

  rocksdb::IOStatus check_properties(std::string_view index) const {
    const auto place = properties_in(index);
    if (!place)
      return damaged("its index of blocks");
    std::string block;
    return read_block(*place, block);
  }

  static rocksdb::IOStatus damaged(const char* what) {
    return rocksdb::IOStatus::Corruption("a table file is damaged", what);
  }

  rocksdb::IOStatus read(Place place, std::string& bytes) const {
    bytes.resize(place.size);
    rocksdb::Slice got;
    rocksdb::IOStatus status =
        file_.Read(place.offset, place.size, rocksdb::IOOptions(), &got, bytes.data(), nullptr);
    if (status.ok() && got.size() != place.size)
      return damaged("it is too short");
    if (status.ok() && got.data() != bytes.data())
      bytes.assign(got.data(), got.size());
    return status;
  }

  rocksdb::IOStatus read_block(Place place, std::string& block) const {
    constexpr std::uint64_t trailer = type_bytes + checksum_bytes;
    if (place.size > largest_block || place.offset > size_ || size_ - place.offset < trailer ||
        place.size > size_ - place.offset - trailer)
      return damaged("the place of a block");
    rocksdb::IOStatus status = read({place.offset, place.size + trailer}, block);
    if (!status.ok())
      return status;
    const std::string_view bytes = block;
    const std::string_view summed = bytes.substr(0, place.size + type_bytes);
    if (masked(crc32c(summed)) != little_endian(bytes.substr(summed.size())))
      return damaged("a checksum");
    block.resize(place.size);
    return status;
  }

  const rocksdb::FSRandomAccessFile& file_;
  const std::uint64_t size_;
};

} // namespace

rocksdb::IOStatus check_table_end(const rocksdb::FSRandomAccessFile& file, std::uint64_t size) {
  return TableEnd(file, size).check();
}

} // namespace diffo::store
