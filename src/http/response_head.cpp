#include "http/response_head.h"

#include <algorithm>
#include <charconv>

namespace diffo::http {
namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

bool is_ours(std::string_view name) {
  return same_header_name(name, "content-length") || same_header_name(name, "transfer-encoding") ||
         same_header_name(name, "connection") || same_header_name(name, "date");
}

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

void append_framing(std::string& out, int status, const ResponseHeadOptions& options) {
  if (!may_have_body(status))
    return;
  switch (options.framing) {
  case Framing::length:
    out += "Content-Length: ";
    append_number(out, options.content_length);
    out += "\r\n";
    return;
  case Framing::chunked:
    out += "Transfer-Encoding: chunked\r\n";
    return;
  case Framing::by_close:
    return;
  }
}

} // namespace

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

bool append_response_head(std::string& out, const Response& response,
                          const ResponseHeadOptions& options) {
  if (response.status < 200 || response.status > 599 || !is_value(response.content_type))
    return false;
  for (const auto& [name, value] : response.headers)
    if (!is_token(name) || !is_value(value))
      return false;
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(response.status));
  out += ' ';
  out += reason_of(response.status);
  out += "\r\n";
  append_line(out, "Date", options.date);
  // What we say a body is, it is: no browser is to guess a script out of somebody's description.
  append_line(out, "X-Content-Type-Options", "nosniff");
  if (!response.content_type.empty() && may_have_body(response.status))
    append_line(out, "Content-Type", response.content_type);
  append_framing(out, response.status, options);
  for (const auto& [name, value] : response.headers)
    if (!is_ours(name))
      append_line(out, name, value);
  if (options.close)
    out += "Connection: close\r\n";
  else if (options.keep_alive_seconds > 0)
    append_line(out, "Keep-Alive", "timeout=" + std::to_string(options.keep_alive_seconds));
  out += "\r\n";
  return true;
}

} // namespace diffo::http
