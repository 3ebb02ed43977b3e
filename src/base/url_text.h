#pragma once

#include <diffo/result.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace diffo {

/// One `name=value` of a query string as it came: nothing is decoded yet.
struct RawParameter {
  std::string_view name;
  std::string_view value;
  bool has_value = false; ///< false: there was no `=`
};

/// Splits a query string (without its `?`) at `&` and each part at its first `=`. Empty parts are
/// left out. The views look into `query`.
std::vector<RawParameter> split_query(std::string_view query);

/// Percent-decodes one name or value; `+` is a space, as browsers send it. Errors: malformed for a
/// `%` without two hexadecimal digits, for a result that is not UTF-8, and for NUL.
Result<std::string> decode_query_text(std::string_view text);

/// One parameter of a query string, decoded.
struct QueryText {
  std::string name;
  std::string value;
  bool has_value = false;
};

/// The longest decoded value of a parameter.
inline constexpr std::size_t max_value_bytes = 2048;

/// Splits and decodes a query string. Errors, each with the parameter as path: malformed for bad
/// encoding; invalid for more than `max_count` parameters and for values beyond max_value_bytes.
Result<std::vector<QueryText>> decode_query(std::string_view query, std::size_t max_count);

/// Appends text as a query value: everything but unreserved characters is percent-encoded (RFC 3986
/// §2.3).
void append_query_text(std::string& out, std::string_view text);

} // namespace diffo
