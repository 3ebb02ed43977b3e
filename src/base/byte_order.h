#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace diffo {

/// All bytes of a number appended, and the number of at most eight bytes. Highest first, the bytes
/// are ordered like the numbers.
template <std::unsigned_integral Number> void append_big_endian(std::string& out, Number value) {
  for (std::size_t left = sizeof value; left > 0; --left)
    out += static_cast<char>(std::uint64_t{value} >> (8 * (left - 1)) & 0xff);
}

constexpr std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes)
    value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

/// Likewise, lowest first.
template <std::unsigned_integral Number> void append_little_endian(std::string& out, Number value) {
  for (std::size_t index = 0; index < sizeof value; ++index)
    out += static_cast<char>(std::uint64_t{value} >> (8 * index) & 0xff);
}

constexpr std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t left = bytes.size(); left > 0; --left)
    value = value << 8 | static_cast<unsigned char>(bytes[left - 1]);
  return value;
}

} // namespace diffo
