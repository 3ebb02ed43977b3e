#include "http/media_type.h"

#include <doctest/doctest.h>

using namespace diffo::http;

TEST_CASE("media types are read with their parameters") {
  const auto type = parse_media_type("Application/JSON ; Charset=\"utf\\-8\";profile=x;q=0.25");
  REQUIRE(type.has_value());
  CHECK(type->type == "application");
  CHECK(type->subtype == "json");
  CHECK(type->parameter("charset") == "utf-8");
  CHECK(type->parameter("profile") == "x");
  CHECK(type->quality == 250);
  CHECK(parse_media_type("application/json-patch+json").has_value());
  for (const char* text :
       {"", "json", "/json", "a/", "a/b;c", "a/b;c=", "a/b;c=\"d", "a/b c", "a b/c", "a/b;q=2",
        "a/b;q=1.001", "a/b;q=.5", "a/b;q=0.1234", "a/b,c/d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_media_type(text).has_value());
  }
}

TEST_CASE("a Content-Type is compared without case and parameters") {
  CHECK(is_media_type("application/json", "application/json"));
  CHECK(is_media_type("Application/Json;charset=utf-8", "application/json"));
  CHECK(is_media_type("application/json ; a=b", "application/json"));
  CHECK_FALSE(is_media_type("application/json-patch+json", "application/json"));
  CHECK_FALSE(is_media_type("", "application/json"));
}

TEST_CASE("the best offered type is chosen") {
  const std::vector<std::string> offered = {"application/json", "text/html", "text/plain"};
  CHECK(best_match("", offered) == 0);
  CHECK(best_match("*/*", offered) == 0);
  CHECK(best_match("text/*", offered) == 1);
  CHECK(best_match("text/*;q=0.5, text/plain", offered) == 2);
  CHECK(best_match("application/json;q=0.1, text/plain;q=0.2", offered) == 2);
  CHECK(best_match("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", offered) ==
        1);
  CHECK(best_match("application/json;charset=utf-8", offered) == 0);
  CHECK(best_match("*/*, application/json;q=0", offered) == 1);
  CHECK_FALSE(best_match("image/png", offered).has_value());
  CHECK_FALSE(best_match("application/json;q=0", offered).has_value());
  CHECK_FALSE(best_match("*/*", {}).has_value());
  CHECK(best_match("nonsense", offered) == 0);
  CHECK(best_match(std::string(10'000, ','), offered) == 0);
}
