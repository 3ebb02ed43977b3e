#pragma once

#include "base/byte_order.h"
#include "base/uuid.h"
#include "graph/compact_text.h"
#include "graph/packed.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// How values are packed (docs/formats/record.md §3): for those who write and read their bytes
/// alone.
namespace diffo::graph::layout {

// The first byte of a packed value.
enum Tag : std::uint8_t {
  tag_null = 0,
  tag_false = 1,
  tag_true = 2,
  tag_integer = 3,          // zigzag varint
  tag_real = 4,             // 8 bytes, little endian
  tag_number = 5,           // varint length, digits
  tag_text = 6,             // varint length, UTF-8 that needs no escape
  tag_escaped_text = 7,     // varint length, UTF-8 that needs escapes in JSON
  tag_word = 8,             // varint dictionary number
  tag_uuid = 9,             // 16 bytes, a lower-case canonical UUID
  tag_uuid_inside = 10,     // varint length, text before; 16 bytes; varint length, text after
  tag_array = 11,           // varint byte length, varint count, values
  tag_object = 12,          // varint byte length, varint count, (name, value)…
  tag_instant_ms = 13,      // zigzag varint, milliseconds since 1970 of "yyyy-mm-ddThh:mm:ss.mmmZ"
  tag_instant_s = 14,       // zigzag varint, seconds since 1970 of "yyyy-mm-ddThh:mm:ssZ"
  tag_short_text = 0x40,    // + length 0…63, then UTF-8 that needs no escape
  tag_small_integer = 0x80, // + value 0…127
};

inline constexpr std::size_t uuid_bytes = sizeof(Uuid::bytes);

inline std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

inline double real_of(std::string_view bytes) {
  return std::bit_cast<double>(little_endian(bytes));
}

/// Appends the letters of a text value whose tag has been read; false when the tag is not a text.
template <typename Out>
bool append_letters(std::uint8_t tag, PackedReader& in, const Dictionary& dictionary, Out& out) {
  if (tag >= tag_short_text && tag < tag_small_integer) {
    out += in.bytes(tag - tag_short_text);
    return true;
  }
  switch (tag) {
  case tag_text:
  case tag_escaped_text:
    out += in.bytes(in.varint());
    return true;
  case tag_word:
    out += dictionary.text(in.varint());
    return true;
  case tag_uuid_inside:
    out += in.bytes(in.varint());
    [[fallthrough]];
  case tag_uuid:
    if (const auto bytes = in.bytes(uuid_bytes); bytes.size() == uuid_bytes) {
      Uuid uuid;
      std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
      const auto letters = uuid.letters();
      out += std::string_view(letters.data(), letters.size());
    }
    if (tag == tag_uuid_inside)
      out += in.bytes(in.varint());
    return true;
  case tag_instant_ms:
  case tag_instant_s: {
    const CompactInstant instant{unzigzag(in.varint()), tag == tag_instant_ms};
    char made[longest_instant];
    out += std::string_view(made, write_instant(instant, made));
    return true;
  }
  default:
    return false;
  }
}

} // namespace diffo::graph::layout
