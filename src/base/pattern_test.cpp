#include "base/pattern.h"

#include <doctest/doctest.h>

using diffo::ErrorCode;
using diffo::Pattern;

TEST_CASE("a pattern is found anywhere in the text unless anchored") {
  const auto pattern = Pattern::compile("b+").value();
  CHECK(pattern->found_in("abba"));
  CHECK_FALSE(pattern->found_in("aca"));
  CHECK(Pattern::compile("^ORG").value()->found_in("ORG-1"));
  CHECK_FALSE(Pattern::compile("^ORG").value()->found_in("my ORG-1"));
}

TEST_CASE("a pattern ignores the case of letters when asked to") {
  CHECK(Pattern::compile("abc", "i").value()->found_in("xABCx"));
  CHECK_FALSE(Pattern::compile("abc").value()->found_in("ABC"));
}

TEST_CASE("what cannot run in linear time is refused by its name") {
  for (const char* source : {"(?=a)", "(?!a)b", "a(?<=a)", "(?<!x)y"}) {
    const auto refused = Pattern::compile(source);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::invalid);
    CHECK(refused.error().message.find("look-around") != std::string::npos);
  }
  const auto back_reference = Pattern::compile("(a)\\1");
  REQUIRE_FALSE(back_reference.has_value());
  CHECK(back_reference.error().message.find("back references") != std::string::npos);
  CHECK(Pattern::compile("[(?=]x").has_value());
  CHECK(Pattern::compile("\\(\\?=").has_value());
}

TEST_CASE("bad syntax and patterns beyond the bounds are refused") {
  CHECK(Pattern::compile("a(").error().code == ErrorCode::invalid);
  CHECK(Pattern::compile(std::string(Pattern::max_source_bytes + 1, 'a')).error().code ==
        ErrorCode::too_large);
  CHECK(Pattern::compile("((((a{100}){100}){100}){100}){100}").has_value() == false);
}

TEST_CASE("a hostile pattern on a hostile text ends") {
  const auto pattern = Pattern::compile("(a*)*b").value();
  CHECK_FALSE(pattern->found_in(std::string(100'000, 'a')));
}
