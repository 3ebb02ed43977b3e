#include "json/operand.h"

namespace diffo::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool compares(std::partial_ordering order, Compare comparison) {
  switch (comparison) {
  case Compare::equal:
    return order == 0;
  case Compare::greater:
    return order > 0;
  case Compare::greater_or_equal:
    return order >= 0;
  case Compare::less:
    return order < 0;
  case Compare::less_or_equal:
    return order <= 0;
  case Compare::exists:
    return true;
  case Compare::matches:
    return false;
  }
  return false;
}

} // namespace

bool allows_equal(Compare comparison) {
  return comparison == Compare::equal || comparison == Compare::greater_or_equal ||
         comparison == Compare::less_or_equal;
}

std::optional<Value> number_in(std::string_view text) {
  if (text.empty() || text.size() > 64 || !(is_digit(text[0]) || text[0] == '-'))
    return std::nullopt;
  auto value = read(text);
  if (!value || !value->is_number())
    return std::nullopt;
  return std::move(value).value();
}

Result<Operand> Operand::make(const Value& value, Compare comparison, Reading reading) {
  const bool pattern = comparison == Compare::matches;
  const std::string* text = value.if_string();
  if (text == nullptr && !value.is_number() && !value.is_boolean())
    return Error{ErrorCode::invalid, "only texts, numbers and booleans can be compared with"};
  Operand operand(text != nullptr ? *text : to_text(value), pattern ? Reading::text : reading);
  operand.is_text_ = text != nullptr;
  if (pattern)
    operand.pattern_ = TRY(Pattern::compile(operand.text()));
  if (pattern || (reading == Reading::text && operand.is_text_))
    return operand;
  operand.number_ = number_in(operand.text());
  if (operand.text() == "true" || operand.text() == "false")
    operand.boolean_ = operand.text() == "true";
  return operand;
}

bool Operand::matches(const Value& value, Compare comparison) const {
  if (const std::string* text = value.if_string())
    return matches_text(*text, comparison);
  if (comparison == Compare::matches)
    return (value.is_number() || value.is_boolean()) && pattern_ &&
           pattern_->found_in(to_text(value));
  if (value.is_number())
    return number_ && compares(compare_numbers(value, *number_) <=> 0, comparison);
  if (value.is_boolean())
    return boolean_ && allows_equal(comparison) && value.boolean() == *boolean_;
  return false;
}

bool Operand::matches_text(std::string_view value, Compare comparison) const {
  if (comparison == Compare::matches)
    return pattern_ && pattern_->found_in(value);
  if (!is_text_)
    return false;
  const std::partial_ordering order = operand_.order_of(value);
  // A number has no place among texts; a year is a number too, and has one among dates.
  if (number_ && comparison != Compare::equal && operand_.reading() == Reading::value &&
      !(operand_.instants() && moment_of(value, Reading::value)))
    return allows_equal(comparison) && order == 0;
  return compares(order, comparison);
}

bool Operand::matches_instant(std::int64_t microseconds, Compare comparison) const {
  return compares(operand_.order_of_moment(microseconds), comparison);
}

} // namespace diffo::json
