#include "http/authority.h"
#include "http/chunked_body.h"
#include "http/pace.h"

#include <doctest/doctest.h>

#include <string>

using namespace diffo::http;
using namespace std::string_literals;

namespace {

/// What a body comes to when it arrives in pieces of `step` bytes: "content" and how it ended.
std::pair<std::string, ChunkedBody::Step> read(std::string_view bytes, std::size_t step,
                                               std::uint64_t most = 1000) {
  ChunkedBody body(most);
  std::string content;
  while (true) {
    std::string_view here = bytes.substr(0, step);
    bytes.remove_prefix(here.size());
    while (true) {
      std::string_view piece;
      const ChunkedBody::Step now = body.next(here, piece);
      if (now == ChunkedBody::Step::data)
        content += piece;
      else if (now == ChunkedBody::Step::need_bytes && !bytes.empty())
        break;
      else
        return {content, now};
    }
  }
}

ChunkedBody::Step end_of(const std::string& bytes, std::uint64_t most = 1000) {
  const auto at_once = read(bytes, bytes.size(), most);
  CHECK(read(bytes, 1, most) == at_once);
  return at_once.second;
}

} // namespace

TEST_CASE("a chunked body gives its content however it is split") {
  const std::string body = "3\r\nabc\r\n0A;name=\"v\"\r\n0123456789\r\n00\r\nA: b\r\nC-D:\r\n\r\n";
  for (std::size_t step = 1; step <= body.size(); ++step)
    CHECK(read(body, step) == std::pair{"abc0123456789"s, ChunkedBody::Step::end});
}

TEST_CASE("what a chunked body must not be is said at the byte where it shows") {
  for (const std::string& bad : {"\n"s,
                                 "1\n"s,
                                 "1\r\na\n"s,
                                 "1\r\nab"s,
                                 "1\r\na\r\n\n"s,
                                 "x"s,
                                 "-1"s,
                                 "+1"s,
                                 " 1"s,
                                 "1 "s,
                                 "0x1"s,
                                 ";a=b"s,
                                 "\r\n"s,
                                 "1\rx"s,
                                 "1;a\x01"s,
                                 "0\r\n b"s,
                                 "0\r\n\tb"s,
                                 "0\r\nA: b\r\n c"s,
                                 "0\r\nA b"s,
                                 "0\r\n:"s,
                                 "0\r\nA: b\n"s,
                                 "0\r\nA: \x7f"s,
                                 "0\r\nHost:"s,
                                 "0\r\ntransfer-encoding:"s,
                                 "0\r\nContent-Length:"s,
                                 "0\r\n\n"s,
                                 "0\r\n\rx"s,
                                 "00000000000000001"s,
                                 "1;"s + std::string(9000, 'a'),
                                 "0\r\nA: "s + std::string(9000, 'a')}) {
    CAPTURE(bad.substr(0, 40));
    CHECK(end_of(bad) == ChunkedBody::Step::malformed);
  }
}

TEST_CASE("a chunk beyond the bound is refused by its size, before its bytes come") {
  CHECK(end_of("ffffffffffffffff\r\n") == ChunkedBody::Step::too_large);
  CHECK(end_of("ffffffffffffffff\r\n", UINT64_MAX) == ChunkedBody::Step::too_large);
  CHECK(end_of("3e9\r\n") == ChunkedBody::Step::too_large);
  CHECK(end_of("2\r\nab\r\n9\r\n", 10) == ChunkedBody::Step::too_large);
  CHECK(end_of("2\r\nab\r\n8\r\n", 10) == ChunkedBody::Step::need_bytes);
}

TEST_CASE("a host's name has labels of letters, digits and hyphens, and no wildcard") {
  for (const std::string good : {"a", "A-1.b_c", "a.", "1a.example", "xn--fa-hia.example"}) {
    CAPTURE(good);
    CHECK(is_host_name(good));
  }
  for (const std::string& bad :
       {std::string(), std::string("*"), std::string("*.a"), std::string("."), std::string("a..b"),
        std::string("-a"), std::string("a-.b"), std::string("a.1"), std::string("a:1"),
        std::string("a~"), std::string(64, 'a'), "a." + std::string(253, 'b')}) {
    CAPTURE(bad);
    CHECK_FALSE(is_host_name(bad));
  }
}

TEST_CASE("an authority is a host with an optional port") {
  for (const char* good : {"a", "a.b", "A-1_2.", "a:1", "a:65535", "a:", "127.0.0.1:80", "[::1]",
                           "[::1]:8080", "xn--fa-hia.example"}) {
    CAPTURE(good);
    CHECK(Authority::parse(good).has_value());
  }
  for (const char* bad : {"",     ":80", "a:99999", "a:1x", "a:x1",       "a:-1",    "x:abc",
                          "[::1", "::1", "[::1]x",  "[x]",  "[]",         "a b",     "a/b",
                          "u@a",  "a,b", "a\"",     "a%41", "[::1%25lo]", "\xC3\xA9"}) {
    CAPTURE(bad);
    CHECK_FALSE(Authority::parse(bad).has_value());
  }
  for (const char* own : {"localhost", "LocalHost:1", "localhost.", "127.0.0.1", "127.8.9.10:1",
                          "[::1]:80", "[0:0:0:0:0:0:0:1]"}) {
    CAPTURE(own);
    CHECK(Authority::parse(own)->is_loopback());
  }
  for (const char* foreign : {"127.evil.example", "localhost.evil.example", "evil.example",
                              "0.0.0.0", "10.0.0.1", "[::2]", "127.1.1.1.1", "127"}) {
    CAPTURE(foreign);
    CHECK_FALSE(Authority::parse(foreign)->is_loopback());
  }
}

TEST_CASE("a pace counts only the waiting, and neither silence nor a drip meets it") {
  using std::chrono::seconds;
  const Pace::Clock::time_point begin{};
  Pace pace(seconds(30), 1000);
  // Silence: too slow one window after the waiting began, wherever we ask from.
  CHECK(pace.wait(begin) == begin + seconds(30));
  CHECK(pace.wait(begin + seconds(10)) == begin + seconds(30));
  // A drip uses the window up; what passes between two waits is ours and does not count.
  pace.moved(begin + seconds(20), 1);
  CHECK(pace.wait(begin + seconds(100)) == begin + seconds(110));
  pace.moved(begin + seconds(109), 1);
  CHECK(pace.wait(begin + seconds(200)) == begin + seconds(201));
  // Enough begins a new window.
  pace.moved(begin + seconds(200), 998);
  CHECK(pace.wait(begin + seconds(300)) == begin + seconds(330));
}
