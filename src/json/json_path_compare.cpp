#include "json/json_path_compare.h"

namespace diffo::json::path {
namespace {

bool is_less(const Value& left, const Value& right) {
  if (left.is_number() && right.is_number())
    return compare_numbers(left, right) < 0;
  return left.is_string() && right.is_string() && left.string() < right.string();
}

const Value nothing{};

/// TMF630 Part 6: null is what is not there.
const Value& or_null(const Value* value) {
  return value != nullptr ? *value : nothing;
}

Compare asked_as(Comparison comparison) {
  switch (comparison) {
  case Comparison::equal:
  case Comparison::unequal:
    return Compare::equal;
  case Comparison::less:
    return Compare::less;
  case Comparison::less_or_equal:
    return Compare::less_or_equal;
  case Comparison::more:
    return Compare::greater;
  case Comparison::more_or_equal:
    return Compare::greater_or_equal;
  }
  return Compare::equal;
}

/// What an operand is for that meets texts that are numbers as well.
bool meets_loosely(const Value& left, Compare comparison, const json::Operand& operand) {
  if (const std::string* text = left.if_string(); text != nullptr && operand.is_number())
    if (const auto number = number_in(*text))
      return operand.matches(*number, comparison);
  return operand.matches(left, comparison);
}

bool is_scalar(const Value& value) {
  return value.is_string() || value.is_number() || value.is_boolean();
}

} // namespace

bool compares(const Value* left, Comparison comparison, const Value* right) {
  using enum Comparison;
  const bool both = left != nullptr && right != nullptr;
  const bool same = both ? *left == *right : left == right;
  switch (comparison) {
  case equal:
    return same;
  case unequal:
    return !same;
  case less:
    return both && is_less(*left, *right);
  case less_or_equal:
    return same || (both && is_less(*left, *right));
  case more:
    return both && is_less(*right, *left);
  case more_or_equal:
    return same || (both && is_less(*right, *left));
  }
  return false;
}

bool compares_loosely(const Value* left, Comparison comparison, const Value* right,
                      const json::Operand* operand) {
  const Value& one = or_null(left);
  const Value& other = or_null(right);
  const bool turned = comparison == Comparison::unequal;
  const Compare asked = asked_as(comparison);
  if (operand == nullptr && is_scalar(one) && is_scalar(other)) {
    const auto made = json::Operand::make(other, asked, Reading::value);
    return made && meets_loosely(one, asked, *made) != turned;
  }
  if (operand != nullptr)
    return meets_loosely(one, asked, *operand) != turned;
  return (allows_equal(asked) && one == other) != turned;
}

} // namespace diffo::json::path
