#pragma once

#include <compare>
#include <cstdint>

namespace diffo {

/// A moment: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted. A plain value.
struct Timestamp {
  std::int64_t microseconds = 0;

  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
  /// What the system's clock says.
  static Timestamp now();
};

/// A calendar date: days since 1970-01-01.
struct Date {
  std::int64_t days = 0;
  auto operator<=>(const Date&) const = default;
};

/// A time of day. Precision is the number of fraction digits it was given with (0–6); comparing
/// times ignores it.
struct TimeOfDay {
  std::int64_t microseconds = 0;
  int precision = 0;
  auto operator<=>(const TimeOfDay&) const = default;
};

/// A point on a calendar, microseconds since 1970-01-01T00:00:00: in UTC for a datetime, of no zone
/// for a naive one.
struct Moment {
  std::int64_t microseconds = 0;
  int precision = 0;
  auto operator<=>(const Moment&) const = default;
};

/// An amount of time by unit. Units do not carry: a month is no number of days until it is added to
/// a date.
struct Duration {
  std::int64_t years = 0;
  std::int64_t months = 0;
  std::int64_t weeks = 0;
  std::int64_t days = 0;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  std::int64_t seconds = 0;
  std::int64_t microseconds = 0;
  int precision = 0; ///< of the microseconds
  auto operator<=>(const Duration&) const = default;
};

/// How a text and what it is compared with are read.
enum class Reading : std::uint8_t {
  text,    ///< as text: a name that looks like a date is no date
  instant, ///< as a date: a text that is none equals only itself and has no order
  value    ///< as what it is: a text with at least a day is a date, any other a text
};

} // namespace diffo
