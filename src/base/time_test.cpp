#include "base/time.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;

namespace {

std::int64_t microseconds_of(const char* text) {
  Result<Timestamp> time = parse_timestamp(text);
  REQUIRE_MESSAGE(time, text);
  return time->microseconds;
}

constexpr std::int64_t first_moment = -62'167'219'200'000'000;
constexpr std::int64_t last_moment = 253'402'300'799'999'999;

} // namespace

TEST_CASE("RFC 3339 texts are read") {
  CHECK(microseconds_of("1970-01-01T00:00:00Z") == 0);
  CHECK(microseconds_of("1970-01-01t00:00:00.000001z") == 1);
  CHECK(microseconds_of("1969-12-31T23:59:59.999999Z") == -1);
  CHECK(microseconds_of("2026-06-22T01:02:03.004Z") == 1'782'090'123'004'000);
  CHECK(microseconds_of("2026-06-22T01:02:03.0040059999Z") == 1'782'090'123'004'005);
  CHECK(microseconds_of("0000-01-01T00:00:00Z") == first_moment);
  CHECK(microseconds_of("9999-12-31T23:59:59.999999999Z") == last_moment);
  // RFC 3339 §5.8
  CHECK(microseconds_of("1996-12-19T16:39:57-08:00") == microseconds_of("1996-12-20T00:39:57Z"));
  CHECK(microseconds_of("1990-12-31T15:59:60-08:00") == microseconds_of("1991-01-01T00:00:00Z"));
  CHECK(microseconds_of("1937-01-01T12:00:27.87+00:20") ==
        microseconds_of("1937-01-01T11:40:27.87Z"));
  CHECK(microseconds_of("2024-02-29T00:00:00-00:00") == microseconds_of("2024-02-29T00:00:00Z"));
  CHECK(microseconds_of("2000-01-01T23:59:59+23:59") == microseconds_of("2000-01-01T00:00:59Z"));
}

TEST_CASE("what RFC 3339 does not allow is refused") {
  for (const char* text : {"",
                           "2026",
                           "2026-06",
                           "2026-06-22",
                           "2026-06-22T",
                           "2026-06-22T01:02Z",
                           "2026-06-22T01:02:03",
                           "2026-06-22 01:02:03Z",
                           "2026-06-22T01:02:03.Z",
                           "2026-06-22T01:02:03,5Z",
                           "2026-06-22T24:00:00Z",
                           "2026-06-22T01:60:00Z",
                           "2026-06-22T01:02:61Z",
                           "2026-06-22T01:02:60Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-06-00T00:00:00Z",
                           "2026-6-22T01:02:03Z",
                           "2026-06-22T1:02:03Z",
                           "+2026-06-22T01:02:03Z",
                           "2026-06-22T01:02:03+24:00",
                           "2026-06-22T01:02:03+01:60",
                           "2026-06-22T01:02:03+0100",
                           "2026-06-22T01:02:03+01",
                           "2026-06-22T01:02:03ZZ",
                           "2026-06-22T01:02:03Z ",
                           " 2026-06-22T01:02:03Z",
                           "20260622T010203Z",
                           "2026-06-22T01:02:03 Z",
                           "0000-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "1900-02-29T00:00:00Z",
                           "12026-06-22T01:02:03Z"}) {
    CAPTURE(text);
    CHECK(parse_timestamp(text).error().code == ErrorCode::malformed);
  }
}

TEST_CASE("dates alone are read as their first moment") {
  CHECK(parse_date("2026-06-22")->microseconds == microseconds_of("2026-06-22T00:00:00Z"));
  CHECK(parse_date_or_timestamp("2026-06-22")->microseconds ==
        microseconds_of("2026-06-22T00:00:00Z"));
  CHECK(parse_date_or_timestamp("2026-06-22T01:00:00Z"));
  for (const char* text : {"2026-06-22T00:00:00Z", "2026-06-31", "2026-6-1", "2026-06-22Z", ""})
    CHECK_FALSE(parse_date(text));
  CHECK_FALSE(parse_date_or_timestamp("soon"));
}

TEST_CASE("texts are of milliseconds or microseconds, never rounded up") {
  const Timestamp time{1'782'090'123'004'999};
  CHECK(text_of(time) == "2026-06-22T01:02:03.004Z");
  CHECK(text_of_microseconds(time) == "2026-06-22T01:02:03.004999Z");
  CHECK(text_of_date(time) == "2026-06-22");
  CHECK(text_of(Timestamp{-1}) == "1969-12-31T23:59:59.999Z");
  CHECK(text_of(Timestamp{first_moment}) == "0000-01-01T00:00:00.000Z");
  CHECK(text_of(Timestamp{last_moment}) == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("every moment survives its text, and texts sort as moments do") {
  CHECK(rc::check("moment to text to moment", [](std::uint64_t one, std::uint64_t two) {
    const auto moment = [](std::uint64_t any) {
      constexpr auto span = static_cast<std::uint64_t>(last_moment - first_moment + 1);
      return Timestamp{first_moment + static_cast<std::int64_t>(any % span)};
    };
    // rapidcheck prefers small numbers; the factors spread them over the years.
    const Timestamp left = moment(one * 1'000'000'000'039);
    const Timestamp right = moment(two * 999'999'999'989);
    RC_ASSERT(*parse_timestamp(text_of_microseconds(left)) == left);
    const std::int64_t fine = (left.microseconds % 1000 + 1000) % 1000;
    RC_ASSERT(parse_timestamp(text_of(left))->microseconds == left.microseconds - fine);
    RC_ASSERT((left < right) == (text_of_microseconds(left) < text_of_microseconds(right)));
    RC_ASSERT(text_of(left).size() == 24);
    RC_ASSERT(text_of(left).starts_with(text_of_date(left)));
  }));
}

TEST_CASE("an offset moves the moment by just that much") {
  CHECK(rc::check("offsets", [](std::uint32_t seconds, std::uint8_t hours, std::uint8_t minutes,
                                bool ahead) {
    const Timestamp time{std::int64_t{seconds} * 1'000'000};
    const int hour = hours % 24;
    const int minute = minutes % 60;
    std::string text = text_of(time);
    text.pop_back();
    const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    text += (ahead ? "+" : "-") + two(hour) + ":" + two(minute);
    const std::int64_t offset = (hour * 60LL + minute) * 60'000'000;
    RC_ASSERT(parse_timestamp(text)->microseconds ==
              time.microseconds + (ahead ? -offset : offset));
  }));
}

TEST_CASE("a moment outside the years of four digits is written as the nearest one within") {
  CHECK(text_of(Timestamp{INT64_MAX}) == "9999-12-31T23:59:59.999Z");
  CHECK(text_of(Timestamp{INT64_MIN}) == "0000-01-01T00:00:00.000Z");
  CHECK(text_of_date(Timestamp{INT64_MIN}) == "0000-01-01");
}

TEST_CASE("a manual clock stands where it was set") {
  ManualClock clock(Timestamp{5});
  CHECK(clock.now() == Timestamp{5});
  clock.advance_microseconds(10);
  CHECK(clock.now() == Timestamp{15});
  clock.set(Timestamp{1});
  CHECK(clock.now() == Timestamp{1});
  CHECK(SystemClock().now() > *parse_date("2024-01-01"));
}
