#pragma once

#include <diffo/json.h>

#include <optional>
#include <string_view>

namespace diffo::json {

/// What is wrong with a text, and where.
struct Fault {
  ErrorCode code = ErrorCode::malformed;
  std::size_t offset = 0;
  std::string_view reason; ///< a literal
};

/// Finds the first place at which a text breaks RFC 8259 or the limits, byte by byte. The reader
/// asks it only after it has refused a text, to name the place. It does not look for duplicate
/// member names.
/// RFC 8259 §8.1: what editors of one vendor put before a text is no part of it.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::optional<Fault> find_fault(std::string_view text, std::size_t max_depth);

} // namespace diffo::json
