#include "graph/compact_text.h"

#include <chrono>

namespace diffo::graph {
namespace {

void put_digits(char* out, std::uint64_t value, int count) {
  for (int index = count - 1; index >= 0; --index) {
    out[index] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

/// Writes "yyyy-mm-ddThh:mm:ss", 19 characters, of a year 0…9999.
void write_seconds(std::int64_t seconds, char* out) {
  // Not floor(): whose result times 86400 may overflow for what comes from a damaged file.
  const std::int64_t before = seconds % 86400 < 0 ? 1 : 0;
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(seconds / 86400 - before))};
  const auto rest = static_cast<std::uint64_t>(seconds % 86400 + before * 86400);
  put_digits(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out[4] = '-';
  put_digits(out + 5, static_cast<unsigned>(date.month()), 2);
  out[7] = '-';
  put_digits(out + 8, static_cast<unsigned>(date.day()), 2);
  out[10] = 'T';
  put_digits(out + 11, rest / 3600, 2);
  out[13] = ':';
  put_digits(out + 14, rest / 60 % 60, 2);
  out[16] = ':';
  put_digits(out + 17, rest % 60, 2);
}

constexpr std::size_t seconds_length = 20;                   // with Z
constexpr std::size_t milliseconds_length = longest_instant; // with .mmmZ

bool read_digits(std::string_view text, std::size_t at, std::size_t count, unsigned& out) {
  out = 0;
  for (std::size_t index = at; index < at + count; ++index) {
    if (text[index] < '0' || text[index] > '9')
      return false;
    out = out * 10 + static_cast<unsigned>(text[index] - '0');
  }
  return true;
}

} // namespace

std::size_t find_uuid(std::string_view text, Uuid& out) {
  constexpr std::size_t first_hyphen = 8;
  for (std::size_t hyphen = text.find('-', first_hyphen); hyphen != std::string_view::npos;
       hyphen = text.find('-', hyphen + 1)) {
    const std::string_view rest = text.substr(hyphen - first_hyphen);
    if (rest.size() < Uuid::text_length)
      break;
    // Lower case alone would be written so again.
    if (out.read(rest.substr(0, Uuid::text_length), Uuid::Letters::lower))
      return hyphen - first_hyphen;
  }
  return std::string_view::npos;
}

std::optional<CompactInstant> compact_instant(std::string_view text) {
  if ((text.size() != seconds_length && text.size() != milliseconds_length) || text[10] != 'T' ||
      text.back() != 'Z')
    return std::nullopt;
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0;
  if (!read_digits(text, 0, 4, year) || !read_digits(text, 5, 2, month) ||
      !read_digits(text, 8, 2, day) || !read_digits(text, 11, 2, hour) ||
      !read_digits(text, 14, 2, minute) || !read_digits(text, 17, 2, second))
    return std::nullopt;
  CompactInstant instant{.with_milliseconds = text.size() == milliseconds_length};
  if (instant.with_milliseconds && !read_digits(text, 20, 3, milli))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok())
    return std::nullopt;
  const std::int64_t seconds =
      std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * 86400 +
      static_cast<std::int64_t>(hour) * 3600 + static_cast<std::int64_t>(minute) * 60 + second;
  instant.count =
      instant.with_milliseconds ? seconds * 1000 + static_cast<std::int64_t>(milli) : seconds;
  // Comparing the text made from the number refuses impossible times and other separators at once.
  char made[longest_instant];
  if (std::string_view(made, write_instant(instant, made)) != text)
    return std::nullopt;
  return instant;
}

std::size_t write_instant(CompactInstant instant, char* out) {
  if (!instant.with_milliseconds) {
    write_seconds(instant.count, out);
    out[19] = 'Z';
    return seconds_length;
  }
  const std::int64_t before = instant.count % 1000 < 0 ? 1 : 0;
  const std::int64_t milli = instant.count % 1000 + before * 1000;
  write_seconds(instant.count / 1000 - before, out);
  out[19] = '.';
  put_digits(out + 20, static_cast<std::uint64_t>(milli), 3);
  out[23] = 'Z';
  return milliseconds_length;
}

} // namespace diffo::graph
