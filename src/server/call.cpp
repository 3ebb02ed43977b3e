#include "server/call.h"

#include "server/principal.h"
#include "tmf/error_body.h"

#include <utility>

namespace diffo::server {

void add_route(http::Router& router, http::Method method, std::string_view pattern,
               std::function<void(CallRef)> handler, http::RouteOptions options) {
  const auto added = router.add(
      method, pattern,
      [handler = std::move(handler)](http::Request request, http::Responder responder) {
        handler(std::make_shared<Call>(
            Call{std::move(request), std::move(responder), local_principal()}));
      },
      std::move(options));
  DIFFO_ASSERT(added.has_value());
}

void answer(Call& call, int status, std::string body, Headers headers, std::string_view type) {
  http::Response response;
  response.status = status;
  if (!body.empty())
    response.content_type = type;
  response.headers = std::move(headers);
  response.body = std::move(body);
  call.responder.send(std::move(response));
}

namespace {

Headers headers_of(const Error& error) {
  if (error.code == ErrorCode::unavailable || error.code == ErrorCode::outcome_unknown)
    return {{"Retry-After", "5"}};
  return {};
}

} // namespace

void answer_error(Call& call, const Error& error) {
  answer(call, tmf::http_status(error.code), tmf::error_body(error), headers_of(error));
}

void answer_error(Call& call, const Error& error, const json::Value& done) {
  json::Object body = tmf::error_document(error);
  for (const auto& [name, value] : done.object())
    body.set(name, value);
  answer(call, tmf::http_status(error.code), json::to_text(body), headers_of(error));
}

Result<json::Value> read_json(std::string_view body) {
  auto value = json::read(body);
  if (value || value.error().code != ErrorCode::too_large)
    return value;
  Error error = std::move(value).error();
  error.code = ErrorCode::malformed;
  return error;
}

std::string cause_of(const http::Request& request) {
  return std::string(request.method_token) + ' ' + std::string(request.path);
}

std::string origin_of(const http::Request& request, std::string_view public_url) {
  if (!public_url.empty())
    return std::string(public_url);
  std::string origin(request.scheme);
  origin += "://";
  origin += request.authority;
  return origin += request.prefix;
}

} // namespace diffo::server
