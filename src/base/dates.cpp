#include "base/dates.h"

#include <chrono>
#include <utility>

namespace diffo {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t day = 86'400 * second;

/// Takes a text apart from its left end.
class Taker {
public:
  explicit Taker(std::string_view text) : left_(text) {}

  /// A number of exactly that many digits, at most `most`.
  std::optional<int> number(std::size_t digits, int most) {
    if (left_.size() < digits)
      return std::nullopt;
    int value = 0;
    for (const char c : left_.substr(0, digits)) {
      if (!is_digit(c))
        return std::nullopt;
      value = value * 10 + (c - '0');
    }
    left_.remove_prefix(digits);
    return value <= most ? std::optional<int>(value) : std::nullopt;
  }

  /// Whether one of these characters stood there; it is gone then.
  bool any_of(std::string_view characters) {
    if (left_.empty() || characters.find(left_.front()) == std::string_view::npos)
      return false;
    left_.remove_prefix(1);
    return true;
  }

  /// All digits that follow, as millionths; their number, at most six. Nothing without any.
  std::optional<std::pair<int, int>> fraction() {
    int value = 0;
    int digits = 0;
    int weight = 100'000;
    if (empty() || !is_digit(left_.front()))
      return std::nullopt;
    for (; !empty() && is_digit(left_.front()); left_.remove_prefix(1)) {
      value += (left_.front() - '0') * weight;
      weight /= 10;
      digits += digits < 6 ? 1 : 0;
    }
    return std::pair(value, digits);
  }

  [[nodiscard]] char front() const { return left_.empty() ? '\0' : left_.front(); }
  [[nodiscard]] bool empty() const { return left_.empty(); }

private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  std::string_view left_;
};

/// A year, a month or a day.
bool take_date(Taker& taker, DateParts& parts) {
  const bool before_zero = taker.any_of("-");
  const auto year = taker.number(4, 9999);
  if (!year)
    return false;
  parts.year = before_zero ? -*year : *year;
  if (!taker.any_of("-"))
    return true;
  const auto month = taker.number(2, 12);
  if (!month || *month == 0)
    return false;
  parts.month = *month;
  parts.precision = DatePrecision::month;
  if (!taker.any_of("-"))
    return true;
  const auto day_of_month = taker.number(2, 31);
  if (!day_of_month)
    return false;
  parts.day = *day_of_month;
  parts.precision = DatePrecision::day;
  return std::chrono::year_month_day(std::chrono::year(parts.year),
                                     std::chrono::month(static_cast<unsigned>(parts.month)),
                                     std::chrono::day(static_cast<unsigned>(parts.day)))
      .ok();
}

bool take_time(Taker& taker, DateParts& parts) {
  const auto hours = taker.number(2, 23);
  if (!hours || !taker.any_of(":"))
    return false;
  const auto minutes = taker.number(2, 59);
  if (!minutes)
    return false;
  parts.time_of_day = (*hours * 60 + *minutes) * minute;
  parts.precision = DatePrecision::minute;
  if (!taker.any_of(":"))
    return true;
  const auto seconds = taker.number(2, 60);
  if (!seconds)
    return false;
  parts.leap_second = *seconds == 60;
  parts.time_of_day += *seconds * second;
  parts.precision = DatePrecision::second;
  if (!taker.any_of(".,"))
    return true;
  const auto fraction = taker.fraction();
  if (!fraction)
    return false;
  parts.time_of_day += fraction->first;
  parts.fraction_digits = fraction->second;
  parts.precision = DatePrecision::fraction;
  return true;
}

/// How far the local time is ahead of UTC; nothing written is fine too.
bool take_offset(Taker& taker, DateParts& parts) {
  if (taker.empty())
    return true;
  if (taker.any_of("Zz")) {
    parts.offset = 0;
    return true;
  }
  const std::int64_t sign = taker.front() == '-' ? -1 : 1;
  if (!taker.any_of("+- "))
    return false;
  const auto hours = taker.number(2, 23);
  if (!hours)
    return false;
  std::optional<int> minutes = 0;
  if (!taker.empty()) {
    taker.any_of(":");
    minutes = taker.number(2, 59);
  }
  if (!minutes)
    return false;
  parts.offset = sign * (*hours * 60 + *minutes) * minute;
  return true;
}

std::int64_t first_moment_of(int year, int month, int day_of_month) {
  return std::chrono::sys_days(
             std::chrono::year_month_day(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day_of_month))))
             .time_since_epoch()
             .count() *
         day;
}

/// How long what the last digit counts lasts.
std::int64_t length_of(const DateParts& parts) {
  const std::int64_t from = first_moment_of(parts.year, parts.month, parts.day);
  switch (parts.precision) {
  case DatePrecision::year:
    return first_moment_of(parts.year + 1, 1, 1) - from;
  case DatePrecision::month:
    return (parts.month == 12 ? first_moment_of(parts.year + 1, 1, 1)
                              : first_moment_of(parts.year, parts.month + 1, 1)) -
           from;
  case DatePrecision::day:
    return day;
  case DatePrecision::minute:
    return minute;
  case DatePrecision::second:
    return second;
  case DatePrecision::fraction:
    break;
  }
  std::int64_t length = second;
  for (int digits = 0; digits < parts.fraction_digits; ++digits)
    length /= 10;
  return length;
}

/// Whether two values are dates beyond doubt: four digits may be a year or a number, so that they
/// are one only beside a text with a time of day.
bool are_dates(const InstantRange& operand, const InstantRange& value) {
  return value.has_time() || (value.has_day() && operand.has_day());
}

} // namespace

std::optional<DateParts> parse_date_parts(std::string_view text) {
  Taker taker(text);
  DateParts parts;
  if (!take_date(taker, parts))
    return std::nullopt;
  if (taker.empty())
    return parts;
  if (parts.precision != DatePrecision::day || !taker.any_of("Tt ") || !take_time(taker, parts) ||
      !take_offset(taker, parts) || !taker.empty())
    return std::nullopt;
  return parts;
}

std::optional<DateParts> parse_time_parts(std::string_view text) {
  Taker taker(text);
  DateParts parts;
  if (!take_time(taker, parts) || !taker.empty() || parts.leap_second)
    return std::nullopt;
  return parts;
}

std::weak_ordering InstantRange::order_of(std::int64_t microseconds) const {
  if (microseconds < from)
    return std::weak_ordering::less;
  return microseconds < until ? std::weak_ordering::equivalent : std::weak_ordering::greater;
}

std::optional<InstantRange> parse_instants(std::string_view text) {
  static const std::int64_t first = first_moment_of(0, 1, 1);
  static const std::int64_t end = first_moment_of(10'000, 1, 1);
  const auto parts = parse_date_parts(text);
  if (!parts || text.front() == '-')
    return std::nullopt;
  const std::int64_t from = first_moment_of(parts->year, parts->month, parts->day) +
                            parts->time_of_day - parts->offset.value_or(0);
  if (from < first || from >= end)
    return std::nullopt;
  // What we read is then the first second of the next day.
  if (parts->leap_second && (from % day + day) % day >= second)
    return std::nullopt;
  return InstantRange{from, from + length_of(*parts), parts->precision, parts->offset.has_value()};
}

std::optional<std::int64_t> moment_of(std::string_view text, Reading reading) {
  if (reading == Reading::text)
    return std::nullopt;
  const auto instants = parse_instants(text);
  if (!instants || (reading == Reading::value && !instants->has_day()))
    return std::nullopt;
  return instants->from;
}

TextOperand::TextOperand(std::string text, Reading reading)
    : text_(std::move(text)), reading_(reading) {
  if (reading != Reading::text)
    instants_ = parse_instants(text_);
}

std::partial_ordering TextOperand::order_of(std::string_view text) const {
  if (instants_) {
    const auto found = parse_instants(text);
    if (found && (reading_ == Reading::instant || are_dates(*instants_, *found)))
      return instants_->order_of(found->from);
  }
  if (text == text_)
    return std::partial_ordering::equivalent;
  if (instants_ || reading_ == Reading::instant)
    return std::partial_ordering::unordered;
  return text.compare(text_) <=> 0;
}

std::partial_ordering TextOperand::order_of_moment(std::int64_t microseconds) const {
  if (!instants_)
    return std::partial_ordering::unordered;
  return instants_->order_of(microseconds);
}

} // namespace diffo
