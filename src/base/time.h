#pragma once

#include <diffo/calendar.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diffo {

/// `2026-06-22T01:02:03.004Z`; what is finer than a millisecond is dropped. A moment outside the
/// years 0000–9999 is written as the nearest one within, so that the text always has 24 characters
/// and sorts as moments do.
std::string text_of(Timestamp time);
/// `2026-06-22T01:02:03.004005Z`.
std::string text_of_microseconds(Timestamp time);
/// `2026-06-22`, the date in UTC.
std::string text_of_date(Timestamp time);
/// Seconds from `90`, `90s`, `15m`, `2h`, `1d`; nothing for any other text, or more than a century.
std::optional<std::uint64_t> parse_period(std::string_view text);
/// Appends the text with milliseconds.
void write_timestamp(Timestamp time, std::string& out);

/// Tells the time. What needs the time is given one, so that tests can set it. Any thread.
class Clock {
public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
};

/// The system's time of day. Any thread.
class SystemClock final : public Clock {
public:
  [[nodiscard]] Timestamp now() const override;
};

/// A clock that stands still until it is set. Any thread.
class ManualClock final : public Clock {
public:
  explicit ManualClock(Timestamp start = {}) : microseconds_(start.microseconds) {}
  [[nodiscard]] Timestamp now() const override { return Timestamp{microseconds_.load()}; }
  void set(Timestamp time) { microseconds_.store(time.microseconds); }
  void advance_microseconds(std::int64_t step) { microseconds_.fetch_add(step); }

private:
  std::atomic<std::int64_t> microseconds_;
};

} // namespace diffo
