#include "base/ip_prefix.h"

#include <doctest/doctest.h>

using namespace diffo;

TEST_CASE("prefixes are read and written, and what is none is refused") {
  for (const char* text : {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.1/32", "2001:db8::/32", "::/0"})
    CHECK(IpPrefix::parse(text).value().text() == text);
  CHECK(IpPrefix::parse("192.0.2.1").value().text() == "192.0.2.1/32");
  for (const char* text : {"", "10.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1",
                           "10.0.0.0/8 ", "10.0.0.1/8", "2001:db8::/129", "2001:db8::1/64", "x/8"})
    CHECK_MESSAGE(!IpPrefix::parse(text), text);
}

TEST_CASE("prefixes within another are numbered in the order of their addresses") {
  struct Row {
    const char* outer;
    int length;
    std::int64_t number;
    const char* inner;
  };
  for (const Row& row :
       {Row{"10.0.0.0/16", 24, 0, "10.0.0.0/24"}, Row{"10.0.0.0/16", 24, 255, "10.0.255.0/24"},
        Row{"2001:db8::/48", 64, 65535, "2001:db8:0:ffff::/64"},
        Row{"192.0.2.8/30", 32, 3, "192.0.2.11/32"}, Row{"192.0.2.8/30", 30, 0, "192.0.2.8/30"}}) {
    const IpPrefix outer = IpPrefix::parse(row.outer).value();
    CHECK(outer.inner(row.length, row.number).text() == row.inner);
    CHECK(outer.number_of(IpPrefix::parse(row.inner).value()) == row.number);
  }
  const IpPrefix outer = IpPrefix::parse("10.0.0.0/16").value();
  CHECK(outer.count_of(24) == 256);
  CHECK(!outer.count_of(8));
  CHECK(!outer.number_of(IpPrefix::parse("10.1.0.0/24").value()));
  CHECK(!outer.number_of(IpPrefix::parse("2001:db8::/64").value()));
  CHECK(!IpPrefix::parse("::/0").value().count_of(64));
}

TEST_CASE("a prefix contains what lies in it, however many there are of that") {
  const auto contains = [](const char* outer, const char* inner) {
    return IpPrefix::parse(outer).value().contains(IpPrefix::parse(inner).value());
  };
  CHECK(contains("10.0.0.0/8", "10.1.2.3"));
  CHECK(contains("10.0.0.0/8", "10.0.0.0/8"));
  CHECK(contains("fc00::/7", "fdff::1"));
  CHECK(contains("::/0", "2001:db8::1"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  CHECK_FALSE(contains("10.0.0.0/8", "0.0.0.0/0"));
  CHECK_FALSE(contains("0.0.0.0/0", "::1"));
}
