#include "http/date.h"

#include <doctest/doctest.h>

using namespace diffo::http;

TEST_CASE("the three forms of RFC 9110 §5.6.7 are read, and the first is written") {
  constexpr std::int64_t example = 784111777;
  CHECK(http_date(example) == "Sun, 06 Nov 1994 08:49:37 GMT");
  for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"}) {
    CAPTURE(text);
    CHECK(parse_http_date(text) == example);
  }
  for (const std::int64_t seconds :
       {std::int64_t{0}, std::int64_t{951782399}, std::int64_t{1795871208}})
    CHECK(parse_http_date(http_date(seconds)) == seconds);
}

TEST_CASE("what is no date of HTTP is none") {
  for (const char* text :
       {"", "yesterday", "2026-11-28T12:00:00Z", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49:37 GMT and more", "Sun, 31 Jun 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT", "1795871208"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text));
  }
}
