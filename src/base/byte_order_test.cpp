#include "base/byte_order.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;

namespace {

template <typename Number> std::string high_first(Number value) {
  std::string bytes;
  append_big_endian(bytes, value);
  return bytes;
}

template <typename Number> std::string low_first(Number value) {
  std::string bytes;
  append_little_endian(bytes, value);
  return bytes;
}

} // namespace

TEST_CASE("numbers stand byte by byte, the highest or the lowest first") {
  using namespace std::string_literals;
  CHECK(high_first(std::uint32_t{0x01020300}) == "\x01\x02\x03\x00"s);
  CHECK(low_first(std::uint32_t{0x01020300}) == "\x00\x03\x02\x01"s);
  CHECK(high_first(std::uint16_t{0xfffe}) == "\xff\xfe");
  CHECK(low_first(std::uint64_t{0x80}) == "\x80\0\0\0\0\0\0\0"s);
  CHECK(big_endian("\x01\xff") == 0x1ff);
  CHECK(little_endian("\x01\xff") == 0xff01);
  CHECK(big_endian({}) == 0);
  CHECK(little_endian({}) == 0);
}

TEST_CASE("any number survives its bytes, and the highest first order like numbers") {
  CHECK(rc::check("numbers", [](std::uint64_t one, std::uint64_t two) {
    RC_ASSERT(big_endian(high_first(one)) == one);
    RC_ASSERT(little_endian(low_first(one)) == one);
    RC_ASSERT((high_first(one) < high_first(two)) == (one < two));
  }));
}
