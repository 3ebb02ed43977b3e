#pragma once

#include "base/uuid.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// Texts that a record keeps shorter than they are written: UUIDs as bytes, date-times as numbers.
/// Only those from which exactly the same text can be made again.
namespace diffo::graph {

/// The place of the first UUID in lower case in the text, or npos.
std::size_t find_uuid(std::string_view text, Uuid& out);

/// "yyyy-mm-ddThh:mm:ssZ" in seconds, "yyyy-mm-ddThh:mm:ss.mmmZ" in milliseconds since 1970.
struct CompactInstant {
  std::int64_t count = 0;
  bool with_milliseconds = false;
};
/// Nothing for a text that is not made of such a number.
std::optional<CompactInstant> compact_instant(std::string_view text);
inline constexpr std::size_t longest_instant = 24;
/// Writes it; how many characters that were. Any count: one that no text was made of (a damaged
/// file) writes some date.
std::size_t write_instant(CompactInstant instant, char* out);

} // namespace diffo::graph
