#include "server/coding.h"

#include "base/gzip.h"

#include <doctest/doctest.h>

#include <optional>
#include <vector>

namespace diffo::server {
namespace {

const std::string text(10'000, 'x');

http::Response packed(http::Method method, const std::vector<http::Header>& headers,
                      http::Response given) {
  std::optional<http::Response> got;
  http::Request request;
  request.method = method;
  request.headers = headers;
  packing(http::Responder::to([&got](http::Response response) { got = std::move(response); }),
          request)
      .send(std::move(given));
  return std::move(got).value();
}

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [given, value] : response.headers)
    if (http::same_header_name(given, name))
      return value;
  return "";
}

http::Response answer_of(std::string body, std::string type = "application/json") {
  return {.status = 200,
          .content_type = std::move(type),
          .headers = {{"ETag", "\"7.ab\""}},
          .body = std::move(body)};
}

TEST_CASE("an Accept-Encoding that takes gzip is known from one that does not") {
  for (const char* takes : {"gzip", "deflate, gzip", "GZIP;q=0.1", "br;q=1.0, *;q=0.2", "*",
                            "gzip ; q=1", "identity;q=0.5, x-gzip"})
    CHECK(takes_gzip(takes));
  for (const char* not_taken :
       {"", "br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "gzipped", "identity", "deflate, br"})
    CHECK_FALSE(takes_gzip(not_taken));
}

TEST_CASE("answers of reads are packed for those who take it, and their tags tell") {
  const auto response = packed(http::Method::get, {{"Accept-Encoding", "gzip"}}, answer_of(text));
  CHECK(header(response, "Content-Encoding") == "gzip");
  CHECK(header(response, "Vary") == "Accept-Encoding");
  CHECK(header(response, "ETag") == "\"7.ab-gzip\"");
  CHECK(gunzip(response.body, text.size()).value() == text);
  CHECK(without_coding(header(response, "ETag")) == "\"7.ab\"");
  CHECK(without_coding("\"7.ab\"") == "\"7.ab\"");
  CHECK(without_coding("") == "");
}

TEST_CASE("what is small, no text, a write's, or nobody's to unpack goes as it is") {
  const std::vector<http::Header> takes = {{"Accept-Encoding", "gzip"}};
  for (const auto& response :
       {packed(http::Method::get, takes, answer_of("{}")),
        packed(http::Method::get, takes, answer_of(text, "image/png")),
        packed(http::Method::get, takes, answer_of(text, "text/event-stream")),
        packed(http::Method::patch, takes, answer_of(text)),
        packed(http::Method::get, {}, answer_of(text)),
        packed(http::Method::get, {{"Accept-Encoding", "gzip;q=0"}}, answer_of(text))}) {
    CHECK(header(response, "Content-Encoding").empty());
    CHECK(header(response, "ETag") == "\"7.ab\"");
  }
  CHECK(header(packed(http::Method::get, {}, answer_of("{}")), "Vary") == "Accept-Encoding");
}

TEST_CASE("a 304 has the tag that the client has") {
  const http::Response not_modified{.status = 304, .headers = {{"ETag", "\"7\""}}};
  const auto tag = [&](const char* known) {
    return header(packed(http::Method::get, {{"Accept-Encoding", "gzip"}, {"If-None-Match", known}},
                         not_modified),
                  "ETag");
  };
  CHECK(tag("\"7-gzip\"") == "\"7-gzip\"");
  CHECK(tag("\"7\"") == "\"7\"");
  CHECK(header(packed(http::Method::get, {}, not_modified), "Vary") == "Accept-Encoding");
}

TEST_CASE("bodies that many answers share are packed once") {
  const auto shared = std::make_shared<const std::string>(text);
  const auto get = [&] {
    return packed(http::Method::get, {{"Accept-Encoding", "gzip"}},
                  {.status = 200, .content_type = "text/html", .shared_body = shared});
  };
  const auto first = get();
  CHECK(first.shared_body == get().shared_body);
  CHECK(gunzip(*first.shared_body, text.size()).value() == text);
}

TEST_CASE("a stream is packed piece by piece") {
  class Collecting final : public http::ExchangePort {
  public:
    std::string bytes;
    bool ended = false;
    bool failed = false;
    void answer(std::uint64_t, http::Response&&) override {}
    void drop(std::uint64_t, int) override {}
    void set_route(std::uint64_t, std::string_view) override {}
    void read_body(std::uint64_t, BodyCallback) override {}
    void chunk(std::uint64_t, ChunkKind kind, std::string&& more) override {
      bytes += more;
      ended = kind == ChunkKind::end;
      failed = kind == ChunkKind::failed;
    }
  };
  const auto run = [](http::BodySource source) {
    const auto response = packed(
        http::Method::get, {{"Accept-Encoding", "gzip"}},
        {.status = 200, .content_type = "application/x-ndjson", .stream = std::move(source)});
    auto port = std::make_shared<Collecting>();
    while (!port->ended && !port->failed)
      response.stream(http::ChunkSink(port, 0));
    return port;
  };
  const auto whole = run(http::pull_source([left = 3](std::string& out) mutable {
    out = "line\n";
    return --left > 0;
  }));
  CHECK(whole->ended);
  CHECK(gunzip(whole->bytes, 100).value() == "line\nline\nline\n");
  CHECK(run([](http::ChunkSink sink) { sink.fail(); })->failed);
}

TEST_CASE("a packed body is unpacked within its bound and the memory there is") {
  const auto memory = std::make_shared<http::MemoryBudget>(std::uint64_t{20'000});
  const auto unpacked = [&](const std::string& body, std::uint64_t most, http::Request& request) {
    request.body = body;
    return unpack_body(request, most, memory);
  };
  {
    http::Request request;
    const std::string body = gzip(text);
    REQUIRE(unpacked(body, text.size(), request));
    CHECK(request.body == text);
    CHECK(memory->used() == text.size());
    http::Request second;
    const auto more = unpacked(gzip(std::string(15'000, 'y')), 15'000, second);
    REQUIRE_FALSE(more);
    CHECK(more.error().code == ErrorCode::unavailable);
  }
  CHECK(memory->used() == 0);
  http::Request request;
  const auto bomb = unpacked(gzip(std::string(std::size_t{1} << 20U, '0')), 1000, request);
  REQUIRE_FALSE(bomb);
  CHECK(bomb.error().code == ErrorCode::too_large);
  const auto nonsense = unpacked("{}", 1000, request);
  REQUIRE_FALSE(nonsense);
  CHECK(nonsense.error().code == ErrorCode::malformed);
}

} // namespace
} // namespace diffo::server
