#pragma once

#include "query/operand.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::query {

/// One condition of a filter: some value at a dotted path compares with one of the operands. On the
/// way down, an array stands for each of its elements, so two conditions on one array need not meet
/// in the same element (wire.md §3). A condition on what is not there does not hold; `ne` holds
/// when there are values and none of them equals an operand.
struct Condition {
  std::string name; ///< as it was asked, for messages: "startDate.gt"
  std::vector<std::string> path;
  Comparison comparison = Comparison::equal;
  std::vector<graph::Operand> any_of;
  bool or_absent = false; ///< null was asked for: what is not there fits, too

  /// Whether it holds for a whole document.
  [[nodiscard]] bool holds(const json::Value& document) const;
};

/// How the text at a path is to be read.
using ReadingOf = std::function<Reading(std::span<const std::string> path)>;

/// A condition as it was written: the path with its comparison split off, the values not yet read.
struct ConditionText {
  std::string name; ///< the parameter's name as it came, decoded
  std::vector<std::string> path;
  Comparison comparison = Comparison::equal;
  std::vector<std::string> values;
  bool or_absent = false; ///< as in Condition
};

/// The largest number of query parameters, of alternatives of all conditions together, and of
/// patterns.
inline constexpr std::size_t max_parameters = 100;
inline constexpr std::size_t max_operands = 1024;
inline constexpr std::size_t max_patterns = 16;

/// Reads one parameter as a condition: `path=value`, `path.gte=value`, `path>=value`,
/// `path!=value`, `path*=value`, `path.like=core*` and `path.ilike` (patterns in which only `*` is
/// special, of the whole text), `path.exists=false` (the operator may be percent-encoded and then
/// there may be no `=`). Values are alternatives when separated by comma or semicolon, and so is
/// the whole as it stands where equality is asked (`name=a,b` finds `a`, `b` and `a,b`); double
/// quotes are stripped and keep what they enclose together. `null` without quotes is also what is
/// not there. A pattern is taken whole. `name` is the decoded text before the first `=`;
/// `has_value` says whether there was one. Errors: invalid, with the parameter as path.
Result<ConditionText> parse_condition(std::string_view name, std::string_view value,
                                      bool has_value);

/// Joins those of the same path and comparison (a repeated key means "or") and reads their values.
/// Errors: invalid, with the parameter as path.
Result<std::vector<Condition>> make_conditions(std::vector<ConditionText> texts,
                                               const ReadingOf& reading_of);

/// Splits at commas and semicolons that stand outside of double quotes and strips the quotes.
/// Errors: invalid for a quote that is not closed.
Result<std::vector<std::string>> split_alternatives(std::string_view text);

/// Splits a dotted path. Errors: invalid for empty parts, more than 32 of them, and characters that
/// no attribute has.
Result<std::vector<std::string>> split_path(std::string_view text);

} // namespace diffo::query
