#pragma once

#include "base/dates.h"
#include "base/pattern.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace diffo::query {

/// How a condition compares the values it finds with its operands (TMF630 Part 1, tmf.md §2.4).
enum class Comparison : std::uint8_t {
  equal,
  not_equal,
  greater,
  greater_or_equal,
  less,
  less_or_equal,
  pattern
};

/// `eq`, `gte` … as they stand behind a dot.
std::string_view name_of(Comparison comparison);

/// One alternative of a condition, read once for every kind of value it may meet. Thread rule:
/// immutable.
class Operand {
public:
  /// Errors: invalid or too_large for a pattern that does not compile.
  static Result<Operand> make(std::string text, Comparison comparison,
                              Reading reading = Reading::value);

  [[nodiscard]] const std::string& text() const { return operand_.text(); }
  [[nodiscard]] const std::optional<InstantRange>& instants() const { return operand_.instants(); }

  /// Whether a scalar compares so with the operand; not_equal is asked as equal and negated by the
  /// condition. Numbers compare as numbers, booleans by equality, texts as instants where both are
  /// dates, else by code point; a pattern looks at texts and at the text of numbers and booleans.
  /// Arrays, objects and null never match.
  [[nodiscard]] bool matches(const json::Value& value, Comparison comparison) const;
  [[nodiscard]] bool matches_text(std::string_view value, Comparison comparison) const;
  [[nodiscard]] bool matches_instant(std::int64_t microseconds, Comparison comparison) const;

private:
  Operand(std::string text, Reading reading) : operand_(std::move(text), reading) {}
  TextOperand operand_;
  std::optional<json::Value> number_;
  std::optional<bool> boolean_;
  std::shared_ptr<const Pattern> pattern_; // shared: copies of a filter use one program
};

} // namespace diffo::query
