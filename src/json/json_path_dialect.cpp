#include "json/json_path_reader.h"

#include <algorithm>
#include <array>

// What TMF630 Part 6 writes otherwise than RFC 9535 (json_path.h, Dialect).
namespace diffo::json::path {
namespace {

bool is_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '@' || c == '`' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

Comparison turned_round(Comparison comparison) {
  switch (comparison) {
  case Comparison::equal:
  case Comparison::unequal:
    return comparison;
  case Comparison::less:
    return Comparison::more;
  case Comparison::less_or_equal:
    return Comparison::more_or_equal;
  case Comparison::more:
    return Comparison::less;
  case Comparison::more_or_equal:
    return Comparison::less_or_equal;
  }
  return comparison;
}

/// Equality is asked as such, and so is its opposite: what is read once does not depend on more.
bool is_literal(const Operand& operand) {
  return std::holds_alternative<Value>(operand);
}

bool is_number_or_pattern_begin(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '\'' || c == '"';
}

} // namespace

bool Reader::is_loose_name_here() const {
  return !at_end() && next() != '-' && is_in_name(next());
}

bool Reader::is_named_with_at() const {
  constexpr std::array<std::string_view, 4> names{"@type", "@baseType", "@schemaLocation",
                                                  "@referredType"};
  return std::any_of(names.begin(), names.end(), [this](std::string_view name) {
    return begins(name) &&
           (at_ + name.size() >= text_.size() || !is_in_name(text_[at_ + name.size()]));
  });
}

std::string Reader::loose_name() {
  const bool is_escaped = take("`");
  const std::size_t begin = at_;
  while (!at_end() && is_in_name(next()))
    ++at_;
  if (is_escaped && at_ == begin)
    return "`";
  return std::string(text_.substr(begin, at_ - begin));
}

/// `.length(`, which belongs to what stands before it.
bool Reader::calls_behind_dot() const {
  if (next() != '.')
    return false;
  const std::size_t bracket = text_.find('(', at_);
  return bracket != std::string_view::npos &&
         function_named(text_.substr(at_ + 1, bracket - at_ - 1), dialect_).has_value();
}

Result<Operand> Reader::called_behind(Query query) {
  take(".");
  const std::size_t bracket = text_.find('(', at_);
  const auto function = function_named(text_.substr(at_, bracket - at_), dialect_);
  if (!function || *function == Function::match || *function == Function::search)
    return wrong("length, count, value, min, max, avg or stddev");
  at_ = bracket + 1;
  skip_blank();
  if (!take(")"))
    return wrong(")");
  Call made;
  made.function = *function;
  made.argument = std::move(query);
  return Operand(std::make_shared<const Call>(std::move(made)));
}

Result<Operand> Reader::loose_operand(Side side) {
  if (is_number_or_pattern_begin(next()))
    return Operand(TRY(literal()));
  for (const std::string_view word : {"true", "false", "null"})
    if (begins(word) &&
        (at_ + word.size() >= text_.size() ||
         (!is_in_name(text_[at_ + word.size()]) &&
          std::string_view(".[(").find(text_[at_ + word.size()]) == std::string_view::npos)))
      return Operand(TRY(literal()));
  const std::size_t bracket = std::min(text_.find('(', at_), text_.size());
  if (const auto function = function_named(text_.substr(at_, bracket - at_), dialect_);
      function && bracket < text_.size()) {
    at_ = bracket + 1;
    return Operand(TRY(call(*function)));
  }
  // A word on the right would rather be a text without its quotes.
  if (side == Side::right && next() != '@' && next() != '$')
    return wrong("a number, a text in quotes, true, false, null or a path that begins with @");
  Query made = TRY(query());
  if (next() == '.' && calls_behind_dot())
    return called_behind(std::move(made));
  return Operand(std::move(made));
}

Reading Reader::reading_at(const Operand& operand) const {
  const Query* query = std::get_if<Query>(&operand);
  if (query == nullptr || !reading_)
    return Reading::value;
  std::vector<std::string> names;
  if (query->beginning == Beginning::current)
    names = within_;
  for (const Segment& one : query->segments) {
    if (one.reach != Reach::child || one.selectors.size() != 1)
      return Reading::value;
    if (one.selectors[0].kind == SelectorKind::name)
      names.push_back(one.selectors[0].name);
  }
  return names.empty() ? Reading::value : reading_(names);
}

Result<Logical> Reader::loose_comparison(Logical logical) {
  if (gives_truth(logical.left) || gives_truth(logical.right))
    return wrong("a comparison of values");
  logical.kind = LogicalKind::compares_loose;
  if (is_literal(logical.left) && !is_literal(logical.right)) {
    std::swap(logical.left, logical.right);
    logical.comparison = turned_round(logical.comparison);
  }
  const Value* literal = std::get_if<Value>(&logical.right);
  if (literal == nullptr || literal->is_null())
    return logical;
  logical.asked = std::make_shared<const json::Operand>(
      TRY(json::Operand::make(*literal, Compare::equal, reading_at(logical.left))));
  return logical;
}

Result<void> Reader::count_pattern() {
  if (++patterns_ > max_path_patterns)
    return Error{ErrorCode::too_large, "a path may have 16 patterns at most"};
  return {};
}

Result<Logical> Reader::match(Logical logical) {
  skip_blank();
  if (gives_truth(logical.left))
    return wrong("a value before =~");
  TRY(count_pattern());
  logical.kind = LogicalKind::matches;
  logical.asked = std::make_shared<const json::Operand>(
      TRY(json::Operand::make(Value(TRY(pattern_source())), Compare::matches, Reading::text)));
  return logical;
}

Result<std::string> Reader::pattern_source() {
  if (next() == '\'' || next() == '"')
    return quoted();
  if (next() == '/')
    return pattern_between_slashes();
  return wrong("a pattern in quotes or between slashes");
}

Result<std::string> Reader::pattern_between_slashes() {
  take("/");
  std::string source;
  bool in_class = false;
  while (!at_end() && (in_class || next() != '/')) {
    if (begins("\\/"))
      take("\\");
    else if (next() == '\\' && at_ + 1 < text_.size())
      source += text_[at_++];
    else if (next() == '[' || next() == ']')
      in_class = next() == '[';
    source += text_[at_++];
  }
  if (!take("/"))
    return wrong("a slash behind the pattern");
  std::string options;
  for (; !at_end() && next() >= 'a' && next() <= 'z'; ++at_) {
    if (std::string_view("ims").find(next()) != std::string_view::npos)
      options += next();
    else if (next() != 'u' && next() != 'g')
      return wrong("one of the options i, m, s, u and g");
  }
  return options.empty() ? source : "(?" + options + ')' + source;
}

} // namespace diffo::json::path
