#include "mapping/template.h"

#include "base/text.h"
#include "json/json_path_reader.h"

#include <algorithm>
#include <array>

namespace diffo::mapping {
namespace {

struct Signature {
  std::string_view name;
  FunctionName function;
  std::size_t arguments;
};

constexpr std::array<Signature, 12> signatures{{{"lower", FunctionName::lower, 0},
                                                {"upper", FunctionName::upper, 0},
                                                {"trim", FunctionName::trim, 0},
                                                {"replace", FunctionName::replace, 2},
                                                {"number", FunctionName::number, 0},
                                                {"text", FunctionName::text, 0},
                                                {"lookup", FunctionName::lookup, 1},
                                                {"list", FunctionName::list, 0},
                                                {"first", FunctionName::first, 0},
                                                {"join", FunctionName::join, 1},
                                                {"keys", FunctionName::keys, 0},
                                                {"default", FunctionName::fallback, 1}}};

Error cannot(std::string message) {
  return {ErrorCode::unprocessable, std::move(message)};
}

std::string shown(const json::Value& value) {
  return shortened(json::to_text(value), 60);
}

/// Of what is one value.
Result<std::string> text_of(const json::Value& value) {
  if (const std::string* text = value.if_string())
    return *text;
  if (value.is_number() || value.is_boolean())
    return json::to_text(value);
  return cannot(shown(value) + " is no text");
}

std::string with_letters(std::string text, char first, char last, int distance) {
  for (char& c : text)
    if (c >= first && c <= last)
      c = static_cast<char>(c + distance);
  return text;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  while (true) {
    const std::size_t found = from.empty() ? std::string_view::npos : text.find(from);
    out += text.substr(0, found);
    if (found == std::string_view::npos)
      return out;
    out += to;
    text.remove_prefix(found + from.size());
  }
}

Result<json::Value> number_of(const json::Value& value) {
  if (value.is_number())
    return value;
  if (const std::string* text = value.if_string())
    if (auto number = json::read(trimmed(*text)); number && number->is_number())
      return number;
  return cannot(shown(value) + " is no number");
}

Result<json::Value> looked_up(const json::Value& value, const json::Value& table,
                              const Scope& scope) {
  const json::Value* entries =
      scope.tables != nullptr ? scope.tables->find(table.string()) : nullptr;
  const std::string key = TRY(text_of(value));
  const json::Value* found = entries != nullptr ? entries->find(key) : nullptr;
  if (found == nullptr && entries != nullptr)
    found = entries->find("*");
  if (found == nullptr)
    return cannot("table " + table.string() + " has nothing for " + shown(value));
  return *found;
}

Result<json::Value> joined_items(const json::Value& value, const json::Value& separator) {
  if (!value.is_array())
    return json::Value(TRY(text_of(value)));
  std::string out;
  for (const json::Value& item : value.array()) {
    if (&item != &value.array().front())
      out += separator.string();
    out += TRY(text_of(item));
  }
  return json::Value(std::move(out));
}

Result<json::Value> keys_of(const json::Value& value) {
  if (!value.is_object())
    return cannot(shown(value) + " is no object");
  json::Array names;
  for (const auto& member : value.object())
    names.emplace_back(member.name);
  return json::Value(std::move(names));
}

Result<Filled> first_of(const json::Value& value) {
  if (!value.is_array())
    return Filled(value);
  if (value.array().empty())
    return Filled();
  return Filled(value.array().front());
}

Result<Filled> called(const FunctionCall& call, const json::Value& value, const Scope& scope) {
  using enum FunctionName;
  switch (call.name) {
  case lower:
    return Filled(with_letters(TRY(text_of(value)), 'A', 'Z', 'a' - 'A'));
  case upper:
    return Filled(with_letters(TRY(text_of(value)), 'a', 'z', 'A' - 'a'));
  case trim:
    return Filled(trimmed(TRY(text_of(value))));
  case replace:
    return Filled(
        replaced(TRY(text_of(value)), call.arguments[0].string(), call.arguments[1].string()));
  case number:
    return Filled(TRY(number_of(value)));
  case text:
    return Filled(TRY(text_of(value)));
  case lookup:
    return Filled(TRY(looked_up(value, call.arguments[0], scope)));
  case first:
    return first_of(value);
  case join:
    return Filled(TRY(joined_items(value, call.arguments[0])));
  case list:
    return Filled(value.is_array() ? value : json::Value(json::Array{value}));
  case keys:
    return Filled(TRY(keys_of(value)));
  case fallback:
    return Filled(value);
  }
  return Filled();
}

/// What a path has found: one value, or a list where that is asked for.
Result<Filled> found_by(const JsonPath& path, const std::vector<FunctionCall>& functions,
                        const Scope& scope, Budget& budget) {
  const Nodes nodes = TRY(path.select(scope.roots, budget));
  const FunctionName next = functions.empty() ? FunctionName::text : functions.front().name;
  const bool may_be_several = next == FunctionName::list || next == FunctionName::join;
  if (nodes.empty())
    return next == FunctionName::list ? Filled(json::Array()) : Filled();
  if (nodes.size() == 1 && next != FunctionName::list)
    return Filled(nodes[0]);
  if (next == FunctionName::first)
    return Filled(nodes[0]);
  if (!may_be_several)
    return cannot("the path finds " + std::to_string(nodes.size()) +
                  " values where one is wanted (list, first and join take several)");
  json::Array items;
  for (std::size_t at = 0; at < nodes.size(); ++at)
    items.push_back(nodes[at]);
  return Filled(std::move(items));
}

Result<FunctionCall> function_at(json::path::Reader& reader, std::string_view text) {
  reader.skip_blank();
  const std::string_view name = reader.plain_name();
  const auto* known = std::find_if(signatures.begin(), signatures.end(),
                                   [name](const Signature& one) { return one.name == name; });
  if (known == signatures.end())
    return reader.wrong("a function (lower, upper, trim, replace, number, text, lookup, list, "
                        "first, join, keys, default)");
  FunctionCall call{known->function, {}};
  for (std::size_t count = 0; count < known->arguments; ++count) {
    if (!reader.take(count == 0 ? "(" : ","))
      return reader.wrong("an argument");
    reader.skip_blank();
    if (call.name == FunctionName::fallback && (reader.next() == '$' || reader.next() == '@')) {
      std::size_t behind = reader.at();
      call.path = TRY(JsonPath::parse_at(text, behind));
      reader = json::path::Reader(text, behind);
      continue;
    }
    if (call.name == FunctionName::lookup)
      call.arguments.emplace_back(reader.plain_name());
    else
      call.arguments.push_back(TRY(reader.literal()));
    if (call.name != FunctionName::fallback && !call.arguments.back().is_string())
      return reader.wrong("a text in quotes");
    reader.skip_blank();
  }
  reader.skip_blank();
  if (known->arguments > 0 && !reader.take(")"))
    return reader.wrong(")");
  return call;
}

} // namespace

Result<Hole> Hole::parse_at(std::string_view text, std::size_t& at) {
  Hole hole;
  json::path::Reader reader(text, at);
  reader.skip_blank();
  if (reader.next() == '$' || reader.next() == '@') {
    std::size_t behind = reader.at();
    hole.source_ = TRY(JsonPath::parse_at(text, behind));
    reader = json::path::Reader(text, behind);
  } else if (reader.take("params.")) {
    hole.source_ = Parameter{std::string(reader.plain_name())};
  } else if (reader.begins("key") && json::path::Reader(text, reader.at()).plain_name() == "key") {
    reader.take("key");
    hole.source_ = Key{};
  } else {
    auto literal = reader.literal();
    if (!literal)
      return reader.wrong("a path, key, params.NAME or a literal");
    hole.source_ = std::move(*literal);
  }
  reader.skip_blank();
  while (reader.take("|")) {
    hole.functions_.push_back(TRY(function_at(reader, text)));
    reader.skip_blank();
  }
  if (!reader.take("}}"))
    return reader.wrong("| or }}");
  at = reader.at();
  return hole;
}

const std::string* Hole::parameter() const {
  const Parameter* parameter = std::get_if<Parameter>(&source_);
  return parameter != nullptr ? &parameter->name : nullptr;
}

std::vector<std::string> Hole::tables() const {
  std::vector<std::string> names;
  for (const FunctionCall& call : functions_)
    if (call.name == FunctionName::lookup)
      names.push_back(call.arguments[0].string());
  return names;
}

Result<Filled> Hole::begin(const Scope& scope, Budget& budget) const {
  if (const JsonPath* path = std::get_if<JsonPath>(&source_))
    return found_by(*path, functions_, scope, budget);
  if (std::holds_alternative<Key>(source_))
    return Filled(scope.key);
  const Parameter* parameter = std::get_if<Parameter>(&source_);
  if (parameter == nullptr)
    return Filled(std::get<json::Value>(source_));
  const json::Value* given =
      scope.parameters != nullptr ? scope.parameters->find(parameter->name) : nullptr;
  return given != nullptr ? Filled(*given) : Filled();
}

Result<Filled> Hole::fill(const Scope& scope, Budget& budget) const {
  Filled value = TRY(begin(scope, budget));
  for (const FunctionCall& call : functions_) {
    if (value && value->is_null())
      value.reset();
    if (value)
      value = TRY(called(call, *value, scope));
    else if (call.path)
      value = TRY(found_by(*call.path, {}, scope, budget));
    else if (call.name == FunctionName::fallback)
      value = call.arguments[0];
  }
  // A null that default() asked for stays one.
  const bool is_wanted = !functions_.empty() && functions_.back().name == FunctionName::fallback;
  if (value && value->is_null() && !is_wanted)
    value.reset();
  return value;
}

Result<Template> Template::parse(std::string_view text) {
  Template made;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = text.find("{{", at);
    if (begin != at)
      made.pieces_.emplace_back(std::string(text.substr(at, begin - at)));
    if (begin == std::string_view::npos)
      break;
    at = begin + 2;
    made.pieces_.emplace_back(TRY(Hole::parse_at(text, at)));
  }
  return made;
}

Result<Filled> Template::fill(const Scope& scope, Budget& budget) const {
  if (pieces_.size() == 1)
    if (const Hole* hole = std::get_if<Hole>(&pieces_[0]))
      return hole->fill(scope, budget);
  std::string out;
  for (const auto& piece : pieces_) {
    if (const std::string* text = std::get_if<std::string>(&piece)) {
      out += *text;
      continue;
    }
    const Filled value = TRY(std::get<Hole>(piece).fill(scope, budget));
    if (!value)
      return Filled();
    out += TRY(text_of(*value));
  }
  return Filled(std::move(out));
}

std::vector<const Hole*> Template::holes() const {
  std::vector<const Hole*> holes;
  for (const auto& piece : pieces_)
    if (const Hole* hole = std::get_if<Hole>(&piece))
      holes.push_back(hole);
  return holes;
}

} // namespace diffo::mapping
