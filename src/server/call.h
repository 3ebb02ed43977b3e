#pragma once

#include "graph/change.h"
#include "http/message.h"
#include "http/router.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::server {

/// A request with who asks and with its responder, for handlers that answer later. Shared because
/// the callbacks of a store are copyable.
struct Call {
  http::Request request;
  http::Responder responder;
  std::shared_ptr<const graph::Principal> principal; ///< shared by all calls of one who asks
};
using CallRef = std::shared_ptr<Call>;

/// Adds a route whose handler gets calls, the one place where it is found out who asks. Routes are
/// ours: one that cannot be added is a mistake of ours.
void add_route(http::Router& router, http::Method method, std::string_view pattern,
               std::function<void(CallRef)> handler, http::RouteOptions options = {});

using Headers = std::vector<std::pair<std::string, std::string>>;

inline constexpr const char* json_type = "application/json";

void answer(Call& call, int status, std::string body, Headers headers = {},
            std::string_view type = json_type);
/// Answers with the error body every surface has (wire.md §11).
void answer_error(Call& call, const Error& error);
/// The same with the members of what was done before it.
void answer_error(Call& call, const Error& error, const json::Value& done);

/// Reads a body. What is too deep or too much for the reader is a bad request (wire.md §11); "too
/// large" is said of bytes alone.
Result<json::Value> read_json(std::string_view body);

/// "POST /path", for the journal.
std::string cause_of(const http::Request& request);

/// What absolute links begin with: the configured URL, else scheme, authority and prefix by which
/// the client came.
std::string origin_of(const http::Request& request, std::string_view public_url);

} // namespace diffo::server
