#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The dates of headers (RFC 9110 §5.6.7), in whole seconds since 1970.
namespace diffo::http {

/// The IMF-fixdate, e.g. "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::int64_t unix_seconds);

/// Reads the same, and the two obsolete forms; nothing for anything else.
std::optional<std::int64_t> parse_http_date(std::string_view text);

} // namespace diffo::http
