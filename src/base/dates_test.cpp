#include "base/dates.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>

using namespace diffo;

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t first_moment = -62'167'219'200 * second;
constexpr std::int64_t end_of_years = 253'402'300'800 * second;

std::int64_t from(const char* text) {
  const auto instants = parse_instants(text);
  REQUIRE_MESSAGE(instants, text);
  return instants->from;
}

std::int64_t length(const char* text) {
  const auto instants = parse_instants(text);
  REQUIRE_MESSAGE(instants, text);
  return instants->until - instants->from;
}

/// A text that the reader takes, of any precision, separator, fraction and offset.
rc::Gen<std::string> date_texts() {
  return rc::gen::exec([] {
    const auto one = [](int below) { return *rc::gen::inRange(0, below); };
    const auto two = [](int number) {
      return std::string(number < 10 ? "0" : "") + std::to_string(number);
    };
    const auto pick = [&](std::initializer_list<const char*> texts) {
      return std::string(texts.begin()[one(static_cast<int>(texts.size()))]);
    };
    std::string text = pick({"0000", "0001", "1969", "1970", "2024", "2026", "9999"});
    const int precision = one(6);
    if (precision > 0)
      text += "-" + two(1 + one(12));
    if (precision > 1)
      text += "-" + two(1 + one(28));
    if (precision < 3)
      return text;
    text += pick({"T", "t", " "}) + two(one(24)) + ":" + two(one(60));
    if (precision > 3)
      text += ":" + two(one(60));
    if (precision > 4)
      text += pick({".", ","}) + pick({"0", "5", "004", "000001", "1234567"});
    return text + pick({"", "Z", "z", "+02", "+0230", "-02:30", " 01:00", "+00:00"});
  });
}

} // namespace

TEST_CASE("RFC 3339 texts are read") {
  CHECK(from("1970-01-01T00:00:00Z") == 0);
  CHECK(from("1970-01-01t00:00:00.000001z") == 1);
  CHECK(from("1969-12-31T23:59:59.999999Z") == -1);
  CHECK(from("2026-06-22T01:02:03.004Z") == 1'782'090'123'004'000);
  CHECK(from("2026-06-22T01:02:03.0040059999Z") == 1'782'090'123'004'005);
  CHECK(from("0000-01-01T00:00:00Z") == first_moment);
  CHECK(from("9999-12-31T23:59:59.999999999Z") == end_of_years - 1);
  // RFC 3339 §5.8
  CHECK(from("1996-12-19T16:39:57-08:00") == from("1996-12-20T00:39:57Z"));
  CHECK(from("1990-12-31T15:59:60-08:00") == from("1991-01-01T00:00:00Z"));
  CHECK(from("1937-01-01T12:00:27.87+00:20") == from("1937-01-01T11:40:27.87Z"));
  CHECK(from("2024-02-29T00:00:00-00:00") == from("2024-02-29T00:00:00Z"));
  CHECK(from("2000-01-01T23:59:59+23:59") == from("2000-01-01T00:00:59Z"));
}

TEST_CASE("one moment is read alike however it is written") {
  for (const char* text :
       {"2026-06-22T01:02Z", "2026-06-22T01:02:00.000+0000", "2026-06-22T03:02+02",
        "2026-06-22T01:02", "2026-06-22 01:02:00", "2026-06-22t01:02:00,0z", "2026-06-22T01:02-00",
        "2026-06-22 01:02:00Z", "2026-06-22T03:32:00 02:30", "2026-06-21T23:02:00-0200"})
    CHECK_MESSAGE(from(text) == from("2026-06-22T01:02:00Z"), text);
}

TEST_CASE("a text means all moments of its precision") {
  CHECK(from("2024") == from("2024-01-01T00:00:00Z"));
  CHECK(parse_instants("2024")->until == from("2025"));
  CHECK(parse_instants("2024-02")->until == from("2024-03-01"));
  CHECK(parse_instants("2024-12")->until == from("2025-01"));
  CHECK(parse_instants("9999")->until == end_of_years);
  CHECK(length("2024-02-29") == 86'400 * second);
  CHECK(length("2024-02-29T01:02+02") == 60 * second);
  CHECK(length("2024-02-29T01:02:03") == second);
  CHECK(length("2024-02-29T01:02:03.5Z") == second / 10);
  CHECK(length("2024-02-29T01:02:03.004Z") == 1000);
  CHECK(length("2024-02-29T01:02:03.000000001Z") == 1);
  CHECK_FALSE(parse_instants("2024-02")->has_day());
  CHECK_FALSE(parse_instants("2024-02-29")->has_time());
  CHECK(parse_instants("2024-02-29T01:02")->has_time());
  CHECK_FALSE(parse_instants("2024-02-29T01:02")->has_offset);
  CHECK(parse_instants("2024-02-29T01:02Z")->has_offset);
}

TEST_CASE("what is no date is none") {
  for (const char* text : {"",
                           "soon",
                           "202",
                           "20260622",
                           "20260622T010203Z",
                           "2026-",
                           "2026-6",
                           "2026-00",
                           "2026-13",
                           "2026-06-",
                           "2026-06-31",
                           "2026-02-29",
                           "1900-02-29T00:00:00Z",
                           "2026-06-00T00:00:00Z",
                           "2026-6-22T01:02:03Z",
                           "2026-06-22Z",
                           "2026-06Z",
                           "2026-06T01:02",
                           "2026T01:02",
                           "2026-06-22T",
                           "2026-06-22T01",
                           "2026-06-22T1:02:03Z",
                           "2026-06-22T01:02:",
                           "2026-06-22T01:02:03.Z",
                           "2026-06-22T24:00:00Z",
                           "2026-06-22T01:60:00Z",
                           "2026-06-22T01:02:61Z",
                           "2026-06-22T01:02:60Z",
                           "2026-06-22T23:59:60+02:00",
                           "+2026-06-22T01:02:03Z",
                           "-2026-06-22T01:02:03Z",
                           "-0001",
                           "2026-06-22T01:02:03+24:00",
                           "2026-06-22T01:02:03+01:60",
                           "2026-06-22T01:02:03+1",
                           "2026-06-22T01:02:03+01:",
                           "2026-06-22T01:02:03+010",
                           "2026-06-22T01:02:03ZZ",
                           "2026-06-22T01:02:03Z ",
                           "2026-06-22T01:02:03 Z",
                           " 2026-06-22T01:02:03Z",
                           "0000-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "12026-06-22T01:02:03Z"})
    CHECK_MESSAGE(!parse_instants(text), text);
}

TEST_CASE("a text that is no date equals only itself where dates are asked for") {
  const TextOperand day("2026-06-22", Reading::instant);
  CHECK(day.order_of("2026-06-22T23:59:59.999999Z") == std::partial_ordering::equivalent);
  CHECK(day.order_of("2026-06-23") == std::partial_ordering::greater);
  CHECK(day.order_of("2026") == std::partial_ordering::less);
  CHECK(day.order_of("soon") == std::partial_ordering::unordered);
  const TextOperand soon("soon", Reading::instant);
  CHECK(soon.order_of("soon") == std::partial_ordering::equivalent);
  CHECK(soon.order_of("sooner") == std::partial_ordering::unordered);
  CHECK(soon.order_of("2026-06-22") == std::partial_ordering::unordered);
  CHECK(soon.order_of_moment(0) == std::partial_ordering::unordered);
}

TEST_CASE("a value is a date when it has a day, a name never is") {
  const TextOperand year("2026", Reading::value);
  CHECK(year.order_of("2026-06-22T01:02:03") == std::partial_ordering::equivalent);
  CHECK(year.order_of("2026-06-22") == std::partial_ordering::unordered);
  CHECK(year.order_of("2026") == std::partial_ordering::equivalent);
  CHECK(year.order_of("2027") == std::partial_ordering::unordered);
  CHECK(year.order_of("00:1a:2b") == std::partial_ordering::unordered);
  const TextOperand word("abc", Reading::value);
  CHECK(word.order_of("abd") == std::partial_ordering::greater);
  CHECK(word.order_of("2026-06-22") == std::partial_ordering::less);
  const TextOperand name("2026-06-22", Reading::text);
  CHECK(name.order_of("2026-06-22T01:02Z") == std::partial_ordering::greater);
  CHECK_FALSE(moment_of("2026-06-22", Reading::text));
  CHECK_FALSE(moment_of("2026-06", Reading::value));
  CHECK(moment_of("2026-06", Reading::instant));
}

TEST_CASE("every date is found by its own text, and lies where its first moment does") {
  CHECK(rc::check("dates", [] {
    const std::string left = *date_texts();
    const std::string right = *date_texts();
    // The first and the last day may leave the years with an offset.
    RC_PRE(parse_instants(left) && parse_instants(right));
    for (const Reading reading : {Reading::instant, Reading::value}) {
      const TextOperand operand(left, reading);
      RC_ASSERT(operand.order_of(left) == std::partial_ordering::equivalent);
      RC_ASSERT(operand.instants());
      const auto moment = moment_of(right, reading);
      if (moment && (reading == Reading::instant || operand.instants()->has_day()))
        RC_ASSERT(operand.order_of(right) == operand.order_of_moment(*moment));
    }
    RC_ASSERT(parse_instants(left)->from < parse_instants(left)->until);
  }));
}

TEST_CASE("an offset moves the moment by just that much") {
  CHECK(rc::check("offsets", [](std::uint32_t seconds, std::uint8_t hours, std::uint8_t minutes,
                                bool ahead) {
    const Timestamp time{std::int64_t{seconds} * second};
    const int hour = hours % 24;
    const int past = minutes % 60;
    std::string text = text_of(time);
    text.pop_back();
    const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    text += (ahead ? "+" : "-") + two(hour) + ":" + two(past);
    const std::int64_t offset = (hour * 60LL + past) * 60 * second;
    RC_ASSERT(parse_instants(text)->from == time.microseconds + (ahead ? -offset : offset));
  }));
}
