#include "base/url_text.h"

#include <algorithm>
#include <utility>

namespace diffo {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// The length of the well-formed UTF-8 sequence at the front, or 0 (RFC 3629 §4).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto is_tail = [&](std::size_t at) {
    return at < text.size() && (byte(at) & 0xC0) == 0x80;
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return is_tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!is_tail(1) || !is_tail(2) || (lead == 0xE0 && byte(1) < 0xA0) ||
        (lead == 0xED && byte(1) > 0x9F))
      return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!is_tail(1) || !is_tail(2) || !is_tail(3) || (lead == 0xF0 && byte(1) < 0x90) ||
        (lead == 0xF4 && byte(1) > 0x8F))
      return 0;
    return 4;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

} // namespace

std::vector<RawParameter> split_query(std::string_view query) {
  std::vector<RawParameter> parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty())
      continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos)
      parameters.push_back({part, {}, false});
    else
      parameters.push_back({part.substr(0, equals), part.substr(equals + 1), true});
  }
  return parameters;
}

Result<std::string> decode_query_text(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '%') {
      decoded += c == '+' ? ' ' : c;
      continue;
    }
    const int high = at + 1 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
    if (high < 0 || low < 0)
      return Error{ErrorCode::malformed, "\"%\" must be followed by two hexadecimal digits"};
    decoded += static_cast<char>(high * 16 + low);
    at += 2;
  }
  if (!is_utf8(decoded))
    return Error{ErrorCode::malformed, "the text is not UTF-8"};
  if (decoded.find('\0') != std::string::npos)
    return Error{ErrorCode::malformed, "the text must not contain NUL"};
  return decoded;
}

Result<std::vector<QueryText>> decode_query(std::string_view query, std::size_t max_count) {
  constexpr std::size_t longest_path = 64; // of an error
  const std::vector<RawParameter> parameters = split_query(query);
  if (parameters.size() > max_count)
    return Error{ErrorCode::invalid,
                 "a request may have at most " + std::to_string(max_count) + " query parameters",
                 std::string(parameters[max_count].name.substr(0, longest_path))};
  std::vector<QueryText> texts;
  texts.reserve(parameters.size());
  for (const RawParameter& parameter : parameters) {
    auto name = decode_query_text(parameter.name);
    auto value = decode_query_text(parameter.value);
    if (!name || !value)
      return Error{ErrorCode::malformed, name ? value.error().message : name.error().message,
                   std::string(parameter.name.substr(0, longest_path))};
    if (value->size() > max_value_bytes)
      return Error{ErrorCode::invalid,
                   "a value may have at most " + std::to_string(max_value_bytes) + " bytes",
                   name->substr(0, longest_path)};
    texts.push_back({std::move(*name), std::move(*value), parameter.has_value});
  }
  return texts;
}

void append_query_text(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
      continue;
    }
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

} // namespace diffo
