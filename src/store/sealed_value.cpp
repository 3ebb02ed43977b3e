#include "store/sealed_value.h"

#include "base/byte_order.h"
#include "base/checksum.h"

namespace diffo::store {

std::uint32_t checksum_of(std::string_view key, std::string_view value) {
  return crc32c(value, crc32c(key));
}

std::uint32_t checksum_of(std::string_view key, const graph::Record& record) {
  const std::string_view bytes = record.bytes();
  const std::uint32_t head = crc32c(bytes.substr(0, graph::record_head_bytes), crc32c(key));
  return crc32c_of_both(head, record.body_checksum(), bytes.size() - graph::record_head_bytes);
}

void append_checksum(std::string& out, std::uint32_t checksum) {
  append_little_endian(out, checksum);
}

std::string with_checksum(std::string_view key, std::string_view value) {
  std::string out;
  out.reserve(value.size() + 4);
  out += value;
  append_checksum(out, checksum_of(key, value));
  return out;
}

Result<std::string_view> without_checksum(std::string_view key, std::string_view stored,
                                          std::string_view what) {
  if (stored.size() >= 4) {
    const std::string_view value = stored.substr(0, stored.size() - 4);
    if (checksum_of(key, value) == little_endian(stored.substr(value.size())))
      return value;
  }
  return Error{ErrorCode::corrupt, std::string(what) + ": the checksum does not fit"};
}

std::uint64_t digest_of(std::string_view key, std::string_view value) {
  return digest_of(key, checksum_of(key, value));
}

std::uint64_t digest_of(std::string_view key, std::uint32_t checksum) {
  const std::uint64_t both = std::uint64_t{checksum} << 32 | crc32c(key, 0x9e3779b9U);
  return both * 0x9e3779b97f4a7c15ULL ^ (both >> 29);
}

} // namespace diffo::store
