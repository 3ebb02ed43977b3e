#pragma once

#include "http/message.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace diffo::http {

/// How the end of an answer's body is marked.
enum class Framing : std::uint8_t {
  length,  ///< Content-Length
  chunked, ///< Transfer-Encoding: chunked
  by_close ///< the end of the connection (HTTP/1.0 clients)
};

struct ResponseHeadOptions {
  Framing framing = Framing::length;
  std::uint64_t content_length = 0;
  bool close = false;
  std::string_view date; ///< IMF-fixdate, RFC 9110 §5.6.7
  /// How long the connection waits for the next request; 0: it is not said.
  std::int64_t keep_alive_seconds = 0;
};

/// Whether an answer with this status carries content at all (RFC 9110 §6.4.1).
bool may_have_body(int status);

/// Appends status line and headers up to the empty line. Returns false, with `out` as it was, when
/// the response would break the message: a status outside 200–599, a header name that is no token,
/// control characters in a value.
bool append_response_head(std::string& out, const Response& response,
                          const ResponseHeadOptions& options);

} // namespace diffo::http
