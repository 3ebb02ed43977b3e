#include "cli/leaf_table.h"

#include "base/dates.h"
#include "base/text.h"

#include <algorithm>
#include <unistd.h>

namespace diffo::cli {
namespace {

constexpr std::string_view names[] = {"TARGET",   "ADDRESS", "EXPECTED",    "ACTUAL",
                                      "CATEGORY", "AGE",     "EXPECTATION", "DECISION"};
constexpr std::size_t widest[] = {40, 60, 32, 32, 10, 6, 36, 48};
constexpr std::string_view colours[] = {"\x1b[36m", "\x1b[36m", "\x1b[33m", "\x1b[31m",
                                        "",         "",         "",         "\x1b[32m"};
constexpr std::string_view head_colour = "\x1b[1m";
constexpr std::string_view no_colour = "\x1b[0m";

bool is_first_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_first_byte));
}

/// Of a text that is too wide, its beginning and an ellipsis.
std::string fitted(std::string text, std::size_t most) {
  if (width_of(text) <= most)
    return text;
  std::size_t end = 0;
  for (std::size_t width = 0; end < text.size(); ++end)
    if (is_first_byte(text[end]) && ++width == most)
      break;
  text.resize(end);
  return text + "…";
}

std::string text_of_member(const json::Value& row, std::string_view name) {
  const json::Value* member = row.find(name);
  return member != nullptr ? json::to_text(*member) : std::string();
}

std::string age_of(std::string_view since, Timestamp now) {
  const auto instants = parse_instants(since);
  if (!instants)
    return {};
  const std::int64_t seconds =
      std::max<std::int64_t>(0, (now.microseconds - instants->from) / 1'000'000);
  if (seconds < 120)
    return std::to_string(seconds) + "s";
  if (seconds < 2 * 3600)
    return std::to_string(seconds / 60) + "m";
  if (seconds < 2 * 86'400)
    return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86'400) + "d";
}

/// The code of the character that begins with the first byte, of UTF-8.
unsigned code_of(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  unsigned code = bytes.size() == 1   ? first
                  : bytes.size() == 2 ? first & 0x1FU
                  : bytes.size() == 3 ? first & 0x0FU
                                      : first & 0x07U;
  for (const char c : bytes.substr(1))
    code = code << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  return code;
}

void append_unit(std::string& out, unsigned unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (unsigned shift = 16; shift > 0; shift -= 4)
    out += digits[unit >> (shift - 4) & 0x0FU];
}

} // namespace

Output Output::of(std::string_view format) {
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  return {.is_text = format == "text" || (format == "auto" && is_terminal),
          .paint = is_terminal ? Paint::coloured : Paint::plain};
}

std::string target_of(const json::Value& row) {
  const json::Value* target = row.find("target");
  if (target == nullptr)
    return {};
  const std::string_view id = target->text_of("id");
  return id.empty() ? json::to_text(*target) : std::string(id);
}

std::string json_line(const json::Value& document) {
  std::string text = json::to_text(document);
  if (printable(text) == text)
    return text;
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && !is_first_byte(text[end]))
      ++end;
    const std::string_view character = std::string_view(text).substr(at, end - at);
    at = end;
    if (printable(character) == character) {
      line += character;
      continue;
    }
    const unsigned code = code_of(character);
    if (code < 0x10000) {
      append_unit(line, code);
      continue;
    }
    append_unit(line, 0xD800 + ((code - 0x10000) >> 10U));
    append_unit(line, 0xDC00 + ((code - 0x10000) & 0x3FFU));
  }
  return line;
}

std::string decision_text(const json::Value& leaf) {
  std::string text;
  if (const json::Value* decision = leaf.find("decision")) {
    text = std::string(decision->text_of("decision"));
    if (const auto by = decision->text_of("by"); !by.empty())
      text.append(" by ").append(by);
    if (const auto reason = decision->text_of("reason"); !reason.empty())
      text.append(": ").append(reason);
  }
  if (const auto by = leaf.text_of("overruledBy"); !by.empty())
    text.append(text.empty() ? "" : ", ").append("overruled by ").append(by);
  if (const json::Value* by = leaf.find("contradictedBy"))
    text.append(text.empty() ? "" : ", ").append("contradicted by ").append(by->text_of("id"));
  return text;
}

void LeafTable::add(const json::Value& row) {
  Cells cells{target_of(row),
              std::string(row.text_of("address")),
              text_of_member(row, "expected"),
              text_of_member(row, "actual"),
              std::string(row.text_of("category")),
              age_of(row.text_of("since"), now_),
              std::string(row.text_of("expectation")),
              decision_text(row)};
  if (const std::string_view error = row.text_of("error"); !error.empty()) {
    cells[4] = "error";
    cells[7] = std::string(error);
  }
  for (std::size_t column = 0; column < columns; ++column) {
    cells[column] = fitted(printable(cells[column]), widest[column]);
    widths_[column] = std::max(widths_[column], width_of(cells[column]));
  }
  rows_.push_back(std::move(cells));
}

std::string LeafTable::line_of(const Cells& cells, bool is_head) const {
  std::string line;
  std::size_t owed = 0; // blanks, which nothing may follow
  for (std::size_t column = 0; column < columns; ++column) {
    const std::string& cell = cells[column];
    if (!cell.empty()) {
      line.append(owed, ' ');
      owed = 0;
      const std::string_view colour = is_head ? head_colour : colours[column];
      if (paint_ == Paint::coloured && !colour.empty())
        line.append(colour).append(cell).append(no_colour);
      else
        line += cell;
    }
    owed += widths_[column] - width_of(cell) + 2;
  }
  return line + '\n';
}

std::string LeafTable::take() {
  std::string text;
  if (!has_head_ && !rows_.empty()) {
    has_head_ = true;
    Cells head;
    for (std::size_t column = 0; column < columns; ++column) {
      if (column + 1 == columns && widths_[column] == 0)
        break; // nothing was decided
      head[column] = names[column];
      widths_[column] = std::max(widths_[column], names[column].size());
    }
    text = line_of(head, true);
  }
  for (const Cells& row : rows_)
    text += line_of(row, false);
  rows_.clear();
  return text;
}

} // namespace diffo::cli
