#include "base/url_text.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace diffo {
namespace {

/// Of a parameter in an error's path.
constexpr std::size_t longest_shown = 64;

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

Result<std::string> decode_bounded(std::string_view text) {
  std::string decoded = TRY(decode_query_text(text));
  if (decoded.size() > max_value_bytes)
    return Error{ErrorCode::invalid,
                 "a name or value may have at most " + std::to_string(max_value_bytes) + " bytes"};
  return decoded;
}

} // namespace

Result<std::string> percent_decode(std::string_view text, PlusSign plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '%') {
      decoded += c == '+' && plus == PlusSign::space ? ' ' : c;
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

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
}

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
  return percent_decode(text, PlusSign::space);
}

Result<std::vector<QueryText>> decode_query(std::string_view query, std::size_t max_count) {
  const std::vector<RawParameter> parameters = split_query(query);
  if (parameters.size() > max_count)
    return Error{ErrorCode::invalid,
                 "a request may have at most " + std::to_string(max_count) + " query parameters",
                 shortened(parameters[max_count].name, longest_shown)};
  std::vector<QueryText> texts;
  texts.reserve(parameters.size());
  for (const RawParameter& parameter : parameters) {
    auto name = decode_bounded(parameter.name);
    if (!name)
      return Error{name.error().code, name.error().message,
                   shortened(parameter.name, longest_shown)};
    auto value = decode_bounded(parameter.value);
    if (!value)
      return Error{value.error().code, value.error().message, shortened(*name, longest_shown)};
    texts.push_back({std::move(*name), std::move(*value), parameter.has_value});
  }
  return texts;
}

const QueryText* find_parameter(const std::vector<QueryText>& parameters, std::string_view name) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [name](const QueryText& one) { return one.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

} // namespace diffo
