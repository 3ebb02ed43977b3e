#pragma once

#include <diffo/calendar.h>
#include <diffo/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diffo {

inline constexpr std::int64_t microseconds_per_second = 1'000'000;
inline constexpr std::int64_t microseconds_per_minute = 60 * microseconds_per_second;
inline constexpr std::int64_t microseconds_per_day = 86'400 * microseconds_per_second;

/// Year, month and day of a date.
struct CivilDate {
  int year = 1970;
  int month = 1;
  int day = 1;
};

/// Each reads one kind of what base/dates.h reads, and gives nothing for the others. Unlike there,
/// years before 0 have dates too.
std::optional<Date> parse_date(std::string_view text);
std::optional<TimeOfDay> parse_time(std::string_view text);
/// Date and time without zone.
std::optional<Moment> parse_naive(std::string_view text);
/// The same with `Z` or an offset, as the instant in UTC.
std::optional<Moment> parse_datetime(std::string_view text);
/// `P1Y2M3W4DT5H6M7.5S`, each part optional and possibly negative, at least one given.
std::optional<Duration> parse_duration(std::string_view text);

std::string format_date(Date date);
std::string format_time(TimeOfDay time);
/// With the given separator and no zone.
std::string format_moment(Moment moment, char separator);
std::string format_duration(const Duration& duration);

CivilDate civil(Date date);
std::optional<Date> date_of(int year, int month, int day);
Date day_of(Moment moment);
TimeOfDay time_of(Moment moment);

/// The moment with the duration added: years and months first, the day clamped to the month's
/// length, then the rest as exact time (outstanding.md §4.8). Fails with too_large when the result
/// leaves the calendar.
Result<Moment> shift(Moment moment, const Duration& duration);
/// How two durations compare when added to that moment.
Result<std::strong_ordering> compare_durations(const Duration& left, const Duration& right,
                                               Timestamp now);

} // namespace diffo
