#include "base/base64url.h"

#include <cstdint>

namespace diffo {
namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned digit_bits = 6;
constexpr unsigned byte_bits = 8;

} // namespace

std::string base64url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * byte_bits + digit_bits - 1) / digit_bits);
  std::uint32_t held = 0;
  unsigned held_bits = 0;
  for (const char c : bytes) {
    held = held << byte_bits | static_cast<unsigned char>(c);
    for (held_bits += byte_bits; held_bits >= digit_bits; held_bits -= digit_bits)
      text += digits[held >> (held_bits - digit_bits) & 0x3FU];
    held &= (1U << held_bits) - 1;
  }
  if (held_bits > 0)
    text += digits[held << (digit_bits - held_bits) & 0x3FU];
  return text;
}

Result<std::string> from_base64url(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * digit_bits / byte_bits);
  std::uint32_t held = 0;
  unsigned held_bits = 0;
  for (const char c : text) {
    const std::size_t value = digits.find(c);
    if (value == std::string_view::npos)
      return Error{ErrorCode::malformed, "has a character that base64url has not"};
    held = held << digit_bits | static_cast<std::uint32_t>(value);
    held_bits += digit_bits;
    if (held_bits >= byte_bits) {
      held_bits -= byte_bits;
      bytes += static_cast<char>(held >> held_bits & 0xFFU);
      held &= (1U << held_bits) - 1;
    }
  }
  if (held_bits >= digit_bits || held != 0)
    return Error{ErrorCode::malformed, "does not end as base64url does"};
  return bytes;
}

} // namespace diffo
