#include "base/time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

namespace diffo {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;
constexpr std::int64_t first_moment = -62'167'219'200 * second;    // 0000-01-01T00:00:00Z
constexpr std::int64_t last_moment = 253'402'300'800 * second - 1; // 9999-12-31T23:59:59.999999Z

/// Takes a text apart from its left end.
class Taker {
public:
  explicit Taker(std::string_view text) : left_(text) {}

  /// A number of exactly that many digits, at most `most`.
  std::optional<int> number(std::size_t digits, int most) {
    if (left_.size() < digits)
      return std::nullopt;
    int value = 0;
    for (char c : left_.substr(0, digits)) {
      if (c < '0' || c > '9')
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

  /// All digits that follow, as millionths.
  std::optional<int> fraction() {
    if (left_.empty() || !is_digit(left_.front()))
      return std::nullopt;
    int value = 0;
    int weight = 100'000;
    for (; !left_.empty() && is_digit(left_.front()); left_.remove_prefix(1)) {
      value += (left_.front() - '0') * weight;
      weight /= 10;
    }
    return value;
  }

  [[nodiscard]] char front() const { return left_.empty() ? '\0' : left_.front(); }
  [[nodiscard]] bool empty() const { return left_.empty(); }

private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  std::string_view left_;
};

/// RFC 3339 §5.6 full-date, as microseconds.
std::optional<std::int64_t> take_date(Taker& taker) {
  const auto year = taker.number(4, 9999);
  if (!year || !taker.any_of("-"))
    return std::nullopt;
  const auto month = taker.number(2, 12);
  if (!month || !taker.any_of("-"))
    return std::nullopt;
  const auto day_of_month = taker.number(2, 31);
  if (!day_of_month)
    return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day_of_month)));
  if (!date.ok())
    return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * day;
}

struct TimeOfDay {
  std::int64_t microseconds = 0;
  bool leap_second = false;
};

/// RFC 3339 §5.6 partial-time.
std::optional<TimeOfDay> take_time(Taker& taker) {
  const auto hour = taker.number(2, 23);
  if (!hour || !taker.any_of(":"))
    return std::nullopt;
  const auto minute = taker.number(2, 59);
  if (!minute || !taker.any_of(":"))
    return std::nullopt;
  const auto seconds = taker.number(2, 60);
  if (!seconds)
    return std::nullopt;
  std::optional<int> fraction = 0;
  if (taker.any_of("."))
    fraction = taker.fraction();
  if (!fraction)
    return std::nullopt;
  TimeOfDay time;
  time.leap_second = *seconds == 60;
  time.microseconds = ((std::int64_t{*hour} * 60 + *minute) * 60 + *seconds) * second + *fraction;
  return time;
}

/// RFC 3339 §5.6 time-offset: how far the local time is ahead of UTC.
std::optional<std::int64_t> take_offset(Taker& taker) {
  if (taker.any_of("Zz"))
    return 0;
  const std::int64_t sign = taker.front() == '-' ? -1 : 1;
  if (!taker.any_of("+-"))
    return std::nullopt;
  const auto hours = taker.number(2, 23);
  if (!hours || !taker.any_of(":"))
    return std::nullopt;
  const auto minutes = taker.number(2, 59);
  if (!minutes)
    return std::nullopt;
  return sign * (*hours * 60 + *minutes) * 60 * second;
}

std::optional<Timestamp> parse_date_time(std::string_view text) {
  Taker taker(text);
  const auto date = take_date(taker);
  if (!date || !taker.any_of("Tt"))
    return std::nullopt;
  const auto time = take_time(taker);
  if (!time)
    return std::nullopt;
  const auto offset = take_offset(taker);
  if (!offset || !taker.empty())
    return std::nullopt;
  const std::int64_t moment = *date + time->microseconds - *offset;
  if (moment < first_moment || moment > last_moment)
    return std::nullopt;
  // §5.7: a leap second ends a day in UTC; what we read is then the first second of the next.
  if (time->leap_second && (moment % day + day) % day >= second)
    return std::nullopt;
  return Timestamp{moment};
}

std::optional<Timestamp> parse_date_alone(std::string_view text) {
  Taker taker(text);
  const auto date = take_date(taker);
  return date && taker.empty() ? std::optional(Timestamp{*date}) : std::nullopt;
}

Error malformed(std::string_view what) {
  return Error{ErrorCode::malformed, "not " + std::string(what)};
}

/// Writes just that many digits; returns where the next character goes.
char* write_digits(std::int64_t value, std::size_t digits, char* out) {
  for (std::size_t index = digits; index > 0; --index) {
    out[index - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + digits;
}

char* write_date(std::chrono::sys_days date, char* out) {
  const std::chrono::year_month_day parts(date);
  out = write_digits(static_cast<int>(parts.year()), 4, out);
  *out++ = '-';
  out = write_digits(static_cast<unsigned>(parts.month()), 2, out);
  *out++ = '-';
  return write_digits(static_cast<unsigned>(parts.day()), 2, out);
}

/// The nearest moment whose year has four digits.
Timestamp writable(Timestamp time) {
  return Timestamp{std::clamp(time.microseconds, first_moment, last_moment)};
}

std::chrono::sys_days date_of(Timestamp time) {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::microseconds>(
      std::chrono::microseconds(time.microseconds)));
}

/// The text with that many digits of the second, 3 or 6.
void write_with(std::size_t digits, Timestamp time, std::string& out) {
  const std::chrono::sys_days date = date_of(writable(time));
  const std::int64_t rest = writable(time).microseconds - date.time_since_epoch().count() * day;
  std::array<char, sizeof "2026-06-22T01:02:03.004005Z"> text;
  char* at = write_date(date, text.data());
  *at++ = 'T';
  at = write_digits(rest / (3600 * second), 2, at);
  *at++ = ':';
  at = write_digits(rest / (60 * second) % 60, 2, at);
  *at++ = ':';
  at = write_digits(rest / second % 60, 2, at);
  *at++ = '.';
  at = write_digits(digits == 3 ? rest % second / 1000 : rest % second, digits, at);
  *at++ = 'Z';
  out.append(text.data(), at);
}

} // namespace

Result<Timestamp> parse_timestamp(std::string_view text) {
  if (const auto time = parse_date_time(text))
    return *time;
  return malformed("an RFC 3339 date and time");
}

Result<Timestamp> parse_date(std::string_view text) {
  if (const auto time = parse_date_alone(text))
    return *time;
  return malformed("an RFC 3339 date");
}

Result<Timestamp> parse_date_or_timestamp(std::string_view text) {
  if (const auto time = parse_date_time(text))
    return *time;
  if (const auto time = parse_date_alone(text))
    return *time;
  return malformed("an RFC 3339 date, with or without a time");
}

std::string text_of(Timestamp time) {
  std::string out;
  write_timestamp(time, out);
  return out;
}

std::string text_of_microseconds(Timestamp time) {
  std::string out;
  write_with(6, time, out);
  return out;
}

std::string text_of_date(Timestamp time) {
  std::array<char, sizeof "2026-06-22"> text;
  return std::string(text.data(), write_date(date_of(writable(time)), text.data()));
}

void write_timestamp(Timestamp time, std::string& out) {
  write_with(3, time, out);
}

Timestamp SystemClock::now() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

} // namespace diffo
