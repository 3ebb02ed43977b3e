#include "model/domain/expression.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace diffo::model {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace

/// Recursive descent: sum of products of factors. One thread.
class ExpressionParser {
public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  Result<Expression> parse() {
    TRY(sum(0));
    if (at_ < text_.size())
      return wrong("there is something behind the end");
    return std::move(out_);
  }

private:
  using Kind = Expression::Kind;

  [[nodiscard]] Error wrong(std::string_view what) const {
    return {ErrorCode::invalid, "column " + std::to_string(at_ + 1) + ": " + std::string(what)};
  }

  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
      ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  void push(Kind kind) { out_.steps_.push_back({kind, 0, 0}); }

  Result<void> sum(std::size_t depth) {
    TRY(product(depth));
    for (char c = peek(); c == '+' || c == '-'; c = peek()) {
      ++at_;
      TRY(product(depth));
      push(c == '+' ? Kind::add : Kind::subtract);
    }
    return {};
  }

  Result<void> product(std::size_t depth) {
    TRY(factor(depth));
    for (char c = peek(); c == '*' || c == '/'; c = peek()) {
      ++at_;
      TRY(factor(depth));
      push(c == '*' ? Kind::multiply : Kind::divide);
    }
    return {};
  }

  Result<void> factor(std::size_t depth) {
    if (depth >= Expression::max_depth)
      return Error{ErrorCode::too_large, "an expression is nested at most " +
                                             std::to_string(Expression::max_depth) + " deep"};
    const char c = peek();
    if (c == '-') {
      ++at_;
      TRY(factor(depth + 1));
      push(Kind::negate);
      return {};
    }
    if (c == '(') {
      ++at_;
      TRY(sum(depth + 1));
      if (peek() != ')')
        return wrong("a parenthesis is not closed");
      ++at_;
      return {};
    }
    if (is_letter(c))
      return name();
    return number();
  }

  Result<void> name() {
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           (is_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.'))
      ++at_;
    const std::string_view found = text_.substr(start, at_ - start);
    auto& names = out_.names_;
    auto place = std::find(names.begin(), names.end(), found);
    if (place == names.end())
      place = names.emplace(names.end(), found);
    out_.steps_.push_back({Kind::name, 0, static_cast<std::size_t>(place - names.begin())});
    return {};
  }

  Result<void> number() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.'))
      ++at_;
    double value = 0;
    const char* last = text_.data() + at_;
    const auto [end, error] =
        std::from_chars(text_.data() + start, last, value, std::chars_format::fixed);
    if (start == at_ || error != std::errc() || end != last) {
      at_ = start;
      return wrong("a number, a name or a parenthesis belongs here");
    }
    out_.steps_.push_back({Kind::number, value, 0});
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Expression out_;
};

Result<Expression> Expression::parse(std::string_view text) {
  if (text.size() > max_bytes)
    return Error{ErrorCode::too_large,
                 "an expression has at most " + std::to_string(max_bytes) + " bytes"};
  return ExpressionParser(text).parse();
}

std::optional<double> Expression::evaluate(const Lookup& lookup) const {
  std::vector<double> stack;
  for (const Step& step : steps_) {
    if (step.kind == Kind::number) {
      stack.push_back(step.number);
      continue;
    }
    if (step.kind == Kind::name) {
      const auto value = lookup(names_[step.name]);
      if (!value)
        return std::nullopt;
      stack.push_back(*value);
      continue;
    }
    if (step.kind == Kind::negate) {
      stack.back() = -stack.back();
      continue;
    }
    const double right = stack.back();
    stack.pop_back();
    double& left = stack.back();
    if (step.kind == Kind::divide && right == 0)
      return std::nullopt;
    left = step.kind == Kind::add        ? left + right
           : step.kind == Kind::subtract ? left - right
           : step.kind == Kind::multiply ? left * right
                                         : left / right;
  }
  return stack.size() == 1 && std::isfinite(stack.back()) ? std::optional(stack.back())
                                                          : std::nullopt;
}

} // namespace diffo::model
