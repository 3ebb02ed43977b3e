#include "base/base64url.h"

#include <doctest/doctest.h>

using namespace diffo;

TEST_CASE("base64url as RFC 4648 §10 has it, without padding") {
  struct Row {
    const char* bytes;
    const char* text;
  };
  for (const auto& [bytes, text] :
       {Row{"", ""}, Row{"f", "Zg"}, Row{"fo", "Zm8"}, Row{"foo", "Zm9v"}, Row{"foob", "Zm9vYg"},
        Row{"fooba", "Zm9vYmE"}, Row{"foobar", "Zm9vYmFy"}, Row{"\xfb\xff", "-_8"}}) {
    CHECK(base64url(bytes) == text);
    CHECK(from_base64url(text).value() == bytes);
  }
}

TEST_CASE("all bytes come back from base64url") {
  std::string bytes;
  for (int value = 0; value < 256; ++value) {
    bytes += static_cast<char>(value);
    CHECK(from_base64url(base64url(bytes)).value() == bytes);
  }
}

TEST_CASE("what base64url does not write is refused") {
  for (const char* text : {"Zg==", "Z", "Zh", "Zm9", "Z g", "Zm+v", "Zm/v", "Zm9v\n", "\xc3\xa4"})
    CHECK_FALSE(from_base64url(text).has_value());
}
