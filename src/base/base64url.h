#pragma once

#include <diffo/result.h>

#include <string>
#include <string_view>

namespace diffo {

/// Bytes as text that may stand in a URL as it is (RFC 4648 §5, without padding).
std::string base64url(std::string_view bytes);

/// The bytes again. Errors: malformed for what base64url() does not write.
Result<std::string> from_base64url(std::string_view text);

} // namespace diffo
