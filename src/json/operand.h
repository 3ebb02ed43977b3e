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

namespace diffo::json {

/// How a value that is found compares with an operand. What is not equal, and what is absent, is
/// said with none_of.
enum class Compare : std::uint8_t {
  equal,
  greater,
  greater_or_equal,
  less,
  less_or_equal,
  matches, ///< some part of the text matches the pattern (RE2)
  exists   ///< it is there; no operand is asked
};

/// Whether what is equal compares so, also where nothing comes before anything (RFC 9535
/// §2.3.5.2.2: `<=` holds where `<` or `==` does).
bool allows_equal(Compare comparison);

/// The number that the text spells as JSON does, in 64 bytes at most, or nothing.
std::optional<Value> number_in(std::string_view text);

/// One alternative of a comparison, read once for every kind of value it may meet. A text is what
/// it spells: `12` is also the number, `true` also the boolean, and under Reading::value a date
/// meets dates. Thread rule: immutable.
class Operand {
public:
  /// Errors: invalid or too_large for a pattern that does not compile; invalid for what is no
  /// scalar.
  static Result<Operand> make(const Value& value, Compare comparison, Reading reading);

  [[nodiscard]] const std::string& text() const { return operand_.text(); }
  /// Made of a number, not of a text that spells one.
  [[nodiscard]] bool is_number() const { return !is_text_ && number_.has_value(); }
  [[nodiscard]] const std::optional<InstantRange>& instants() const { return operand_.instants(); }

  /// Whether a scalar compares so with the operand. Numbers compare with numbers by their decimal
  /// value, booleans have no order but are equal, texts compare as instants where both are dates,
  /// else by the bytes of their UTF-8. A number and a text may be equal (`12` is how both are
  /// written in a query), but neither comes before the other. A pattern looks at texts and at the
  /// text of numbers and booleans. Arrays, objects and null never match.
  [[nodiscard]] bool matches(const Value& value, Compare comparison) const;
  [[nodiscard]] bool matches_text(std::string_view value, Compare comparison) const;
  [[nodiscard]] bool matches_instant(std::int64_t microseconds, Compare comparison) const;

private:
  Operand(std::string text, Reading reading) : operand_(std::move(text), reading) {}
  TextOperand operand_;
  bool is_text_ = true; ///< else it meets values of its own kind alone
  std::optional<Value> number_;
  std::optional<bool> boolean_;
  std::shared_ptr<const Pattern> pattern_; // shared: copies of a filter use one program
};

} // namespace diffo::json
