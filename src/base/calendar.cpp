#include "base/calendar.h"

#include "base/dates.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <limits>

namespace diffo {
namespace {

__extension__ using Wide = __int128;

std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  const std::int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

/// Takes a duration apart from its left end.
class Cursor {
public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted)
      return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// As many digits as there are; the fraction in microseconds and its precision, what is finer is
  /// cut off.
  std::optional<TimeOfDay> fraction() {
    TimeOfDay result;
    std::size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
      if (result.precision < 6) {
        result.microseconds = result.microseconds * 10 + (rest_[count] - '0');
        ++result.precision;
      }
      ++count;
    }
    if (count == 0)
      return std::nullopt;
    rest_.remove_prefix(count);
    for (int digit = result.precision; digit < 6; ++digit)
      result.microseconds *= 10;
    return result;
  }
  std::optional<std::int64_t> number() {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (problem != std::errc())
      return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }

private:
  std::string_view rest_;
};

Moment moment_of(const DateParts& parts) {
  const auto date = date_of(parts.year, parts.month, parts.day);
  return {date->days * microseconds_per_day + parts.time_of_day - parts.offset.value_or(0),
          parts.fraction_digits};
}

/// The parts of a date and time; nothing for a leap second where none can be.
std::optional<DateParts> date_and_time(std::string_view text) {
  const auto parts = parse_date_parts(text);
  if (!parts || parts->precision < DatePrecision::minute)
    return std::nullopt;
  if (parts->leap_second && time_of(moment_of(*parts)).microseconds >= microseconds_per_second)
    return std::nullopt;
  return parts;
}

/// Reads the parts before (date) or after (time) the `T`; units must come in order, each at most
/// once.
bool read_parts(Cursor& cursor, std::string_view units, std::int64_t* const* targets,
                Duration& whole, bool& any) {
  std::size_t next = 0;
  while (!cursor.at_end() && cursor.front() != 'T') {
    const bool negative = cursor.front() == '-';
    cursor.take('+');
    const auto amount = cursor.number();
    if (!amount)
      return false;
    if (cursor.take('.')) {
      const auto fraction = cursor.fraction();
      if (!fraction || cursor.front() != 'S')
        return false;
      whole.microseconds = negative ? -fraction->microseconds : fraction->microseconds;
      whole.precision = fraction->precision;
    }
    const std::size_t found = units.find(cursor.front(), next);
    if (found == std::string_view::npos)
      return false;
    cursor.take(cursor.front());
    *targets[found] = *amount;
    next = found + 1;
    any = true;
  }
  return true;
}

} // namespace

std::optional<Date> date_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < -9999 || year > 9999 || !date.ok())
    return std::nullopt;
  return Date{std::chrono::sys_days(date).time_since_epoch().count()};
}

CivilDate civil(Date date) {
  const std::chrono::year_month_day parts{
      std::chrono::sys_days(std::chrono::days(static_cast<int>(date.days)))};
  return {static_cast<int>(parts.year()), static_cast<int>(static_cast<unsigned>(parts.month())),
          static_cast<int>(static_cast<unsigned>(parts.day()))};
}

Date day_of(Moment moment) {
  return {floor_divide(moment.microseconds, microseconds_per_day)};
}

TimeOfDay time_of(Moment moment) {
  return {moment.microseconds - day_of(moment).days * microseconds_per_day, moment.precision};
}

std::optional<Date> parse_date(std::string_view text) {
  const auto parts = parse_date_parts(text);
  if (!parts || parts->precision != DatePrecision::day)
    return std::nullopt;
  return date_of(parts->year, parts->month, parts->day);
}

std::optional<TimeOfDay> parse_time(std::string_view text) {
  const auto parts = parse_time_parts(text);
  if (!parts)
    return std::nullopt;
  return TimeOfDay{parts->time_of_day, parts->fraction_digits};
}

std::optional<Moment> parse_naive(std::string_view text) {
  const auto parts = date_and_time(text);
  if (!parts || parts->offset)
    return std::nullopt;
  return moment_of(*parts);
}

std::optional<Moment> parse_datetime(std::string_view text) {
  const auto parts = date_and_time(text);
  if (!parts || !parts->offset)
    return std::nullopt;
  return moment_of(*parts);
}

std::optional<Duration> parse_duration(std::string_view text) {
  Cursor cursor(text);
  const bool negative = cursor.take('-');
  if (!cursor.take('P'))
    return std::nullopt;
  Duration duration;
  bool any = false;
  std::int64_t* const date_parts[] = {&duration.years, &duration.months, &duration.weeks,
                                      &duration.days};
  std::int64_t* const time_parts[] = {&duration.hours, &duration.minutes, &duration.seconds};
  if (!read_parts(cursor, "YMWD", date_parts, duration, any))
    return std::nullopt;
  if (cursor.take('T') &&
      (cursor.at_end() || !read_parts(cursor, "HMS", time_parts, duration, any)))
    return std::nullopt;
  if (!any || !cursor.at_end())
    return std::nullopt;
  if (negative)
    for (std::int64_t* part :
         {&duration.years, &duration.months, &duration.weeks, &duration.days, &duration.hours,
          &duration.minutes, &duration.seconds, &duration.microseconds}) {
      if (*part == std::numeric_limits<std::int64_t>::min())
        return std::nullopt;
      *part = -*part;
    }
  return duration;
}

std::string format_date(Date date) {
  const CivilDate parts = civil(date);
  char text[32];
  std::snprintf(text, sizeof text, "%s%04d-%02d-%02d", parts.year < 0 ? "-" : "",
                std::abs(parts.year), parts.month, parts.day);
  return text;
}

std::string format_time(TimeOfDay time) {
  const std::int64_t seconds = time.microseconds / microseconds_per_second;
  char text[48];
  std::snprintf(text, sizeof text, "%02d:%02d:%02d.%06d", static_cast<int>(seconds / 3600),
                static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60),
                static_cast<int>(time.microseconds % microseconds_per_second));
  const std::size_t length = time.precision == 0 ? 8 : 9 + static_cast<std::size_t>(time.precision);
  return std::string(text, length);
}

std::string format_moment(Moment moment, char separator) {
  return format_date(day_of(moment)) + separator + format_time(time_of(moment));
}

std::string format_duration(const Duration& duration) {
  std::string text = "P";
  const auto part = [&text](std::int64_t amount, char unit) {
    if (amount != 0)
      text += std::to_string(amount) + unit;
  };
  part(duration.years, 'Y');
  part(duration.months, 'M');
  part(duration.weeks, 'W');
  part(duration.days, 'D');
  const std::size_t before = text.size();
  text += 'T';
  part(duration.hours, 'H');
  part(duration.minutes, 'M');
  if (duration.microseconds != 0) {
    const Wide total = Wide{duration.seconds} * microseconds_per_second + duration.microseconds;
    const Wide size = total < 0 ? -total : total;
    char fraction[16];
    std::snprintf(fraction, sizeof fraction, ".%06d",
                  static_cast<int>(size % microseconds_per_second));
    text += (total < 0 ? "-" : "") +
            std::to_string(static_cast<std::int64_t>(size / microseconds_per_second)) + fraction +
            'S';
  } else {
    part(duration.seconds, 'S');
  }
  if (text.size() == before + 1)
    text.pop_back();
  return text == "P" ? "PT0S" : text;
}

Result<Moment> shift(Moment moment, const Duration& duration) {
  const Error outside{ErrorCode::too_large,
                      "the duration " + format_duration(duration) + " leaves the calendar"};
  const Wide months = Wide{duration.years} * 12 + duration.months;
  const TimeOfDay time = time_of(moment);
  CivilDate date = civil(day_of(moment));
  if (months != 0) {
    const Wide index = Wide{date.year} * 12 + (date.month - 1) + months;
    if (index < Wide{-9999} * 12 || index >= Wide{10000} * 12)
      return outside;
    const auto whole = static_cast<std::int64_t>(index);
    date.year = static_cast<int>(floor_divide(whole, 12));
    date.month = static_cast<int>(whole - std::int64_t{date.year} * 12) + 1;
    const std::chrono::year_month_day_last last{
        std::chrono::year(date.year),
        std::chrono::month_day_last(std::chrono::month(static_cast<unsigned>(date.month)))};
    date.day = std::min(date.day, static_cast<int>(static_cast<unsigned>(last.day())));
  }
  const auto day = date_of(date.year, date.month, date.day);
  if (!day)
    return outside;
  const Wide days = Wide{duration.weeks} * 7 + duration.days;
  const Wide seconds =
      ((days * 24 + duration.hours) * 60 + duration.minutes) * 60 + duration.seconds;
  const Wide total = Wide{day->days} * microseconds_per_day + time.microseconds +
                     seconds * microseconds_per_second + duration.microseconds;
  // The years the calendar can write; beyond them comparing still has an answer nobody asked for.
  constexpr Wide limit = Wide{20'000} * 366 * microseconds_per_day;
  if (total > limit || total < -limit)
    return outside;
  // A duration's own fraction brings its precision along (outstanding.md §4.8).
  return Moment{static_cast<std::int64_t>(total),
                duration.microseconds != 0 ? duration.precision : moment.precision};
}

Result<std::strong_ordering> compare_durations(const Duration& left, const Duration& right,
                                               Timestamp now) {
  const Moment start{now.microseconds, 6};
  const Moment one = TRY(shift(start, left));
  const Moment two = TRY(shift(start, right));
  return one.microseconds <=> two.microseconds;
}

} // namespace diffo
