#pragma once

#include "http/limits.h"
#include "http/message.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace diffo::http {

/// Why a request is refused before any handler sees it. The connection closes afterwards.
struct Refusal {
  int status = 400; ///< 0: it is not refused
  std::string_view message;
};

/// The head of a request. Views look into the bytes that it was read from.
struct RequestHead {
  Method method = Method::other;
  std::string_view method_token;
  std::string_view target;
  std::string_view path;
  std::string_view query;
  /// For whom it is: the target's authority, else Host's; empty only in HTTP/1.0 (RFC 9112 §3.2.2).
  std::string_view authority;
  std::vector<Header> headers;
  int minor_version = 1;
  bool keep_alive = true;
  bool expects_continue = false;
  bool has_body = false;
  bool is_chunked = false;
  std::optional<std::uint64_t> content_length;
};

/// Reads a head that is here completely, up to and with its empty line; `head` must be empty but
/// for the capacity of its list. Strict where leniency has let requests be smuggled past proxies
/// (RFC 9112 §11.2). A refusal of status 0 says that the head is good.
Refusal parse_head(std::string_view bytes, const Limits& limits, RequestHead& head);

} // namespace diffo::http
