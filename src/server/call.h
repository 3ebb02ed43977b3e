#pragma once

#include "http/message.h"
#include "model/api.h"
#include "rules/instances.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::server {

/// A request with its responder, for handlers that answer later. Shared because the callbacks of a
/// store are copyable.
struct Call {
  http::Request request;
  http::Responder responder;
};
using CallRef = std::shared_ptr<Call>;

using Headers = std::vector<std::pair<std::string, std::string>>;

inline constexpr const char* json_type = "application/json";

void answer(Call& call, int status, std::string body, Headers headers = {},
            std::string_view type = json_type);
/// Answers with the error body every surface has (wire.md §11).
void answer_error(Call& call, const Error& error);

/// Reads a body. What is too deep or too much for the reader is a bad request (wire.md §11); "too
/// large" is said of bytes alone.
Result<json::Value> read_json(std::string_view body);

/// `"12"` of a sequence.
std::string entity_tag(std::uint64_t sequence);
/// Whether an If-Match or If-None-Match header names the tag; `*` names any. Weak tags count only
/// when `weak_too`.
bool names_tag(std::string_view header, std::uint64_t sequence, bool weak_too);

/// What If-Match demands of the version at the tip (RFC 9110 §13.1.1); nothing without the header.
rules::Precondition precondition_of(const http::Request& request);

/// The scheme and authority for absolute links: the configured one, else `http://` and the
/// request's Host.
std::string origin_of(const http::Request& request, std::string_view public_url);

} // namespace diffo::server
