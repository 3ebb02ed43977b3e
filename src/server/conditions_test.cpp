#include "server/conditions.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace diffo::server {
namespace {

using Verdict = Conditions::Verdict;

Conditions conditions(http::Method method, const std::vector<http::Header>& headers) {
  http::Request request;
  request.method = method;
  request.headers = headers;
  return Conditions(request);
}

bool refused(const Result<Verdict>& verdict) {
  return !verdict && verdict.error().code == ErrorCode::precondition_failed;
}

bool goes_on(const Result<Verdict>& verdict) {
  return verdict && *verdict == Verdict::proceed;
}

bool is_not_modified(const Result<Verdict>& verdict) {
  return verdict && *verdict == Verdict::not_modified;
}

constexpr auto get = http::Method::get;
constexpr auto patch = http::Method::patch;

TEST_CASE("without headers everything goes on") {
  CHECK(goes_on(conditions(get, {}).judge({7, {}})));
  CHECK(goes_on(conditions(patch, {}).judge_unversioned()));
  CHECK_FALSE(conditions(patch, {}).precondition().demand);
}

TEST_CASE("If-Match compares strongly, and the record's own part only") {
  for (const char* good :
       {"\"7\"", "*", "\"6\", \"7\"", "\"7.a1b2\"", " \"7\" ,", "\"a,b\",\"7\""}) {
    CAPTURE(good);
    CHECK(goes_on(conditions(patch, {{"If-Match", good}}).judge({7, {}})));
    CHECK(goes_on(conditions(get, {{"if-match", good}}).judge({7, "ffff"})));
  }
  for (const char* bad :
       {"\"70\"", "\"6\"", "7", "W/\"7\"", "", "\"7", "\"7 \"", "\"a,\"7\"\"", "\"77.7\""}) {
    CAPTURE(bad);
    CHECK(refused(conditions(patch, {{"If-Match", bad}}).judge({7, {}})));
    CHECK(refused(conditions(get, {{"If-Match", bad}}).judge({7, {}})));
  }
  CHECK(goes_on(conditions(patch, {{"If-Match", "\"6\""}, {"If-Match", "\"7\""}}).judge({7, {}})));
}

TEST_CASE("If-None-Match compares weakly, and all of the tag") {
  for (const char* same : {"\"7.d\"", "W/\"7.d\"", "*", "\"1\", W/\"7.d\""}) {
    CAPTURE(same);
    CHECK(is_not_modified(conditions(get, {{"If-None-Match", same}}).judge({7, "d"})));
    CHECK(
        is_not_modified(conditions(http::Method::head, {{"If-None-Match", same}}).judge({7, "d"})));
    CHECK(refused(conditions(patch, {{"If-None-Match", same}}).judge({7, "d"})));
  }
  for (const char* other : {"\"7\"", "\"7.e\"", "7.d", "\"\""}) {
    CAPTURE(other);
    CHECK(goes_on(conditions(get, {{"If-None-Match", other}}).judge({7, "d"})));
    CHECK(goes_on(conditions(patch, {{"If-None-Match", other}}).judge({7, "d"})));
  }
}

TEST_CASE("If-Match comes before If-None-Match") {
  CHECK(
      refused(conditions(get, {{"If-Match", "\"6\""}, {"If-None-Match", "\"7\""}}).judge({7, {}})));
  CHECK(is_not_modified(
      conditions(get, {{"If-Match", "\"7\""}, {"If-None-Match", "\"7\""}}).judge({7, {}})));
}

TEST_CASE("weak tags are said to be the reason where they are") {
  const auto weak = conditions(patch, {{"If-Match", "W/\"7\""}}).judge({7, {}});
  REQUIRE_FALSE(weak.has_value());
  CHECK(weak.error().message.find("weak") != std::string::npos);
  const auto both = conditions(patch, {{"If-Match", "W/\"7\", \"5\""}}).judge({7, {}});
  REQUIRE_FALSE(both.has_value());
  CHECK(both.error().message.find("weak") == std::string::npos);
}

TEST_CASE("what has no version is matched by an asterisk alone") {
  CHECK(refused(conditions(get, {{"If-Match", "\"7\""}}).judge_unversioned()));
  CHECK(goes_on(conditions(get, {{"If-Match", "*"}}).judge_unversioned()));
  CHECK(is_not_modified(conditions(get, {{"If-None-Match", "*"}}).judge_unversioned()));
  CHECK(goes_on(conditions(get, {{"If-None-Match", "\"7\""}}).judge_unversioned()));
  CHECK(refused(conditions(http::Method::post, {{"If-None-Match", "*"}}).judge_unversioned()));
}

} // namespace
} // namespace diffo::server
