#pragma once

#include <cstdint>
#include <string_view>

namespace diffo {

/// CRC-32C (Castagnoli, RFC 3720 §B.4) of the bytes; detects accidents, not attackers. Pass the
/// checksum of what came before to continue it: crc32c("ab") == crc32c("b", crc32c("a")).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

/// The checksum of two texts, one after the other, from those of each: crc32c(a + b) is
/// crc32c_of_both(crc32c(a), crc32c(b), b.size()). Costs the logarithm of the length.
std::uint32_t crc32c_of_both(std::uint32_t first, std::uint32_t second, std::uint64_t second_size);

namespace detail {
/// The same without the processor's instruction, for tests and for processors that have none.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before);
} // namespace detail

} // namespace diffo
