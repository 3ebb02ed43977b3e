#include <diffo/json.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace diffo::json {
namespace {

/// RFC 8259 §7: these must be escaped; all else may stand as it is.
bool must_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// The first byte that must be escaped, eight at a time.
const char* find_escape(const char* at, const char* end) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    // A byte below n with its high bit clear borrows into its high bit. A borrow may raise a false
    // alarm in the byte above a true one, never a missed one.
    const std::uint64_t quote = word ^ (ones * '"');
    const std::uint64_t backslash = word ^ (ones * '\\');
    const std::uint64_t found = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) |
                                ((backslash - ones) & ~backslash);
    if ((found & highs) != 0)
      break;
  }
  while (at != end && !must_escape(*at))
    ++at;
  return at;
}

void write_escape(char c, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  case '\b':
    out += "\\b";
    return;
  case '\f':
    out += "\\f";
    return;
  default:
    out += "\\u00";
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 0xFU];
  }
}

void write_integer(std::int64_t value, std::string& out) {
  std::array<char, 24> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

/// The texts of all scalars; false for arrays and objects.
bool write_scalar(const Value& value, std::string& out) {
  switch (value.kind()) {
  case Kind::null:
    out += "null";
    return true;
  case Kind::boolean:
    out += value.boolean() ? "true" : "false";
    return true;
  case Kind::integer:
    write_integer(value.integer(), out);
    return true;
  case Kind::real:
    write_real(value.real(), out);
    return true;
  case Kind::number:
    out += value.number_text();
    return true;
  case Kind::string:
    write_quoted(value.string(), out);
    return true;
  case Kind::array:
  case Kind::object:
    break;
  }
  return false;
}

void new_line(std::size_t depth, std::string& out) {
  out += '\n';
  out.append(depth * 2, ' ');
}

void write_pretty(const Value& value, std::size_t depth, std::string& out) {
  if (write_scalar(value, out))
    return;
  const Array* items = value.if_array();
  const bool empty = items != nullptr ? items->empty() : value.object().empty();
  if (empty) {
    out += items != nullptr ? "[]" : "{}";
    return;
  }
  if (items != nullptr) {
    char before = '[';
    for (const Value& item : *items) {
      out += std::exchange(before, ',');
      new_line(depth + 1, out);
      write_pretty(item, depth + 1, out);
    }
    new_line(depth, out);
    out += ']';
    return;
  }
  char before = '{';
  for (const Member& member : value.object()) {
    out += std::exchange(before, ',');
    new_line(depth + 1, out);
    write_quoted(member.name, out);
    out += ": ";
    write_pretty(member.value, depth + 1, out);
  }
  new_line(depth, out);
  out += '}';
}

} // namespace

void write(const Value& value, std::string& out) {
  if (write_scalar(value, out))
    return;
  if (const Array* items = value.if_array()) {
    out += '[';
    for (const Value& item : *items) {
      write(item, out);
      out += ',';
    }
    if (items->empty())
      out += ']';
    else
      out.back() = ']';
    return;
  }
  const Object& members = value.object();
  out += '{';
  for (const Member& member : members) {
    write_quoted(member.name, out);
    out += ':';
    write(member.value, out);
    out += ',';
  }
  if (members.empty())
    out += '}';
  else
    out.back() = '}';
}

std::string to_text(const Value& value) {
  std::string out;
  write(value, out);
  return out;
}

std::string to_pretty_text(const Value& value) {
  std::string out;
  write_pretty(value, 0, out);
  return out;
}

void write_quoted(std::string_view text, std::string& out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  out += '"';
  while (true) {
    const char* const stop = find_escape(at, end);
    out.append(at, stop);
    if (stop == end)
      break;
    write_escape(*stop, out);
    at = stop + 1;
  }
  out += '"';
}

bool needs_no_escape(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  return find_escape(begin, end) == end;
}

void write_real(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  std::array<char, 40> buffer;
  char* const begin = buffer.data();
  char* const limit = begin + buffer.size();
  const double size = std::fabs(value);
  if (size == 0 || (size >= 1e-5 && size < 1e16)) {
    char* const end = std::to_chars(begin, limit, value, std::chars_format::fixed).ptr;
    out.append(begin, end);
    if (std::memchr(begin, '.', static_cast<std::size_t>(end - begin)) == nullptr)
      out += ".0";
    return;
  }
  // to_chars says 1e+22 and 1.5e-07; we say 1.0e22 and 1.5e-7.
  char* const end = std::to_chars(begin, limit, value, std::chars_format::scientific).ptr;
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  const std::size_t mark = text.find('e');
  out += text.substr(0, mark);
  if (text.substr(0, mark).find('.') == std::string_view::npos)
    out += ".0";
  out += text[mark + 1] == '-' ? "e-" : "e";
  const std::size_t digits = text.find_first_not_of('0', mark + 2);
  out += text.substr(digits);
}

} // namespace diffo::json
