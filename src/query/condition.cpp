#include "query/condition.h"

#include "base/text.h"
#include "base/url_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace diffo::query {
namespace {

constexpr std::size_t max_path_parts = 32;

// Operators of other query languages: behind a path nobody means an attribute by them.
constexpr std::array<std::string_view, 19> foreign_operators = {
    "contains", "startswith", "startsWith", "endswith", "endsWith", "in",   "nin",
    "notin",    "not",        "neq",        "between",  "isnull",   "null", "ge",
    "le",       "regexp",     "match",      "similar",  "icontains"};

/// What a look at some values came to.
enum class Found : std::uint8_t { nothing, values, match };

/// Looks for a match below `value`; `nothing` when the path leads nowhere.
Found look_below(const json::Value& value, std::span<const std::string> path,
                 const Condition& condition) {
  if (const json::Array* items = value.if_array()) {
    Found best = Found::nothing;
    for (const json::Value& item : *items) {
      best = std::max(best, look_below(item, path, condition));
      if (best == Found::match)
        break;
    }
    return best;
  }
  if (!path.empty()) {
    const json::Value* member = value.find(path.front());
    return member == nullptr ? Found::nothing : look_below(*member, path.subspan(1), condition);
  }
  if (value.is_null() || value.is_object())
    return Found::nothing;
  for (const graph::Operand& operand : condition.any_of)
    if (operand.matches(value, asked_as(condition.comparison)))
      return Found::match;
  return Found::values;
}

/// Whether something is there: null and empty lists are nothing.
bool is_there(const json::Value& value, std::span<const std::string> path) {
  if (path.empty())
    return !value.is_null() && !(value.is_array() && value.array().empty());
  if (const json::Array* items = value.if_array())
    return std::any_of(items->begin(), items->end(),
                       [path](const json::Value& item) { return is_there(item, path); });
  const json::Value* member = value.find(path.front());
  return member != nullptr && is_there(*member, path.subspan(1));
}

/// An operator that there is not, where only an operator can be meant; below the value of a
/// characteristic any name may stand.
bool is_foreign_operator(const std::vector<std::string>& path) {
  return path.size() > 1 &&
         std::find(foreign_operators.begin(), foreign_operators.end(), path.back()) !=
             foreign_operators.end() &&
         std::find(path.begin(), path.end(), "value") == path.end();
}

struct Suffix {
  std::string_view text;
  Comparison comparison;
};

// Longer ones first: `>=` is not `>`.
constexpr std::array<Suffix, 6> signs = {{{">=", Comparison::greater_or_equal},
                                          {"<=", Comparison::less_or_equal},
                                          {"!=", Comparison::not_equal},
                                          {"*=", Comparison::pattern},
                                          {">", Comparison::greater},
                                          {"<", Comparison::less}}};

std::optional<Comparison> comparison_named(std::string_view word) {
  for (const Comparison comparison :
       {Comparison::equal, Comparison::not_equal, Comparison::greater, Comparison::greater_or_equal,
        Comparison::less, Comparison::less_or_equal, Comparison::pattern})
    if (name_of(comparison) == word)
      return comparison;
  return std::nullopt;
}

std::string all_operators() {
  return std::string("there are = > >= < <= != *= and, behind a dot, ") + operator_words;
}

/// A parameter's name and value with a sign operator taken out of them.
struct Signed {
  std::string_view name;
  std::string_view value;
  std::optional<Comparison> sign;
};

/// `date>=2013` arrives as name `date>` and value `2013`, or, when all is encoded, as a name alone.
Result<Signed> take_sign(std::string_view name, std::string_view value, bool has_value) {
  const std::size_t at = name.find_first_of("<>!*=");
  if (at == std::string_view::npos) {
    if (!has_value)
      return Error{ErrorCode::invalid, "a filter needs a value: name=value", std::string(name)};
    return Signed{name, value, std::nullopt};
  }
  const std::string_view tail = name.substr(at);
  if (has_value) {
    for (const Suffix& sign : signs)
      if (sign.text.size() == 2 && tail == sign.text.substr(0, 1))
        return Signed{name.substr(0, at), value, sign.comparison};
  } else {
    for (const Suffix& sign : signs)
      if (tail.starts_with(sign.text))
        return Signed{name.substr(0, at), tail.substr(sign.text.size()), sign.comparison};
  }
  return Error{ErrorCode::invalid, "unknown operator; " + all_operators(), std::string(name)};
}

Result<std::vector<std::string>> values_of(std::string_view text, Comparison comparison) {
  if (comparison != Comparison::pattern) {
    auto values = TRY(split_alternatives(text));
    const bool equality = comparison == Comparison::equal || comparison == Comparison::not_equal;
    if (equality && values.size() > 1)
      values.emplace_back(text); // a name may have a comma
    return values;
  }
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return std::vector<std::string>{std::string(text)};
}

/// The pattern of RE2 for a text in which `*` is any characters.
std::string pattern_of(std::string_view wildcards, std::string_view options) {
  std::string pattern = "(?" + std::string(options) + ")\\A";
  for (const char c : wildcards) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || (static_cast<unsigned char>(c) & 0x80U) != 0;
    if (c == '*')
      pattern += ".*";
    else
      (pattern += is_plain ? "" : "\\") += c;
  }
  return pattern + "\\z";
}

/// Operators that say more than a comparison: false where the word is none of them.
Result<bool> take_word(std::string_view word, std::string_view value, ConditionText& condition) {
  if (word == "exists") {
    if (value != "true" && value != "false")
      return Error{ErrorCode::invalid, "exists takes true or false"};
    condition.comparison = value == "true" ? Comparison::present : Comparison::absent;
    return true;
  }
  if (word != "like" && word != "ilike")
    return false;
  condition.comparison = Comparison::pattern;
  condition.values = TRY(split_alternatives(value));
  for (std::string& one : condition.values)
    one = pattern_of(one, word == "like" ? "s" : "si");
  return true;
}

/// NOTE: who writes `a==b`, `a=~b` or `a=>b` means an operator that there is not. Taken as it
/// stands it would find nothing, and nobody would know why.
Result<void> refuse_foreign_signs(std::string_view value, std::string_view name) {
  if (value.empty() || std::string_view("=~<>!").find(value.front()) == std::string_view::npos)
    return {};
  return Error{ErrorCode::invalid,
               "unknown operator; " + all_operators() +
                   ". A value that begins with such a sign is asked for in quotes",
               std::string(name)};
}

/// NOTE: who writes a star at either end means any characters; likewise.
Result<void> refuse_wildcards(std::string_view value, std::string_view name) {
  if (value.empty() || (value.front() != '*' && value.back() != '*'))
    return {};
  return Error{ErrorCode::invalid,
               "a star stands for itself here; write .like=" + std::string(shortened(value, 64)) +
                   " for any characters, .exists=true for any value, .eq or quotes for the star",
               std::string(name)};
}

Error named(Error error, std::string_view name) {
  error.code = ErrorCode::invalid;
  error.path = name;
  return error;
}

} // namespace

bool Condition::holds(const json::Value& document) const {
  if (comparison == Comparison::present || comparison == Comparison::absent)
    return is_there(document, path) == (comparison == Comparison::present);
  if (or_absent && !is_there(document, path))
    return true;
  const Found best = look_below(document, path, *this);
  return best == (comparison == Comparison::not_equal ? Found::values : Found::match);
}

Result<std::vector<std::string>> split_alternatives(std::string_view text) {
  std::vector<std::string> values(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == ',' || c == ';') {
      values.emplace_back();
      continue;
    }
    // A quote inside a word (5" pipe) is a plain character.
    if (c != '"' || !(at == 0 || text[at - 1] == ',' || text[at - 1] == ';')) {
      values.back() += c;
      continue;
    }
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\'))
        ++at;
      values.back() += text[at];
    }
    if (at >= text.size())
      return Error{ErrorCode::invalid, "a double quote is not closed"};
  }
  return values;
}

Result<std::vector<std::string>> split_path(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '.') {
      parts.emplace_back();
      continue;
    }
    if (byte <= 0x20 || byte == 0x7F ||
        std::string_view("\"'()[]{}<>=!*?&|^~`\\,;").find(c) != std::string_view::npos)
      return Error{ErrorCode::invalid, "this is no attribute name", std::string(text)};
    parts.back() += c;
  }
  if (parts.size() > max_path_parts)
    return Error{ErrorCode::invalid, "a path may have at most 32 parts", std::string(text)};
  if (std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); }))
    return Error{ErrorCode::invalid, "a part of the attribute path is empty", std::string(text)};
  return parts;
}

Result<ConditionText> parse_condition(std::string_view name, std::string_view value,
                                      bool has_value) {
  if (value.size() > max_value_bytes || name.size() > max_value_bytes)
    return Error{ErrorCode::invalid, "a value may have at most 2048 bytes", shortened(name, 64)};
  const Signed split = TRY(take_sign(name, value, has_value));
  ConditionText condition{std::string(name), {}, split.sign.value_or(Comparison::equal), {}};
  auto path = split_path(split.name);
  if (!path)
    return named(std::move(path).error(), name);
  condition.path = std::move(path).value();
  const bool is_path = condition.path.size() > 1;
  if (is_path && !split.sign) {
    auto taken = take_word(condition.path.back(), split.value, condition);
    if (!taken)
      return named(std::move(taken).error(), name);
    if (*taken) {
      condition.path.pop_back();
      return condition;
    }
  }
  const auto word = comparison_named(condition.path.back());
  if (word && is_path) {
    if (split.sign)
      return Error{ErrorCode::invalid, "two operators on one attribute", std::string(name)};
    condition.comparison = *word;
    condition.path.pop_back();
  } else if (!split.sign && is_foreign_operator(condition.path)) {
    return Error{ErrorCode::invalid,
                 "unknown operator \"" + condition.path.back() + "\"; there are " + operator_words +
                     " (an attribute of that name is asked for with one of them behind it)",
                 std::string(name)};
  }
  const bool is_equality = condition.comparison == Comparison::equal;
  if (!word && condition.comparison != Comparison::pattern)
    TRY(refuse_foreign_signs(split.value, name));
  if (is_equality && !word)
    TRY(refuse_wildcards(split.value, name));
  condition.or_absent = is_equality && split.value == "null";
  auto values = values_of(split.value, condition.comparison);
  if (!values)
    return named(std::move(values).error(), name);
  condition.values = std::move(values).value();
  return condition;
}

namespace {

/// Patterns of RE2 and both forms of wildcards are patterns, but operators of their own.
std::string_view wildcards_of(std::string_view name) {
  for (const std::string_view operation : {".like", ".ilike"})
    if (name.ends_with(operation))
      return operation;
  return {};
}

} // namespace

Result<std::vector<Condition>> make_conditions(std::vector<ConditionText> texts,
                                               const ReadingOf& reading_of) {
  std::vector<Condition> conditions;
  std::size_t operands = 0;
  std::size_t patterns = 0;
  for (ConditionText& text : texts) {
    operands += text.values.size();
    patterns += text.comparison == Comparison::pattern ? text.values.size() : 0;
    if (operands > max_operands || patterns > max_patterns)
      return Error{ErrorCode::invalid,
                   "a filter may have at most 1024 alternatives and 16 patterns", text.name};
    auto same = std::find_if(conditions.begin(), conditions.end(), [&text](const Condition& other) {
      return other.comparison == text.comparison && other.path == text.path &&
             wildcards_of(other.name) == wildcards_of(text.name);
    });
    if (same == conditions.end()) {
      conditions.push_back({text.name, std::move(text.path), text.comparison, {}, false});
      same = conditions.end() - 1;
    }
    same->or_absent = same->or_absent || text.or_absent;
    const Reading reading = reading_of(same->path);
    for (std::string& value : text.values) {
      auto operand =
          graph::Operand::make(json::Value(std::move(value)), asked_as(text.comparison), reading);
      if (!operand)
        return named(std::move(operand).error(), text.name);
      same->any_of.push_back(std::move(operand).value());
    }
  }
  return conditions;
}

} // namespace diffo::query
