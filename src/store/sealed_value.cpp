#include "store/sealed_value.h"

#include "base/checksum.h"

namespace diffo::store {

std::uint32_t checksum_of(std::string_view key, std::string_view value) {
  return crc32c(value, crc32c(key));
}

std::string with_checksum(std::string_view key, std::string_view value) {
  std::string out;
  out.reserve(value.size() + 4);
  out += value;
  const std::uint32_t checksum = checksum_of(key, value);
  for (unsigned shift = 0; shift < 32; shift += 8)
    out += static_cast<char>(checksum >> shift & 0xff);
  return out;
}

Result<std::string_view> without_checksum(std::string_view key, std::string_view stored,
                                          std::string_view what) {
  if (stored.size() >= 4) {
    const std::string_view value = stored.substr(0, stored.size() - 4);
    std::uint32_t expected = 0;
    for (std::size_t index = 0; index < 4; ++index)
      expected |=
          static_cast<std::uint32_t>(static_cast<unsigned char>(stored[value.size() + index]))
          << (8 * index);
    if (checksum_of(key, value) == expected)
      return value;
  }
  return Error{ErrorCode::corrupt, std::string(what) + ": the checksum does not fit"};
}

std::uint64_t digest_of(std::string_view key, std::string_view value) {
  const std::uint64_t both =
      std::uint64_t{checksum_of(key, value)} << 32 | crc32c(key, 0x9e3779b9U);
  return both * 0x9e3779b97f4a7c15ULL ^ (both >> 29);
}

} // namespace diffo::store
