#include "query/operand.h"

#include "base/time.h"

#include <algorithm>
#include <limits>

namespace diffo::query {
namespace {

constexpr std::int64_t microseconds_per_second = 1'000'000;
constexpr std::int64_t microseconds_per_day = 86'400 * microseconds_per_second;
constexpr std::int64_t end_of_time = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Whether the text has digits where the form has `0` and the form's own characters elsewhere.
bool has_form(std::string_view text, std::string_view form) {
  if (text.size() != form.size())
    return false;
  for (std::size_t at = 0; at < form.size(); ++at)
    if (form[at] == '0' ? !is_digit(text[at]) : text[at] != form[at])
      return false;
  return true;
}

int number_at(std::string_view text, std::size_t at, std::size_t count) {
  int number = 0;
  for (const char c : text.substr(at, count))
    number = number * 10 + (c - '0');
  return number;
}

std::optional<std::int64_t> first_moment(int year, int month) {
  if (year > 9999)
    return end_of_time;
  std::string date = std::to_string(10'000 + year).substr(1) + "-";
  date += std::to_string(100 + month).substr(1) + "-01";
  const auto moment = parse_date(date);
  if (!moment)
    return std::nullopt;
  return moment->microseconds;
}

std::optional<InstantRange> range_of_months(int year, int month, int count) {
  const auto from = first_moment(year, month);
  const int next = month + count;
  const auto until = next > 12 ? first_moment(year + 1, next - 12) : first_moment(year, next);
  if (!from || !until)
    return std::nullopt;
  return InstantRange{*from, *until, false};
}

/// How much one unit of the last digit of `hh:mm[:ss[.f…]]` is worth, and the time made complete.
struct CompleteTime {
  std::string text;
  std::int64_t unit = 0;
};

std::optional<CompleteTime> complete_time(std::string_view time) {
  if (has_form(time, "00:00"))
    return CompleteTime{std::string(time) + ":00", 60 * microseconds_per_second};
  if (has_form(time, "00:00:00"))
    return CompleteTime{std::string(time), microseconds_per_second};
  if (time.size() < 10 || !has_form(time.substr(0, 9), "00:00:00.") ||
      !std::all_of(time.begin() + 9, time.end(), is_digit))
    return std::nullopt;
  std::int64_t unit = microseconds_per_second;
  for (std::size_t digits = time.size() - 9; digits > 0 && unit > 1; --digits)
    unit /= 10;
  return CompleteTime{std::string(time), unit};
}

std::optional<InstantRange> range_of_date_time(std::string_view text) {
  std::string_view rest = text.substr(11);
  std::string offset = "Z";
  if (!rest.empty() && (rest.back() == 'Z' || rest.back() == 'z')) {
    rest.remove_suffix(1);
  } else if (rest.size() > 6) {
    const std::string_view tail = rest.substr(rest.size() - 6);
    if (has_form(tail, "+00:00") || has_form(tail, "-00:00") || has_form(tail, " 00:00")) {
      offset = tail;
      offset[0] = offset[0] == ' ' ? '+' : offset[0];
      rest.remove_suffix(6);
    }
  }
  const auto time = complete_time(rest);
  if (!time)
    return std::nullopt;
  const auto from = parse_timestamp(std::string(text.substr(0, 10)) + "T" + time->text + offset);
  if (!from)
    return std::nullopt;
  return InstantRange{from->microseconds, from->microseconds + time->unit, true};
}

bool compares(int order, Comparison comparison) {
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

/// A value that is a date or a date-time, as a moment.
std::optional<std::int64_t> moment_of(std::string_view value, bool day_suffices) {
  if (value.size() < 10 || !has_form(value.substr(0, 10), "0000-00-00"))
    return std::nullopt;
  if (value.size() == 10 && !day_suffices)
    return std::nullopt;
  const auto moment = value.size() == 10 ? parse_date(value) : parse_timestamp(value);
  if (!moment)
    return std::nullopt;
  return moment->microseconds;
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

std::optional<InstantRange> parse_instant_range(std::string_view text) {
  if (has_form(text, "0000"))
    return range_of_months(number_at(text, 0, 4), 1, 12);
  if (has_form(text, "0000-00"))
    return range_of_months(number_at(text, 0, 4), number_at(text, 5, 2), 1);
  if (has_form(text, "0000-00-00")) {
    const auto day = parse_date(text);
    if (!day)
      return std::nullopt;
    return InstantRange{day->microseconds, day->microseconds + microseconds_per_day, true};
  }
  if (text.size() > 11 && text.size() <= 64 && has_form(text.substr(0, 10), "0000-00-00") &&
      (text[10] == 'T' || text[10] == 't' || text[10] == ' '))
    return range_of_date_time(text);
  return std::nullopt;
}

Result<Operand> Operand::make(std::string text, Comparison comparison, Reading reading) {
  Operand operand(std::move(text));
  if (comparison == Comparison::pattern) {
    operand.pattern_ = TRY(Pattern::compile(operand.text_));
    return operand;
  }
  operand.reading_ = reading;
  if (reading == Reading::as_text)
    return operand;
  operand.number_ = read_number(operand.text_);
  operand.instants_ = parse_instant_range(operand.text_);
  if (operand.text_ == "true" || operand.text_ == "false")
    operand.boolean_ = operand.text_ == "true";
  return operand;
}

bool Operand::matches(const json::Value& value, Comparison comparison) const {
  if (const std::string* text = value.if_string())
    return matches_text(*text, comparison);
  if (comparison == Comparison::pattern)
    return (value.is_number() || value.is_boolean()) && pattern_ &&
           pattern_->found_in(json::to_text(value));
  if (value.is_number())
    return number_ && compares(json::compare_numbers(value, *number_), comparison);
  if (value.is_boolean())
    return boolean_ && (comparison == Comparison::equal || comparison == Comparison::not_equal) &&
           value.boolean() == *boolean_;
  return false;
}

bool Operand::matches_text(std::string_view value, Comparison comparison) const {
  if (comparison == Comparison::pattern)
    return pattern_ && pattern_->found_in(value);
  const bool as_instant = reading_ == Reading::as_instant;
  if (instants_) {
    if (const auto moment = moment_of(value, as_instant || instants_->has_day))
      return matches_instant(*moment, comparison);
    if (as_instant)
      return false;
  }
  if (as_instant && comparison != Comparison::equal && comparison != Comparison::not_equal)
    return false;
  return compares(value.compare(text_), comparison);
}

bool Operand::matches_instant(std::int64_t microseconds, Comparison comparison) const {
  if (!instants_)
    return false;
  switch (comparison) {
  case Comparison::equal:
  case Comparison::not_equal:
    return microseconds >= instants_->from && microseconds < instants_->until;
  case Comparison::greater:
    return microseconds >= instants_->until;
  case Comparison::greater_or_equal:
    return microseconds >= instants_->from;
  case Comparison::less:
    return microseconds < instants_->from;
  case Comparison::less_or_equal:
    return microseconds < instants_->until;
  case Comparison::pattern:
    return false;
  }
  return false;
}

} // namespace diffo::query
