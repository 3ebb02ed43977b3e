#include "base/time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace diffo {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;
constexpr std::int64_t first_moment = -62'167'219'200 * second;    // 0000-01-01T00:00:00Z
constexpr std::int64_t last_moment = 253'402'300'800 * second - 1; // 9999-12-31T23:59:59.999999Z

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

std::optional<std::uint64_t> parse_period(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc())
    return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> units{
      {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
  constexpr std::uint64_t longest = std::uint64_t{36525} * 86400; // a century
  for (const auto& [name, seconds] : units)
    if (unit == name && number <= longest / seconds)
      return number * seconds;
  return std::nullopt;
}

Timestamp SystemClock::now() const {
  return Timestamp::now();
}

Timestamp Timestamp::now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

} // namespace diffo
