#include "base/text.h"

#include <algorithm>
#include <array>

namespace diffo {
namespace {

constexpr std::size_t longest_id = 255;

/// One character at the front of a text.
struct Character {
  std::size_t bytes = 0; ///< 0: the front is not well-formed UTF-8
  char32_t code = 0;
};

bool is_tail(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

/// Table 3-7 of the Unicode standard; RFC 3629 §4.
Character front_of(std::string_view text) {
  const auto byte = [text](std::size_t at) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[at]));
  };
  const char32_t lead = byte(0);
  if (lead < 0x80)
    return {1, lead};
  if (lead >= 0xC2 && lead <= 0xDF && is_tail(text, 1))
    return {2, (lead & 0x1FU) << 6U | (byte(1) & 0x3FU)};
  if (lead >= 0xE0 && lead <= 0xEF && is_tail(text, 1) && is_tail(text, 2)) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) > 0x9F;
    if (!overlong && !surrogate)
      return {3, (lead & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU)};
  }
  if (lead >= 0xF0 && lead <= 0xF4 && is_tail(text, 1) && is_tail(text, 2) && is_tail(text, 3)) {
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
    if (!overlong && !beyond)
      return {4, (lead & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U | (byte(2) & 0x3FU) << 6U |
                     (byte(3) & 0x3FU)};
  }
  return {};
}

bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F);
}

/// What makes a terminal show a line otherwise than it reads: line and paragraph separators, and
/// the marks, embeddings, overrides and isolates of direction.
bool is_deceptive(char32_t code) {
  return code == 0x2028 || code == 0x2029 || code == 0x200E || code == 0x200F || code == 0x061C ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    if (c == '\n' || c == '\t' || c == '\r') {
      out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r";
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += digits[byte >> 4U];
    out += digits[byte & 0x0FU];
  }
}

} // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = front_of(text).bytes;
    if (bytes == 0)
      return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string_view cut_text(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes)
    return text;
  std::size_t end = most_bytes;
  // No character has more than three tails; more of them are no text, and are cut where they stand.
  for (int tails = 0; tails < 3 && end > 0 && is_tail(text, end); ++tails)
    --end;
  return text.substr(0, is_tail(text, end) ? most_bytes : end);
}

std::string shortened(std::string_view text, std::size_t most_bytes) {
  const std::string_view shown = cut_text(text, most_bytes);
  std::string out;
  for (std::string_view rest = shown; !rest.empty();) {
    const std::size_t bytes = front_of(rest).bytes;
    out += bytes > 0 ? rest.substr(0, bytes) : std::string_view("\xEF\xBF\xBD");
    rest.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  if (shown.size() < text.size())
    out += "...";
  return out;
}

void append_printable(std::string& out, std::string_view text, Quoting quoting) {
  while (!text.empty()) {
    const Character next = front_of(text);
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(next.bytes, 1));
    text.remove_prefix(bytes.size());
    if (next.bytes == 0 || is_control(next.code) || is_deceptive(next.code)) {
      append_escaped(out, bytes);
      continue;
    }
    if (quoting == Quoting::quoted && (bytes == "\"" || bytes == "\\"))
      out += '\\';
    out += bytes;
  }
}

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > longest_id || text == "." || text == "..")
    return false;
  while (!text.empty()) {
    const Character next = front_of(text);
    if (next.bytes == 0 || is_control(next.code) || next.code == U'/' || next.code == U'?' ||
        next.code == U'#')
      return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

std::string small_letters(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(), small_letter);
  return small;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

} // namespace diffo
