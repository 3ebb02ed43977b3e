#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace diffo {

/// Appends all bytes of a number, the highest first: as bytes they are ordered like the numbers.
template <std::unsigned_integral Number> void append_big_endian(std::string& out, Number value) {
  for (std::size_t left = sizeof value; left > 0; --left)
    out += static_cast<char>(std::uint64_t{value} >> (8 * (left - 1)) & 0xff);
}

/// The number of at most eight bytes.
constexpr std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes)
    value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

} // namespace diffo
