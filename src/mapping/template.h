#pragma once

#include "json/json_path.h"

#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Texts with holes: `{{ @.device.name }}:{{ @.name }}`.
///
/// In a hole stands where a value comes from, and functions that it goes through, each behind `|`.
/// It comes from a path (json_path.h), `key` (the name or number under which `@` was found),
/// `params.NAME`, or a literal.
///
/// | function | gives |
/// |---|---|
/// | lower, upper, trim | the text, its letters of ASCII changed, or blanks at its ends gone |
/// | replace('a', 'b') | the text with each a as b |
/// | number, text | a number of a text that is one; the text of a number or boolean |
/// | lookup(TABLE) | what the mapping's table has for it, or for "*" |
/// | list, first | all that the path has found; the first of it |
/// | join(', ') | the items of a list as one text |
/// | keys | the names of an object's members as a list |
/// | default('x'), default(PATH) | that when nothing was found, or null |
///
/// What is not found, or null, is *absent*, and passes all functions but `default`.
namespace diffo::mapping {

using json::Budget;
using json::JsonPath;
using json::Nodes;
using json::PathCondition;
using json::Roots;

/// What holes are filled from. What it points to must outlive it.
struct Scope {
  Roots roots{};
  json::Value key{};
  const json::Object* parameters = nullptr;
  const json::Object* tables = nullptr;
};

/// A value; nothing where it is absent.
using Filled = std::optional<json::Value>;

enum class FunctionName : std::uint8_t {
  lower,
  upper,
  trim,
  replace,
  number,
  text,
  lookup,
  list,
  first,
  join,
  keys,
  fallback
};

struct FunctionCall {
  FunctionName name = FunctionName::text;
  std::vector<json::Value> arguments{};
  std::optional<JsonPath> path{}; ///< of fallback, in place of an argument
};

/// What stands in one hole.
class Hole {
public:
  /// Reads from behind `{{` to behind `}}`. Errors: invalid.
  static Result<Hole> parse_at(std::string_view text, std::size_t& at);
  /// Errors: unprocessable, with what cannot be done; too_large when the budget is spent.
  [[nodiscard]] Result<Filled> fill(const Scope& scope, Budget& budget) const;
  /// The parameter or tables that it needs.
  [[nodiscard]] const std::string* parameter() const;
  [[nodiscard]] std::vector<std::string> tables() const;

private:
  struct Parameter {
    std::string name;
  };
  struct Key {};
  [[nodiscard]] Result<Filled> begin(const Scope& scope, Budget& budget) const;
  std::variant<json::Value, JsonPath, Parameter, Key> source_{json::Value()};
  std::vector<FunctionCall> functions_{};
};

/// A text with holes. Thread rule: immutable, any thread.
class Template {
public:
  static bool has_holes(std::string_view text) { return text.find("{{") != std::string_view::npos; }
  /// Errors: invalid.
  static Result<Template> parse(std::string_view text);
  /// A text that is one hole gives its value as it is; others one text, absent when one of its
  /// holes is. Errors: as Hole::fill.
  [[nodiscard]] Result<Filled> fill(const Scope& scope, Budget& budget) const;
  [[nodiscard]] std::vector<const Hole*> holes() const;

private:
  std::vector<std::variant<std::string, Hole>> pieces_{};
};

} // namespace diffo::mapping
