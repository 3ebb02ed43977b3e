#include "json/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace diffo::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

const char* skip_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at))
    ++at;
  return at;
}

/// A decimal number as sign × 0.d₁d₂d₃… × 10^exponent, d₁ and the last digit not zero; zero has no
/// digits.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

/// Reads an exponent; what nine digits cannot hold is held at the end of the scale.
std::int64_t exponent_of(std::string_view text) {
  constexpr std::int64_t most = 1'000'000'000'000;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+'))
    text.remove_prefix(1);
  std::int64_t value = 0;
  for (char c : text)
    value = std::min(most, value * 10 + (c - '0'));
  return negative ? -value : value;
}

Decimal decimal_of(std::string_view text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative)
    text.remove_prefix(1);
  const std::size_t mark = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, mark);
  const std::size_t point = mantissa.find('.');
  decimal.digits.append(mantissa.substr(0, point));
  decimal.exponent = static_cast<std::int64_t>(decimal.digits.size());
  if (point != std::string_view::npos)
    decimal.digits.append(mantissa.substr(point + 1));
  if (mark != std::string_view::npos)
    decimal.exponent += exponent_of(text.substr(mark + 1));

  const std::size_t first = decimal.digits.find_first_not_of('0');
  if (first == std::string::npos)
    return Decimal{};
  decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
  decimal.digits.erase(0, first);
  decimal.exponent -= static_cast<std::int64_t>(first);
  return decimal;
}

Decimal decimal_of_value(const Value& value) {
  if (value.kind() == Kind::number)
    return decimal_of(value.number_text());
  std::string text;
  write(value, text);
  return decimal_of(text);
}

int sign_of(std::strong_ordering order) {
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

int compare(const Decimal& left, const Decimal& right) {
  const int left_sign = left.digits.empty() ? 0 : left.negative ? -1 : 1;
  const int right_sign = right.digits.empty() ? 0 : right.negative ? -1 : 1;
  if (left_sign != right_sign || left_sign == 0)
    return sign_of(left_sign <=> right_sign);
  if (left.exponent != right.exponent)
    return sign_of(left.exponent <=> right.exponent) * left_sign;
  return sign_of(left.digits <=> right.digits) * left_sign;
}

/// Doubles in their usual order; what is not a number comes before all and equals itself.
int compare(double left, double right) {
  if (std::isnan(left) || std::isnan(right))
    return static_cast<int>(std::isnan(right)) - static_cast<int>(std::isnan(left));
  return left < right ? -1 : left > right ? 1 : 0;
}

/// Both as doubles when that loses nothing of what decides the comparison.
std::optional<int> compare_as_doubles(const Value& left, const Value& right) {
  // Every integer of this size is a double, and rounding to the nearest double keeps the order to
  // it.
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  const auto usable = [](const Value& value) {
    const std::int64_t* integer = value.if_integer();
    return value.if_real() != nullptr ||
           (integer != nullptr && *integer >= -exact && *integer <= exact);
  };
  const auto not_finite = [](const Value& value) {
    return value.if_real() != nullptr && !std::isfinite(*value.if_real());
  };
  if ((usable(left) && usable(right)) || not_finite(left) || not_finite(right))
    return compare(left.as_double(), right.as_double());
  return std::nullopt;
}

} // namespace

NumberForm form_of_number(std::string_view token) {
  const char* at = token.data();
  const char* const end = at + token.size();
  if (at != end && *at == '-')
    ++at;
  const char* const whole = at;
  at = skip_digits(at, end);
  if (at == whole || (*whole == '0' && at - whole > 1))
    return NumberForm::none;
  if (at == end)
    return NumberForm::integer;

  if (*at == '.') {
    const char* const fraction = ++at;
    at = skip_digits(at, end);
    if (at == fraction)
      return NumberForm::none;
  }
  if (at == end)
    return NumberForm::fraction;

  if (*at != 'e' && *at != 'E')
    return NumberForm::none;
  ++at;
  if (at != end && (*at == '+' || *at == '-'))
    ++at;
  const char* const exponent = at;
  at = skip_digits(at, end);
  if (at == exponent || at != end)
    return NumberForm::none;
  return at - exponent > 9 ? NumberForm::huge : NumberForm::fraction;
}

Value value_of_number(std::string_view token, NumberForm form) {
  const char* const begin = token.data();
  const char* const end = begin + token.size();
  if (form == NumberForm::integer) {
    std::int64_t integer = 0;
    // `-0` has no integer that would be written back as it came.
    if (std::from_chars(begin, end, integer).ec == std::errc() && (integer != 0 || *begin != '-'))
      return integer;
    return Number{std::string(token)};
  }
  // The longest text of write_real: sign, 17 digits, point, zeros of 1.0e-5, exponent.
  constexpr std::size_t longest_real = 32;
  double real = 0;
  if (token.size() <= longest_real && std::from_chars(begin, end, real).ec == std::errc()) {
    std::string text;
    write_real(real, text);
    if (text == token)
      return real;
  }
  return Number{std::string(token)};
}

double double_of_number(std::string_view token) {
  double real = 0;
  if (std::from_chars(token.data(), token.data() + token.size(), real).ec == std::errc())
    return real;
  const Decimal decimal = decimal_of(token);
  const double size = decimal.exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return decimal.negative ? -size : size;
}

int compare_numbers(const Value& left, const Value& right) {
  DIFFO_ASSERT(left.is_number() && right.is_number());
  const std::int64_t* left_integer = left.if_integer();
  const std::int64_t* right_integer = right.if_integer();
  if (left_integer != nullptr && right_integer != nullptr)
    return sign_of(*left_integer <=> *right_integer);
  if (const std::optional<int> order = compare_as_doubles(left, right))
    return *order;
  return compare(decimal_of_value(left), decimal_of_value(right));
}

} // namespace diffo::json
