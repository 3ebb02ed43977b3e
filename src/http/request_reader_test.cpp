#include "http/request_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <rapidcheck.h>

using namespace diffo::http;

namespace {

/// Everything a reader makes of some bytes that arrive in pieces of `step` bytes.
struct Reading {
  std::vector<std::string> requests; // "METHOD path?query body"
  Refusal refusal{0, ""};
};

Reading read_all(std::string_view bytes, std::size_t step, const Limits& limits = {},
                 BodyMode mode = BodyMode::collected) {
  Reading reading;
  RequestReader reader(limits);
  std::string streamed;
  for (;;) {
    switch (reader.next()) {
    case RequestReader::Step::need_bytes: {
      if (bytes.empty())
        return reading;
      const auto space = reader.space();
      const std::size_t count = std::min({step, bytes.size(), space.size()});
      std::memcpy(space.data(), bytes.data(), count);
      reader.received(count);
      bytes.remove_prefix(count);
      break;
    }
    case RequestReader::Step::head:
      reader.accept_body(mode);
      break;
    case RequestReader::Step::piece:
      streamed += reader.take_piece();
      break;
    case RequestReader::Step::complete: {
      const RequestHead& head = reader.head();
      std::string text(head.method_token);
      text += ' ';
      text += head.path;
      text += '?';
      text += head.query;
      text += ' ';
      text +=
          mode == BodyMode::collected ? std::string(reader.body()) : std::exchange(streamed, {});
      reading.requests.push_back(text);
      reader.start_over();
      break;
    }
    case RequestReader::Step::refused:
      reading.refusal = reader.refusal();
      return reading;
    }
  }
}

int status_of(std::string_view bytes, const Limits& limits = {}) {
  const int at_once = read_all(bytes, bytes.size(), limits).refusal.status;
  const int bytewise = read_all(bytes, 1, limits).refusal.status;
  CHECK(at_once == bytewise);
  return at_once;
}

const std::string stream = "GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n"
                           "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
                           "\r\nPUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "3\r\nabc\r\n4;name=value\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n"
                           "DELETE http://other:1/d?y HTTP/1.1\r\nHost: h\r\n\r\n"
                           "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"
                           "GET http://other?z HTTP/1.1\r\nHost: h\r\n\r\n"
                           "WEIRD / HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 0\r\n\r\n";

const std::vector<std::string> stream_requests = {
    "GET /a?x=1 ", "POST /b? hello", "PUT /c? abcdefg", "DELETE /d?y ",
    "OPTIONS *? ", "GET /?z ",       "WEIRD /? "};

} // namespace

TEST_CASE("a stream of pipelined requests reads the same however it is split") {
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    CAPTURE(step);
    for (const BodyMode mode : {BodyMode::collected, BodyMode::streamed}) {
      const Reading reading = read_all(stream, step, {}, mode);
      CHECK(reading.refusal.status == 0);
      CHECK(reading.requests == stream_requests);
    }
  }
}

TEST_CASE("what two readers could understand differently is refused") {
  const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  struct Row {
    std::string name;
    std::string bytes;
    int status;
  };
  const Row rows[] = {
      {"two equal lengths", post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400},
      {"two lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\na", 400},
      {"a list of lengths", post + "Content-Length: 1, 1\r\n\r\na", 400},
      {"a signed length", post + "Content-Length: +1\r\n\r\na", 400},
      {"a negative length", post + "Content-Length: -1\r\n\r\na", 400},
      {"an empty length", post + "Content-Length: \r\n\r\n", 400},
      {"a hexadecimal length", post + "Content-Length: 0x1\r\n\r\na", 400},
      {"an overflowing length", post + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {"length and coding", post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"coding and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
      {"two codings", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"another coding", post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {"coded, then chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n", 501},
      {"a disguised coding", post + "Transfer-Encoding: xchunked\r\n\r\n", 501},
      {"a coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"a folded header", get + "A: b\r\n c\r\n\r\n", 400},
      {"a header folded with a tab", get + "A: b\r\n\tc\r\n\r\n", 400},
      {"a first header that is folded", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"a space before the colon", get + "A : b\r\n\r\n", 400},
      {"no colon", get + "A\r\n\r\n", 400},
      {"an empty name", get + ": b\r\n\r\n", 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", get + "Host: h\r\n\r\n", 400},
      {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"a Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"bare line feeds", "GET / HTTP/1.1\nHost: h\n\n", 400},
      {"one bare line feed", get + "A: b\nC: d\r\n\r\n", 400},
      {"a bare line feed at the end", get + "\n", 400},
      {"a bare carriage return", get + "A: b\rc\r\n\r\n", 400},
      {"a NUL in a value", get + std::string("A: b\0c\r\n\r\n", 10), 400},
      {"a control character in a value", get + "A: b\x01\r\n\r\n", 400},
      {"DEL in a value", get + "A: b\x7f\r\n\r\n", 400},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 28), 400},
      {"a tab after the method", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"two spaces after the method", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: h\r\n\r\n", 400},
      {"a space after the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
      {"a newer version", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"an older version", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
      {"a longer version", "GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400},
      {"a small version", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"a fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a relative target", "GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"an asterisk for GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"another scheme", "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no authority", "GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"CONNECT", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"a strange method", "G\"T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"TLS", "\x16\x03\x01\x02\r\n\r\n", 400},
      {"many blank lines", "\r\n\r\n" + get + "\r\n", 400},
      {"another expectation", post + "Expect: magic\r\nContent-Length: 1\r\n\r\n", 417},
      {"a chunk size that is no number", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {"a signed chunk size", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", 400},
      {"a prefixed chunk size", post + "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
       400},
      {"a huge chunk size", post + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\na\r\n",
       400},
      {"a chunk that is too long", post + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
       400},
      {"a chunk size ended by LF", post + "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
       400},
      {"a bad trailer", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nA : b\r\n\r\n", 400},
      {"a length in the trailer",
       post + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n", 400},
      {"an endless chunk extension",
       post + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(9000, 'a'), 400},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(status_of(row.bytes) == row.status);
  }
}

TEST_CASE("targets, headers and bodies beyond their limits are refused with their own status") {
  Limits limits;
  limits.target_bytes = 100;
  limits.head_bytes = 1000;
  limits.head_fields = 10;
  limits.body_bytes = 20;
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  const auto target = [](std::size_t size) {
    return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
  };
  CHECK(status_of(target(100), limits) == 0);
  CHECK(status_of(target(101), limits) == 414);
  CHECK(status_of(target(900), limits) == 414);
  CHECK(status_of("GET /" + std::string(5000, 'a'), limits) == 414);
  CHECK(status_of(std::string(5000, 'G'), limits) == 414);
  CHECK(status_of(post + "A: " + std::string(900, 'a') + "\r\n\r\n", limits) == 0);
  CHECK(status_of(post + "A: " + std::string(1000, 'a') + "\r\n\r\n", limits) == 431);
  CHECK(status_of(post + "A: " + std::string(5000, 'a'), limits) == 431);
  std::string fields;
  for (int count = 0; count < 9; ++count)
    fields += "A: b\r\n";
  CHECK(status_of(post + fields + "\r\n", limits) == 0);
  CHECK(status_of(post + fields + "A: b\r\n\r\n", limits) == 431);
  CHECK(status_of(post + "Content-Length: 20\r\n\r\n" + std::string(20, 'x'), limits) == 0);
  CHECK(status_of(post + "Content-Length: 21\r\n\r\n", limits) == 413);
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  CHECK(status_of(chunked + "a\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", limits) == 0);
  CHECK(status_of(chunked + "a\r\n0123456789\r\nb\r\n01234567890\r\n0\r\n\r\n", limits) == 413);
}

TEST_CASE("a streamed body has no bound") {
  Limits limits;
  limits.body_bytes = 20;
  const std::string body(300'000, 'x');
  const std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n" + body;
  const Reading reading = read_all(bytes, 10'000, limits, BodyMode::streamed);
  REQUIRE(reading.requests.size() == 1);
  CHECK(reading.requests[0].size() == body.size() + std::strlen("POST /? "));
}

TEST_CASE("HTTP/1.0 needs no Host and is not kept alive") {
  const Limits limits;
  RequestReader reader(limits);
  const std::string_view text = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  std::memcpy(reader.space().data(), text.data(), text.size());
  reader.received(text.size());
  REQUIRE(reader.next() == RequestReader::Step::head);
  CHECK(reader.head().minor_version == 0);
  CHECK_FALSE(reader.head().keep_alive);
}

TEST_CASE("random bytes never break the reader, and splitting them changes nothing") {
  const bool passed = rc::check("splits", [] {
    const auto cut = *rc::gen::inRange<std::size_t>(0, stream.size());
    const auto byte = *rc::gen::arbitrary<char>();
    const auto step = *rc::gen::inRange<std::size_t>(1, 64);
    std::string bytes = stream;
    bytes[cut] = byte;
    const Reading at_once = read_all(bytes, bytes.size());
    const Reading split = read_all(bytes, step);
    RC_ASSERT(at_once.requests == split.requests);
    RC_ASSERT(at_once.refusal.status == split.refusal.status);
  });
  CHECK(passed);
}
