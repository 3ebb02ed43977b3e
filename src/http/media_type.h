#pragma once

#include "diffo/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::http {

/// A media type or range, e.g. `application/json;charset=utf-8` or `text/*;q=0.5` (RFC 9110 §8.3.1,
/// §12.5.1).
struct MediaType {
  std::string type;    ///< in lower case; "*" in a range
  std::string subtype; ///< in lower case; "*" in a range
  /// Names in lower case, quotes removed, without q.
  std::vector<std::pair<std::string, std::string>> parameters;
  /// The weight in thousandths.
  int quality = 1000;

  /// The value of the parameter, or "".
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

/// Reads one media type with its parameters.
Result<MediaType> parse_media_type(std::string_view text);

/// Reads an Accept header, at most 32 ranges. An empty text accepts everything.
Result<std::vector<MediaType>> parse_accept(std::string_view text);

/// Whether a Content-Type header names this type (`application/json`), whatever its parameters.
/// Does not allocate.
bool is_media_type(std::string_view content_type, std::string_view essence);

/// The index of the offered type that the Accept header likes best; the first among equals. None
/// when it excludes all. The most specific range that matches a type decides its weight. An Accept
/// header that cannot be read accepts everything: refusing to answer would help nobody.
std::optional<std::size_t> best_match(std::string_view accept,
                                      std::span<const std::string> offered);

} // namespace diffo::http
