#include "base/url_text.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;

TEST_CASE("a query is split before it is decoded") {
  const auto parsed = decode_query("a=1&b=x%26y%3Dz&c=d=e&f=&g&&h+i=%2B+j", 10);
  REQUIRE(parsed.has_value());
  const auto& all = *parsed;
  REQUIRE(all.size() == 6);
  CHECK(all[0].name == "a");
  CHECK(all[0].value == "1");
  CHECK(all[1].value == "x&y=z");
  CHECK(all[2].value == "d=e");
  CHECK(all[3].has_value);
  CHECK(all[3].value.empty());
  CHECK_FALSE(all[4].has_value);
  CHECK(all[4].name == "g");
  CHECK(all[5].name == "h i");
  CHECK(all[5].value == "+ j");
  CHECK(find_parameter(all, "b") == &all[1]);
  CHECK(find_parameter(all, "z") == nullptr);
  CHECK(split_query("a=1&b=x%26y")[1].value == "x%26y");
}

TEST_CASE("operators encoded into a name can still be told apart") {
  const auto raw = split_query("date%3E=2013&date%3E2013&name*=pattern");
  REQUIRE(raw.size() == 3);
  CHECK(raw[0].name == "date%3E");
  CHECK(raw[1].name == "date%3E2013");
  CHECK_FALSE(raw[1].has_value);
  CHECK(raw[2].name == "name*");
}

TEST_CASE("bad escapes and bytes that are not UTF-8 are refused with their parameter") {
  for (const char* text : {"a=%", "a=%1", "a=%g1", "%=1", "x=1&a=%00", "a=%ff", "a=%C3", "a=\xff",
                           "a=%ED%A0%80", "a=%C0%80", "a=%F4%90%80%80"}) {
    CAPTURE(text);
    const auto parsed = decode_query(text, 10);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == ErrorCode::malformed);
    CHECK((parsed.error().path == "a" || parsed.error().path == "%"));
  }
}

TEST_CASE("the number and size of parameters are bounded") {
  CHECK(decode_query("a&b&c", 3).has_value());
  CHECK_FALSE(decode_query("a&b&c&d", 3).has_value());
  CHECK(decode_query("a=" + std::string(2048, 'x'), 1).has_value());
  CHECK_FALSE(decode_query("a=" + std::string(2049, 'x'), 1).has_value());
  CHECK_FALSE(decode_query(std::string(2049, 'x') + "=a", 1).has_value());
  CHECK(decode_query("", 1)->empty());
  CHECK(decode_query("&&&", 1)->empty());
}

TEST_CASE("encoding and decoding give the text back") {
  const bool passed = rc::check("round trip", [] {
    auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    text += "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80";
    std::string encoded;
    append_percent_encoded(encoded, text);
    RC_ASSERT(percent_decode(encoded).value() == text);
    const auto parsed = decode_query(encoded + "=" + encoded, 1);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->at(0).name == text);
    RC_ASSERT(parsed->at(0).value == text);
  });
  CHECK(passed);
  CHECK(percent_decode("a+b").value() == "a+b");
  CHECK(decode_query_text("a+b").value() == "a b");
}
