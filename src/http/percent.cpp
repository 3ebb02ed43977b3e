#include "http/percent.h"

#include <algorithm>

namespace diffo::http {
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

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// The length of the well-formed sequence at the front of `text`, 0 if there is none. Table 3-7 of
/// the Unicode standard.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [text](std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
  };
  const auto continues = [&byte](std::size_t index) { return (byte(index) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first <= 0xDF)
    return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return byte(1) >= low && byte(1) <= high && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return byte(1) >= low && byte(1) <= high && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

} // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

Result<std::string> percent_decode(std::string_view text, PlusSign plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t index = 0; index < text.size(); ++index) {
    const char c = text[index];
    if (c == '\0')
      return Error{ErrorCode::malformed, "a NUL is not allowed"};
    if (c == '+' && plus == PlusSign::space) {
      decoded += ' ';
    } else if (c != '%') {
      decoded += c;
    } else {
      const int high = index + 1 < text.size() ? hex_digit(text[index + 1]) : -1;
      const int low = index + 2 < text.size() ? hex_digit(text[index + 2]) : -1;
      if (high < 0 || low < 0)
        return Error{ErrorCode::malformed, "'%' is not followed by two hexadecimal digits"};
      if (high == 0 && low == 0)
        return Error{ErrorCode::malformed, "%00 is not allowed"};
      decoded += static_cast<char>(high * 16 + low);
      index += 2;
    }
  }
  if (!is_utf8(decoded))
    return Error{ErrorCode::malformed, "the percent-decoded text is not UTF-8"};
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
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

Result<std::vector<std::string>> path_segments(std::string_view raw_path) {
  std::vector<std::string> segments;
  if (!raw_path.empty() && raw_path.front() == '/')
    raw_path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = std::min(raw_path.find('/'), raw_path.size());
    segments.push_back(TRY(percent_decode(raw_path.substr(0, slash))));
    if (slash == raw_path.size())
      return segments;
    raw_path.remove_prefix(slash + 1);
  }
}

} // namespace diffo::http
