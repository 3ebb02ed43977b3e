#pragma once

#include "diffo/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::http {

enum class PlusSign : std::uint8_t { literal, space };

/// Decodes `%XX` (RFC 3986 §2.1). Fails on an incomplete or non-hexadecimal escape, on a NUL, and
/// when the result is not UTF-8.
Result<std::string> percent_decode(std::string_view text, PlusSign plus = PlusSign::literal);

/// Appends the text with everything but RFC 3986's unreserved characters as `%XX`: safe as a path
/// segment and as the name or value of a query parameter.
void append_percent_encoded(std::string& out, std::string_view text);

/// The segments between the slashes of a raw path, each decoded by itself, so that `%2F` stays
/// inside its segment.
/// "/a/b%2Fc/" gives "a", "b/c", "".
Result<std::vector<std::string>> path_segments(std::string_view raw_path);

/// Whether the bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

} // namespace diffo::http
