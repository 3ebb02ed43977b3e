#pragma once

#include "graph/record.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Layout of a record (docs/formats/record.md §1): a fixed head, the packed id, the root element.
/// For those who write and read its bytes alone.
namespace diffo::graph::layout {

inline constexpr std::uint8_t format_version = 1;
inline constexpr std::size_t head_bytes = record_head_bytes;
inline constexpr std::uint8_t flag_expected = 1;

inline constexpr std::uint8_t has_uuid = 1;
inline constexpr std::uint8_t has_edge_target = 2;
inline constexpr std::uint8_t has_fields = 4;
inline constexpr std::uint8_t has_extra_members = 8;
inline constexpr std::uint8_t has_child_elements = 16;
inline constexpr std::uint8_t verbatim_value = 32;
inline constexpr std::uint8_t in_newer_form = 64;
inline constexpr std::uint8_t has_blocks = 128;
inline constexpr int max_element_depth = 16;

template <typename T> void put(char* out, T value) {
  for (std::size_t index = 0; index < sizeof(T); ++index)
    out[index] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * index) & 0xff);
}

template <typename T> T get(const char* in) {
  T value;
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(&value, in, sizeof value);
  return value;
}

} // namespace diffo::graph::layout
