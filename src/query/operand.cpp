#include "query/operand.h"

namespace diffo::query {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool compares(std::partial_ordering order, Comparison comparison) {
  switch (comparison) {
  case Comparison::equal:
  case Comparison::not_equal:
    return order == 0;
  case Comparison::greater:
    return order > 0;
  case Comparison::greater_or_equal:
    return order >= 0;
  case Comparison::less:
    return order < 0;
  case Comparison::less_or_equal:
    return order <= 0;
  case Comparison::pattern:
    return false;
  }
  return false;
}

/// The number the text spells as JSON does, or nothing.
std::optional<json::Value> read_number(std::string_view text) {
  if (text.empty() || text.size() > 64 || !(is_digit(text[0]) || text[0] == '-'))
    return std::nullopt;
  auto value = json::read(text);
  if (!value || !value->is_number())
    return std::nullopt;
  return std::move(value).value();
}

} // namespace

std::string_view name_of(Comparison comparison) {
  switch (comparison) {
  case Comparison::equal:
    return "eq";
  case Comparison::not_equal:
    return "ne";
  case Comparison::greater:
    return "gt";
  case Comparison::greater_or_equal:
    return "gte";
  case Comparison::less:
    return "lt";
  case Comparison::less_or_equal:
    return "lte";
  case Comparison::pattern:
    return "regex";
  }
  return "";
}

Result<Operand> Operand::make(std::string text, Comparison comparison, Reading reading) {
  const bool pattern = comparison == Comparison::pattern;
  Operand operand(std::move(text), pattern ? Reading::text : reading);
  if (pattern)
    operand.pattern_ = TRY(Pattern::compile(operand.text()));
  if (pattern || reading == Reading::text)
    return operand;
  operand.number_ = read_number(operand.text());
  if (operand.text() == "true" || operand.text() == "false")
    operand.boolean_ = operand.text() == "true";
  return operand;
}

bool Operand::matches(const json::Value& value, Comparison comparison) const {
  if (const std::string* text = value.if_string())
    return matches_text(*text, comparison);
  if (comparison == Comparison::pattern)
    return (value.is_number() || value.is_boolean()) && pattern_ &&
           pattern_->found_in(json::to_text(value));
  if (value.is_number())
    return number_ && compares(json::compare_numbers(value, *number_) <=> 0, comparison);
  if (value.is_boolean())
    return boolean_ && (comparison == Comparison::equal || comparison == Comparison::not_equal) &&
           value.boolean() == *boolean_;
  return false;
}

bool Operand::matches_text(std::string_view value, Comparison comparison) const {
  if (comparison == Comparison::pattern)
    return pattern_ && pattern_->found_in(value);
  return compares(operand_.order_of(value), comparison);
}

bool Operand::matches_instant(std::int64_t microseconds, Comparison comparison) const {
  return compares(operand_.order_of_moment(microseconds), comparison);
}

} // namespace diffo::query
