#include "http/date.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace diffo::http {

namespace {

constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

} // namespace

std::string http_date(std::int64_t unix_seconds) {
  const std::time_t seconds = unix_seconds;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  const int length = std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                                   months.at(static_cast<std::size_t>(parts.tm_mon)),
                                   parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text, static_cast<std::size_t>(std::max(length, 0))};
}

/// The forms in the order of §5.6.7. A two-digit year that seems to lie far ahead is one of the
/// last century, as the C library reads it. The locale of this program is "C".
std::optional<std::int64_t> parse_http_date(std::string_view text) {
  constexpr std::size_t longest = 40;
  if (text.size() > longest)
    return std::nullopt;
  const std::string copy(text);
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* end = ::strptime(copy.c_str(), form, &parts);
    if (end == nullptr || *end != '\0')
      continue;
    std::tm normal = parts; // there is no 31st of June
    const std::time_t seconds = ::timegm(&normal);
    return normal.tm_mday == parts.tm_mday ? std::optional<std::int64_t>(seconds) : std::nullopt;
  }
  return std::nullopt;
}

} // namespace diffo::http
