#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// Texts that a record keeps shorter than they are written: UUIDs as bytes, date-times as numbers.
/// Only those from which exactly the same text can be made again.
namespace diffo::graph {

inline constexpr std::size_t uuid_bytes = 16;
inline constexpr std::size_t uuid_text_length = 36;
/// What one of them is written as at most.
inline constexpr std::size_t longest_compact_text = uuid_text_length;

/// The place of the first lower-case UUID in the text, or npos.
std::size_t find_uuid(std::string_view text, std::array<std::uint8_t, uuid_bytes>& out);
/// Writes the 36 characters of 16 bytes.
void write_uuid(const char* bytes, char* out);

/// "yyyy-mm-ddThh:mm:ssZ" in seconds, "yyyy-mm-ddThh:mm:ss.mmmZ" in milliseconds since 1970.
struct CompactInstant {
  std::int64_t count = 0;
  bool with_milliseconds = false;
};
/// Nothing for a text that is not made of such a number.
std::optional<CompactInstant> compact_instant(std::string_view text);
/// Writes it; how many characters that were. Any count: one that no text was made of (a damaged
/// file) writes some date.
std::size_t write_instant(CompactInstant instant, char* out);

} // namespace diffo::graph
