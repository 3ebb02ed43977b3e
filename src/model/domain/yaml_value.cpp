#include "model/domain/yaml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace diffo::model::yaml {
namespace {

template <std::size_t Count>
bool is_one_of(std::string_view text, const std::array<std::string_view, Count>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array<std::string_view, 5> null_words{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 3> true_words{"true", "True", "TRUE"};
constexpr std::array<std::string_view, 3> false_words{"false", "False", "FALSE"};

std::size_t digits_at(std::string_view text, std::size_t from) {
  std::size_t end = from;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9')
    ++end;
  return end - from;
}

/// `0o17` and `0xFF`.
std::optional<json::Value> based_number(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 0;
  if (base == 0 || text.size() == 2 || text[2] == '-')
    return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data() + 2, text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return json::Value(value);
}

/// A decimal number as JSON writes it; empty: it is none. YAML's may have a plus, zeros in front
/// and nothing on one side of the point.
std::string as_json_number(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  std::string out = text.starts_with('-') ? "-" : "";
  const std::size_t whole = digits_at(text, at);
  std::string_view digits = text.substr(at, whole);
  while (digits.size() > 1 && digits[0] == '0')
    digits.remove_prefix(1);
  out += whole == 0 ? "0" : digits;
  at += whole;
  std::size_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    fraction = digits_at(text, at + 1);
    out += '.';
    out += fraction == 0 ? "0" : text.substr(at + 1, fraction);
    at += 1 + fraction;
  }
  if (whole + fraction == 0)
    return {};
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t end = at + 1;
    if (end < text.size() && (text[end] == '-' || text[end] == '+'))
      ++end;
    const std::size_t exponent = digits_at(text, end);
    if (exponent == 0)
      return {};
    out += text.substr(at, end + exponent - at);
    at = end + exponent;
  }
  return at == text.size() ? out : std::string();
}

json::Value scalar_value(const Node& node) {
  const std::string_view text = node.text;
  if (node.quoted)
    return text;
  if (node.is_null())
    return {};
  if (is_one_of(text, true_words))
    return true;
  if (is_one_of(text, false_words))
    return false;
  if (auto number = based_number(text))
    return std::move(*number);
  if (const std::string number = as_json_number(text); !number.empty())
    if (auto value = json::read(number))
      return std::move(*value);
  return text;
}

/// Whether a text can stand without quotes and is still a text.
bool is_plain(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (text.empty() || !letter(text.front()) || text.back() == ' ')
    return false;
  const bool simple = std::all_of(text.begin(), text.end(), [letter](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == ' ' || c == '-' || c == '.' || c == '/';
  });
  Node node;
  node.text = text;
  return simple && scalar_value(node).is_string();
}

void write_text(std::string_view text, std::string& out) {
  if (is_plain(text))
    out += text;
  else
    json::write_quoted(text, out);
}

bool is_scalar(const json::Value& value) {
  return (!value.is_array() || value.array().empty()) &&
         (!value.is_object() || value.object().empty());
}

void write_scalar(const json::Value& value, std::string& out) {
  if (const std::string* text = value.if_string())
    write_text(*text, out);
  else
    json::write(value, out);
}

/// A list of scalars that fits on a line.
std::optional<std::string> one_line(const json::Array& items) {
  constexpr std::size_t longest = 80;
  std::string line = "[";
  for (const json::Value& item : items) {
    if (!is_scalar(item))
      return std::nullopt;
    if (line.size() > 1)
      line += ", ";
    write_scalar(item, line);
    if (line.size() > longest)
      return std::nullopt;
  }
  return line + "]";
}

void write_block(const json::Value& value, std::size_t indent, std::string& out);

/// What stands behind a key or a dash, to the end of its line or below it.
void write_behind(const json::Value& value, std::size_t indent, std::string& out) {
  if (is_scalar(value)) {
    out += ' ';
    write_scalar(value, out);
    out += '\n';
    return;
  }
  if (const json::Array* items = value.if_array())
    if (const auto line = one_line(*items)) {
      out += ' ' + *line + '\n';
      return;
    }
  out += '\n';
  write_block(value, indent, out);
}

void write_block(const json::Value& value, std::size_t indent, std::string& out) {
  if (const json::Object* members = value.if_object()) {
    for (const auto& [name, member] : *members) {
      out.append(indent, ' ');
      write_text(name, out);
      out += ':';
      write_behind(member, indent + 2, out);
    }
    return;
  }
  for (const json::Value& item : value.array()) {
    out.append(indent, ' ').append("-");
    write_behind(item, indent + 2, out);
  }
}

} // namespace

bool Node::is_null() const {
  return is_scalar() && !quoted && is_one_of(text, null_words);
}

json::Value value_of(const Node& node) {
  if (node.is_scalar())
    return scalar_value(node);
  if (node.is_sequence()) {
    json::Array items;
    items.reserve(node.items.size());
    for (const Node& item : node.items)
      items.push_back(value_of(item));
    return items;
  }
  json::Object members;
  members.reserve(node.entries.size());
  for (const Entry& entry : node.entries)
    members.append(entry.key, value_of(entry.value));
  return members;
}

std::string to_text(const json::Value& value) {
  std::string out;
  if (is_scalar(value)) {
    write_scalar(value, out);
    return out + '\n';
  }
  write_block(value, 0, out);
  return out;
}

Result<Documents> read_sound(std::string_view name, std::string_view text) {
  Documents found = read(text);
  if (found.problems.empty())
    return found;
  const Problem& problem = found.problems.front();
  return Error{ErrorCode::invalid, std::string(name) + ':' + std::to_string(problem.at.line) + ':' +
                                       std::to_string(problem.at.column) + ": " + problem.message};
}

Result<json::Value> read_one(std::string_view name, std::string_view text) {
  const Documents found = TRY(read_sound(name, text));
  if (found.documents.size() != 1)
    return Error{ErrorCode::invalid, std::string(name) + ": must be one document"};
  return value_of(found.documents.front());
}

} // namespace diffo::model::yaml
