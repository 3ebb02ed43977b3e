#pragma once

#include <diffo/result.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::model {

/// Arithmetic over named numbers: `(lines + 2.5) * line.length / -total`. Names are of letters,
/// digits, `_` and points, and begin with a letter or `_`. Thread rule: immutable.
class Expression {
public:
  static constexpr std::size_t max_bytes = 4096;
  static constexpr std::size_t max_depth = 64;

  /// ErrorCode::invalid with the column of what is wrong; too_large beyond the bounds.
  static Result<Expression> parse(std::string_view text);

  /// Each name once, in the order of their first use.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  /// The value of a name, or nothing.
  using Lookup = std::function<std::optional<double>(std::string_view name)>;
  /// Nothing when a name has no value, when something is divided by zero, and for what is no finite
  /// number.
  [[nodiscard]] std::optional<double> evaluate(const Lookup& lookup) const;

private:
  friend class ExpressionParser;
  enum class Kind : std::uint8_t { number, name, negate, add, subtract, multiply, divide };
  /// In postfix order: what it works on stands before it.
  struct Step {
    Kind kind = Kind::number;
    double number = 0;
    std::size_t name = 0; ///< in names_
  };
  std::vector<Step> steps_;
  std::vector<std::string> names_;
};

} // namespace diffo::model
