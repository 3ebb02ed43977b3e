#include "base/text.h"
#include "json/json_path_reader.h"

#include <cstdint>

// What stands in quotes (RFC 9535 §2.3.1.1).
namespace diffo::json::path {
namespace {

void append_utf8(std::string& out, std::uint32_t point) {
  const auto byte = [&out](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (point < 0x80)
    return byte(point);
  if (point < 0x800) {
    byte(0xC0U | (point >> 6U));
    return byte(0x80U | (point & 0x3FU));
  }
  if (point < 0x10000) {
    byte(0xE0U | (point >> 12U));
  } else {
    byte(0xF0U | (point >> 18U));
    byte(0x80U | ((point >> 12U) & 0x3FU));
  }
  byte(0x80U | ((point >> 6U) & 0x3FU));
  byte(0x80U | (point & 0x3FU));
}

} // namespace

Result<std::string> Reader::quoted() {
  const char quote = next();
  ++at_;
  std::string out;
  while (!at_end() && next() != quote) {
    const char c = next();
    if (static_cast<unsigned char>(c) < 0x20)
      return wrong("no control character");
    ++at_;
    if (c == '\\')
      TRY(escape(quote, out));
    else
      out += c;
  }
  if (at_end())
    return wrong("a quotation mark");
  ++at_;
  return out;
}

Result<void> Reader::escape(char quote, std::string& out) {
  constexpr std::string_view letters = "bfnrt/\\";
  constexpr std::string_view meanings = "\b\f\n\r\t/\\";
  const char c = next();
  const std::size_t known = at_end() ? std::string_view::npos : letters.find(c);
  if (known == std::string_view::npos && (at_end() || (c != quote && c != 'u')))
    return wrong("an escape of JSON");
  ++at_;
  if (c != 'u') {
    out += known == std::string_view::npos ? c : meanings[known];
    return {};
  }
  std::uint32_t point = TRY(hexadecimal());
  if (point >= 0xD800 && point < 0xDC00) {
    if (!take("\\u"))
      return wrong("the second half of a pair");
    const std::uint32_t low = TRY(hexadecimal());
    if (low < 0xDC00 || low > 0xDFFF)
      return wrong("the second half of a pair");
    point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
  } else if (point >= 0xDC00 && point < 0xE000) {
    return wrong("no lone surrogate");
  }
  append_utf8(out, point);
  return {};
}

Result<std::uint32_t> Reader::hexadecimal() {
  std::uint32_t value = 0;
  for (int count = 0; count < 4; ++count, ++at_) {
    const int digit = hex_digit(next());
    if (digit < 0)
      return wrong("a hexadecimal digit");
    value = value * 16 + static_cast<std::uint32_t>(digit);
  }
  return value;
}

} // namespace diffo::json::path
