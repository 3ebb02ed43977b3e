#include "http/query.h"

#include "http/percent.h"

#include <doctest/doctest.h>

#include <rapidcheck.h>

using namespace diffo::http;

TEST_CASE("a query is split before it is decoded") {
  const auto parsed = parse_query("a=1&b=x%26y%3Dz&c=d=e&f=&g&&h+i=%2B+j");
  REQUIRE(parsed.has_value());
  const auto& all = *parsed;
  REQUIRE(all.size() == 6);
  CHECK(all[0].name == "a");
  CHECK(all[0].value == "1");
  CHECK(all[1].value == "x&y=z");
  CHECK(all[1].raw_value == "x%26y%3Dz");
  CHECK(all[2].value == "d=e");
  CHECK(all[3].has_equals);
  CHECK(all[3].value.empty());
  CHECK_FALSE(all[4].has_equals);
  CHECK(all[4].name == "g");
  CHECK(all[5].name == "h i");
  CHECK(all[5].value == "+ j");
  CHECK(find_parameter(all, "b") == &all[1]);
  CHECK(find_parameter(all, "z") == nullptr);
}

TEST_CASE("operators encoded into a name can still be told apart") {
  const auto parsed = parse_query("date%3E=2013&date%3E2013&name*=pattern&date%3C..");
  REQUIRE(parsed.has_value());
  const auto& all = *parsed;
  CHECK(all[0].name == "date>");
  CHECK(all[0].value == "2013");
  CHECK(all[1].name == "date>2013");
  CHECK(all[1].raw_name == "date%3E2013");
  CHECK_FALSE(all[1].has_equals);
  CHECK(all[2].name == "name*");
  CHECK(all[3].name == "date<..");
}

TEST_CASE("bad escapes and bytes that are not UTF-8 are refused with their parameter") {
  for (const char* text : {"a=%", "a=%1", "a=%g1", "%=1", "a=1&b=%00", "a=%ff", "a=%C3", "a=\xff",
                           "a=%ED%A0%80", "a=%C0%80", "a=%F4%90%80%80"}) {
    CAPTURE(text);
    const auto parsed = parse_query(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == diffo::ErrorCode::malformed);
    CHECK(parsed.error().path.starts_with("?"));
  }
}

TEST_CASE("the number and size of parameters are bounded") {
  CHECK(parse_query("a&b&c", {.parameters = 3}).has_value());
  CHECK_FALSE(parse_query("a&b&c&d", {.parameters = 3}).has_value());
  CHECK(parse_query("a=1234", {.text_bytes = 4}).has_value());
  CHECK_FALSE(parse_query("a=12345", {.text_bytes = 4}).has_value());
  CHECK_FALSE(parse_query("12345=a", {.text_bytes = 4}).has_value());
  CHECK(parse_query("a=" + std::string(2048, 'x')).has_value());
  CHECK(parse_query("a=" + std::string(2049, 'x')).error().code == diffo::ErrorCode::too_large);
  CHECK(parse_query("")->empty());
  CHECK(parse_query("&&&")->empty());
}

TEST_CASE("encoding and decoding give the text back") {
  const bool passed = rc::check("round trip", [] {
    auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    text += "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80";
    std::string encoded;
    append_percent_encoded(encoded, text);
    const auto decoded = percent_decode(encoded);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == text);
    const auto parsed = parse_query(encoded + "=" + encoded);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->at(0).name == text);
    RC_ASSERT(parsed->at(0).value == text);
  });
  CHECK(passed);
}

TEST_CASE("path segments keep encoded slashes") {
  CHECK(*path_segments("/a/b%2Fc/") == std::vector<std::string>{"a", "b/c", ""});
  CHECK(*path_segments("/") == std::vector<std::string>{""});
  CHECK_FALSE(path_segments("/a/%").has_value());
}
