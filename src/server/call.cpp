#include "server/call.h"

#include "tmf/error_body.h"

#include <utility>

namespace diffo::server {

void answer(Call& call, int status, std::string body, Headers headers, std::string_view type) {
  http::Response response;
  response.status = status;
  if (!body.empty())
    response.content_type = type;
  response.headers = std::move(headers);
  response.body = std::move(body);
  call.responder.send(std::move(response));
}

void answer_error(Call& call, const Error& error) {
  const int status = tmf::http_status(error.code);
  Headers headers;
  if (error.code == ErrorCode::unavailable)
    headers.emplace_back("Retry-After", "5");
  answer(call, status, tmf::error_body(error), std::move(headers));
}

Result<json::Value> read_json(std::string_view body) {
  auto value = json::read(body);
  if (value || value.error().code != ErrorCode::too_large)
    return value;
  Error error = std::move(value).error();
  error.code = ErrorCode::malformed;
  return error;
}

std::string entity_tag(std::uint64_t sequence) {
  return '"' + std::to_string(sequence) + '"';
}

bool names_tag(std::string_view header, std::uint64_t sequence, bool weak_too) {
  const std::string wanted = entity_tag(sequence);
  while (!header.empty()) {
    const std::size_t comma = header.find(',');
    std::string_view tag = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
    while (!tag.empty() && (tag.front() == ' ' || tag.front() == '\t'))
      tag.remove_prefix(1);
    while (!tag.empty() && (tag.back() == ' ' || tag.back() == '\t'))
      tag.remove_suffix(1);
    if (tag == "*")
      return true;
    if (weak_too && tag.starts_with("W/"))
      tag.remove_prefix(2);
    if (tag == wanted)
      return true;
  }
  return false;
}

rules::Precondition precondition_of(const http::Request& request) {
  if (!request.has_header("If-Match"))
    return {};
  return {[tags = request.joined_header("If-Match")](graph::Sequence sequence) {
    return names_tag(tags, sequence, false);
  }};
}

std::string origin_of(const http::Request& request, std::string_view public_url) {
  if (!public_url.empty())
    return std::string(public_url);
  return "http://" + std::string(request.header("Host"));
}

} // namespace diffo::server
