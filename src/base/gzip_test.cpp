#include "base/gzip.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;

namespace {

std::string some_text(std::size_t bytes) {
  std::string text;
  for (std::size_t at = 0; text.size() < bytes; ++at)
    text += R"({"id":")" + std::to_string(at * 7919) + R"(","state":"active"},)";
  return text;
}

Result<std::string> in_pieces(std::string_view packed, std::size_t piece_bytes) {
  Gunzip unpacking;
  std::string bytes;
  for (std::size_t at = 0; at < packed.size(); at += piece_bytes)
    TRY(unpacking.add(packed.substr(at, piece_bytes), [&](std::string_view part) -> Result<void> {
      bytes += part;
      return {};
    }));
  TRY(unpacking.finish());
  return bytes;
}

} // namespace

TEST_CASE("what gzip packs comes back, in whatever pieces") {
  for (const std::size_t size : {0, 1, 500, 70'000, 1'000'000}) {
    const std::string text = some_text(size);
    const std::string packed = gzip(text);
    CHECK(gunzip(packed, text.size()).value() == text);
    CHECK(in_pieces(packed, 1).value() == text);
    CHECK(in_pieces(packed, 4096).value() == text);
    if (size > 1000)
      CHECK(packed.size() < text.size() / 4);
  }
  CHECK(rc::check("any bytes", [](const std::string& bytes) {
    RC_ASSERT(gunzip(gzip(bytes), bytes.size()).value() == bytes);
  }));
}

TEST_CASE("pieces can be read as they come, and are one text in the end") {
  Gzip packing;
  Gunzip unpacking;
  std::string seen;
  const auto take = [&seen](std::string_view part) -> Result<void> {
    seen += part;
    return {};
  };
  std::string all;
  for (const char* piece : {"one\n", "", "two\n", "three\n"}) {
    const std::string packed = packing.add(piece);
    all += packed;
    CHECK(unpacking.add(packed, take));
    CHECK(seen.ends_with(piece));
  }
  CHECK_FALSE(unpacking.finish());
  const std::string last = packing.finish();
  all += last;
  CHECK(unpacking.add(last, take));
  CHECK(unpacking.finish());
  CHECK(gunzip(all, 100).value() == "one\ntwo\nthree\n");
}

TEST_CASE("several members are one text") {
  CHECK(gunzip(gzip("a") + gzip("b") + gzip(""), 2).value() == "ab");
  CHECK(in_pieces(gzip("a") + gzip("b"), 1).value() == "ab");
}

TEST_CASE("what is not of gzip, or not whole, is refused") {
  const std::string packed = gzip("some text");
  std::string wrong_sum = packed;
  wrong_sum[packed.size() - 6] ^= 1;
  for (const std::string& bad :
       {std::string(), std::string("{}"), packed.substr(0, packed.size() - 1), packed + "x",
        packed.substr(1), wrong_sum, std::string("\x1f\x8b")}) {
    const auto read = gunzip(bad, 1000);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::malformed);
    CHECK_FALSE(in_pieces(bad, 1));
  }
}

TEST_CASE("a bomb ends at the bound") {
  const std::string bomb = gzip(std::string(std::size_t{64} << 20U, '0'));
  CHECK(bomb.size() < 400'000);
  const auto read = gunzip(bomb, 1'000'000);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::too_large);
  std::size_t largest = 0;
  Gunzip unpacking;
  CHECK(unpacking.add(bomb, [&largest](std::string_view part) -> Result<void> {
    largest = std::max(largest, part.size());
    return {};
  }));
  CHECK(largest <= std::size_t{64} << 10U);
}
