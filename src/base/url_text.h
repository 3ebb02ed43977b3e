#pragma once

#include <diffo/result.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diffo {

enum class PlusSign : std::uint8_t { literal, space };

/// Decodes `%XX` (RFC 3986 §2.1). Errors: malformed for a `%` without two hexadecimal digits, for a
/// result that is not UTF-8, and for NUL.
Result<std::string> percent_decode(std::string_view text, PlusSign plus = PlusSign::literal);

/// Appends the text with everything but unreserved characters (RFC 3986 §2.3) as `%XX`: safe as a
/// path segment and as the name or value of a query parameter.
void append_percent_encoded(std::string& out, std::string_view text);

/// One `name=value` of a query string as it came: nothing is decoded yet.
struct RawParameter {
  std::string_view name;
  std::string_view value;
  bool has_value = false; ///< false: there was no `=`
};

/// Splits a query string (without its `?`) at `&` and each part at its first `=`. Empty parts are
/// left out. The views look into `query`.
std::vector<RawParameter> split_query(std::string_view query);

/// Decodes one name or value; `+` is a space, as browsers send it. Errors as percent_decode.
Result<std::string> decode_query_text(std::string_view text);

/// One parameter of a query string, decoded.
struct QueryText {
  std::string name;
  std::string value;
  bool has_value = false;
};

/// The longest decoded name or value of a parameter.
inline constexpr std::size_t max_value_bytes = 2048;

/// Splits and decodes a query string. Errors, each with the parameter as path: malformed for bad
/// encoding; invalid for more than `max_count` parameters and for names and values beyond
/// max_value_bytes.
Result<std::vector<QueryText>> decode_query(std::string_view query, std::size_t max_count);

/// The first parameter with this decoded name, or null.
const QueryText* find_parameter(const std::vector<QueryText>& parameters, std::string_view name);

} // namespace diffo
