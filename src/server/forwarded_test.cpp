#include "server/forwarded.h"

#include "server/call.h"
#include "server/cross_origin.h"

#include <doctest/doctest.h>

#include <optional>

namespace diffo::server {
namespace {

/// What links begin with behind proxies that are trusted at 10.0.0.0/8 and 2001:db8::/32.
std::string origin_by(std::string_view peer, const std::vector<http::Header>& headers) {
  Forwarding forwarding;
  REQUIRE(forwarding.trust("10.0.0.0/8"));
  REQUIRE(forwarding.trust("2001:db8::/32"));
  http::Request request;
  request.authority = "backend:8080";
  request.peer = peer;
  request.headers = headers;
  const auto applied = forwarding.apply(request);
  return applied ? origin_of(request, "") : "refused " + applied.error().path;
}

TEST_CASE("a trusted proxy says how the client came") {
  struct Row {
    const char* peer;
    std::vector<http::Header> headers;
    const char* origin;
  };
  const std::vector<Row> rows = {
      {"10.1.2.3:5000", {}, "http://backend:8080"},
      {"10.1.2.3:5000", {{"X-Forwarded-Proto", "https"}}, "https://backend:8080"},
      {"10.1.2.3:5000",
       {{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "api.example"}},
       "https://api.example"},
      {"10.1.2.3:5000",
       {{"X-Forwarded-Proto", "https"},
        {"X-Forwarded-Host", "api.example"},
        {"X-Forwarded-Port", "8443"},
        {"X-Forwarded-Prefix", "/inventory/"}},
       "https://api.example:8443/inventory"},
      {"10.1.2.3:5000",
       {{"X-Forwarded-Proto", "https"},
        {"X-Forwarded-Host", "api.example"},
        {"X-Forwarded-Port", "443"}},
       "https://api.example"},
      {"[2001:db8::7]:5000",
       {{"Forwarded", "host=api.example;proto=https"}},
       "https://api.example"},
      {"[::ffff:10.0.0.1]:5000", {{"X-Forwarded-Host", "api.example"}}, "http://api.example"},
      {"10.1.2.3:5000",
       {{"Forwarded", "for=\"[2001:db8:cafe::17]:4711\";proto=http;host=\"api.example:81\""}},
       "http://api.example:81"},
      // What the client itself has written stands in front of what the first trusted proxy says.
      {"10.1.2.3:5000",
       {{"Forwarded", "for=1.1.1.1;host=evil.example, for=9.9.9.9;host=api.example;proto=https"}},
       "https://api.example"},
      {"10.1.2.3:5000",
       {{"Forwarded", "for=9.9.9.9;host=api.example;proto=https, for=10.0.0.2;host=inner"}},
       "https://api.example"},
      {"10.1.2.3:5000",
       {{"X-Forwarded-For", "1.1.1.1, 9.9.9.9, 10.0.0.2"},
        {"X-Forwarded-Host", "evil.example, api.example, inner"},
        {"X-Forwarded-Proto", "https"}},
       "https://api.example"},
      // Nobody else is heard.
      {"192.0.2.1:5000", {{"X-Forwarded-Host", "evil.example"}}, "http://backend:8080"},
      {"127.0.0.1:5000", {{"Forwarded", "host=evil.example"}}, "http://backend:8080"},
      {"[2001:db9::1]:1", {{"Forwarded", "host=evil.example"}}, "http://backend:8080"},
      // What nobody can read is refused.
      {"10.1.2.3:5000", {{"Forwarded", "proto=HTTPS;host=h"}}, "https://h"},
      {"10.1.2.3:5000", {{"X-Forwarded-Port", "8443"}}, "http://backend:8443"},
      {"10.1.2.3:5000", {{"X-Forwarded-Port", "0"}}, "refused X-Forwarded-Port"},
      {"10.1.2.3:5000", {{"X-Forwarded-Port", "99999"}}, "refused X-Forwarded-Port"},
      {"10.1.2.3:5000", {{"X-Forwarded-Prefix", "/../x"}}, "refused X-Forwarded-Prefix"},
      {"10.1.2.3:5000", {{"X-Forwarded-Proto", "gopher"}}, "refused X-Forwarded-Proto"},
      {"10.1.2.3:5000", {{"X-Forwarded-Host", "a b"}}, "refused X-Forwarded-Host"},
      {"10.1.2.3:5000", {{"X-Forwarded-Prefix", "//evil.example"}}, "refused X-Forwarded-Prefix"},
      {"10.1.2.3:5000", {{"X-Forwarded-Prefix", "/a>b"}}, "refused X-Forwarded-Prefix"},
      {"10.1.2.3:5000",
       {{"X-Forwarded-Host", "a"}, {"X-Forwarded-Port", "80x"}},
       "refused X-Forwarded-Port"},
      {"10.1.2.3:5000", {{"Forwarded", "nonsense"}}, "refused Forwarded"},
      {"10.1.2.3:5000", {{"Forwarded", "host=\"a/b\""}}, "refused Forwarded"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.origin);
    CHECK(origin_by(row.peer, row.headers) == row.origin);
  }
}

TEST_CASE("without a configured proxy nothing is heard") {
  const Forwarding nobody;
  http::Request request;
  request.peer = "127.0.0.1:1";
  request.authority = "h";
  const std::vector<http::Header> headers = {{"X-Forwarded-Host", "evil.example"}};
  request.headers = headers;
  REQUIRE(nobody.apply(request));
  CHECK(request.authority == "h");
  Forwarding forwarding;
  for (const char* bad : {"", "proxy.example", "10.0.0.0/33", "10.0.0.1/8", "*"})
    CHECK_FALSE(forwarding.trust(bad));
}

std::string allowed_for(const std::vector<http::Header>& headers, const char* name,
                        http::Method method = http::Method::get) {
  CrossOrigin cross_origin;
  REQUIRE(cross_origin.allow("https://UI.example:443"));
  REQUIRE(cross_origin.allow("http://localhost:5173"));
  std::optional<http::Response> got;
  http::Request request;
  request.method = method;
  request.headers = headers;
  cross_origin
      .dressed(http::Responder::to([&got](http::Response response) { got = std::move(response); }),
               request)
      .send({.status = 204, .headers = {{"Allow", "GET, POST"}}});
  for (const auto& [given, value] : got->headers)
    if (given == name)
      return value;
  return "";
}

TEST_CASE("pages of configured origins may read answers and learn what they may send") {
  constexpr const char* origin = "Access-Control-Allow-Origin";
  CHECK(allowed_for({{"Origin", "https://ui.example"}}, origin) == "https://ui.example");
  CHECK(allowed_for({{"Origin", "http://localhost:5173"}}, origin) == "http://localhost:5173");
  CHECK(allowed_for({{"Origin", "http://localhost:5173"}}, "Vary") == "Origin");
  for (const char* foreign : {"http://ui.example", "https://ui.example.evil", "null", "",
                              "http://localhost:5174", "https://ui.example/"}) {
    CHECK(allowed_for({{"Origin", foreign}}, origin).empty());
    CHECK(allowed_for({{"Origin", foreign}}, "Vary") == "Origin");
  }
  const std::vector<http::Header> preflight = {{"Origin", "https://ui.example"},
                                               {"Access-Control-Request-Method", "PATCH"}};
  CHECK(allowed_for(preflight, "Access-Control-Allow-Methods", http::Method::options) ==
        "GET, POST");
  CHECK(allowed_for(preflight, "Access-Control-Allow-Headers", http::Method::options)
            .find("If-Match") != std::string::npos);
  CHECK(allowed_for(preflight, "Access-Control-Expose-Headers").find("X-Total-Count") !=
        std::string::npos);
}

TEST_CASE("an origin is a scheme and a host, and never all") {
  CrossOrigin cross_origin;
  for (const char* bad : {"*", "ui.example", "https://", "https://ui.example/app", "ftp://x",
                          "https://a b", "https://u@x", "null", ""})
    CHECK_FALSE(cross_origin.allow(bad));
}

} // namespace
} // namespace diffo::server
