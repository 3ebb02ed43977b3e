#include "base/dates.h"
#include "base/time.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;

namespace {

constexpr std::int64_t first_moment = -62'167'219'200'000'000;
constexpr std::int64_t last_moment = 253'402'300'799'999'999;

} // namespace

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
    RC_ASSERT(parse_instants(text_of_microseconds(left))->from == left.microseconds);
    const std::int64_t fine = (left.microseconds % 1000 + 1000) % 1000;
    RC_ASSERT(parse_instants(text_of(left))->from == left.microseconds - fine);
    RC_ASSERT((left < right) == (text_of_microseconds(left) < text_of_microseconds(right)));
    RC_ASSERT(text_of(left).size() == 24);
    RC_ASSERT(text_of(left).starts_with(text_of_date(left)));
  }));
}

TEST_CASE("a moment outside the years of four digits is written as the nearest one within") {
  CHECK(text_of(Timestamp{INT64_MAX}) == "9999-12-31T23:59:59.999Z");
  CHECK(text_of(Timestamp{INT64_MIN}) == "0000-01-01T00:00:00.000Z");
  CHECK(text_of_date(Timestamp{INT64_MIN}) == "0000-01-01");
}

TEST_CASE("a period is a number with a unit") {
  CHECK(parse_period("90") == 90);
  CHECK(parse_period("90s") == 90);
  CHECK(parse_period("15m") == 900);
  CHECK(parse_period("2h") == 7200);
  CHECK(parse_period("36525d") == 3155760000);
  for (const std::string_view text :
       {"", "s", "-1s", "1.5h", "5w", "5 m", "36526d", "99999999999999999999"})
    CHECK_FALSE(parse_period(text));
}

TEST_CASE("a manual clock stands where it was set") {
  ManualClock clock(Timestamp{5});
  CHECK(clock.now() == Timestamp{5});
  clock.advance_microseconds(10);
  CHECK(clock.now() == Timestamp{15});
  clock.set(Timestamp{1});
  CHECK(clock.now() == Timestamp{1});
  CHECK(SystemClock().now().microseconds > parse_instants("2024")->from);
}
