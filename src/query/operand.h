#pragma once

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

/// The moments that a date text means at the precision it is written in: `2013` is a year,
/// `2026-06-22T01:02:03.004Z` a millisecond. Microseconds since 1970; `until` is not part of it.
struct InstantRange {
  std::int64_t from = 0;
  std::int64_t until = 0;
  /// Written with at least a day, so that it may be compared with any text that is a date.
  bool has_day = false;
};

/// Reads `yyyy`, `yyyy-mm`, `yyyy-mm-dd`, or a date-time with optional seconds, fraction and
/// offset; without an offset it is UTC. A space stands for the `+` of an offset that a URL lost.
std::optional<InstantRange> parse_instant_range(std::string_view text);

/// What an operand is compared as.
enum class Reading : std::uint8_t {
  by_value,  ///< as whatever the value it meets is
  as_text,   ///< as text: a name that looks like a date is no date
  as_instant ///< as a date or date-time: a text that is none equals only itself
};

/// One alternative of a condition, read once for every kind of value it may meet. Thread rule:
/// immutable.
class Operand {
public:
  /// Errors: invalid or too_large for a pattern that does not compile.
  static Result<Operand> make(std::string text, Comparison comparison,
                              Reading reading = Reading::by_value);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::optional<InstantRange>& instants() const { return instants_; }

  /// Whether a scalar compares so with the operand; not_equal is asked as equal and negated by the
  /// condition. Numbers compare as numbers, booleans by equality, texts as instants where both are
  /// dates, else by code point; a pattern looks at texts and at the text of numbers and booleans.
  /// Arrays, objects and null never match.
  [[nodiscard]] bool matches(const json::Value& value, Comparison comparison) const;
  [[nodiscard]] bool matches_text(std::string_view value, Comparison comparison) const;
  [[nodiscard]] bool matches_instant(std::int64_t microseconds, Comparison comparison) const;

private:
  explicit Operand(std::string text) : text_(std::move(text)) {}
  std::string text_;
  Reading reading_ = Reading::by_value;
  std::optional<json::Value> number_;
  std::optional<bool> boolean_;
  std::optional<InstantRange> instants_;
  std::shared_ptr<const Pattern> pattern_; // shared: copies of a filter use one program
};

} // namespace diffo::query
