#pragma once

#include <diffo/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace diffo::tmf {

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

/// Appends text as a query value: everything but unreserved characters is percent-encoded (RFC 3986
/// §2.3).
void append_query_text(std::string& out, std::string_view text);

} // namespace diffo::tmf
