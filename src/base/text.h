#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace diffo {

/// Whether the bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// The longest beginning of at most so many bytes that ends between two characters.
std::string_view cut_text(std::string_view text, std::size_t most_bytes);

/// The text for a message: what is longer is cut between two characters and ends in "...", and what
/// is not UTF-8 is replaced by U+FFFD. At most `most_bytes`, but for replacements, and three for
/// the dots.
std::string shortened(std::string_view text, std::size_t most_bytes);

/// Appends the text so that it stays within its line and its word on a terminal or in a log:
/// control characters (C0, DEL, C1), what turns the direction of writing, and what is not UTF-8
/// become
/// `\n`, `\t` or `\xNN`, one for each byte. A backslash is doubled only where `quoted` says that
/// the text stands between quotation marks, which are then escaped too.
enum class Quoting : unsigned char { bare, quoted };
void append_printable(std::string& out, std::string_view text, Quoting quoting = Quoting::bare);
std::string printable(std::string_view text);

/// ASCII letters in their small form, all else as it is: for names that compare without case.
constexpr char small_letter(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
std::string small_letters(std::string_view text);

/// Without blanks and tabs at its ends: the optional whitespace of headers (RFC 9110 §5.6.3).
std::string_view trimmed(std::string_view text);

/// The value of a hexadecimal digit of either case; -1 for what is none.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// The rule for ids, wherever one is taken (docs/spec: ids): UTF-8 of 1 to 255 bytes without
/// control characters (C0, DEL, C1), '/', '?' and '#', and not "." or "..", which no path can name.
bool is_id(std::string_view text);
inline constexpr std::string_view id_rule =
    "an id has 1 to 255 bytes without control characters, /, ? and #, and is not . or ..";

} // namespace diffo
