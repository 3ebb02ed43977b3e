#include "base/text.h"
#include "base/text_builder.h"
#include "base/text_hash.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace diffo;
using namespace std::string_literals;

namespace {

const std::string e_acute = "\xC3\xA9";
const std::string euro = "\xE2\x82\xAC";
const std::string smile = "\xF0\x9F\x98\x80";

} // namespace

TEST_CASE("a text is cut between two characters only") {
  const std::string text = "a" + e_acute + euro + smile;
  CHECK(cut_text(text, 100) == text);
  CHECK(cut_text(text, text.size()) == text);
  CHECK(cut_text(text, 9) == "a" + e_acute + euro);
  CHECK(cut_text(text, 6) == "a" + e_acute + euro);
  CHECK(cut_text(text, 5) == "a" + e_acute);
  CHECK(cut_text(text, 2) == "a");
  CHECK(cut_text(text, 0).empty());
  CHECK(cut_text(e_acute, 1).empty());
  CHECK(cut_text(std::string(10, '\x80'), 4).size() <= 4);
}

TEST_CASE("what is shortened stays UTF-8, whatever it was") {
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("abcd", 3) == "abc...");
  CHECK(shortened("a\xFF"s + "b", 10) == "a\xEF\xBF\xBD"
                                         "b");
  const bool passed = rc::check("any cut of any text", [] {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::element(
        'a', '\x80', '\xBF', '\xC3', '\xA9', '\xE2', '\x82', '\xAC', '\xF0', '\x9F', '\xFF'));
    const auto most = *rc::gen::inRange<std::size_t>(0, 12);
    RC_ASSERT(is_utf8(shortened(bytes, most)));
    RC_ASSERT(cut_text(bytes, most).size() <= most);
    if (is_utf8(bytes))
      RC_ASSERT(is_utf8(cut_text(bytes, most)));
  });
  CHECK(passed);
}

TEST_CASE("only well-formed UTF-8 is UTF-8") {
  CHECK(is_utf8("a" + e_acute + euro + smile));
  CHECK(is_utf8("\xEF\xBF\xBF\xF4\x8F\xBF\xBF"));
  for (const std::string& bad :
       {"\x80"s, "\xC0\x80"s, "\xC1\xBF"s, "\xC3"s, "\xE0\x9F\xBF"s, "\xE2\x82"s, "\xED\xA0\x80"s,
        "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s})
    CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("what is shown on a terminal or in a log cannot leave its line or forge another") {
  CHECK(printable("plain " + e_acute) == "plain " + e_acute);
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable("\x1B[31m\x7F"s + '\0') == "\\x1b[31m\\x7f\\x00");
  CHECK(printable("\xC2\x9B"
                  "31m") == "\\xc2\\x9b31m"); // C1: CSI in one character
  CHECK(printable("\xE2\x80\xAE"
                  "gpj") == "\\xe2\\x80\\xaegpj"); // right-to-left override
  CHECK(printable("\xE2\x80\xA8") == "\\xe2\\x80\\xa8");
  CHECK(printable("\xFFz") == "\\xffz");
  CHECK(printable("c:\\x \"y\"") == "c:\\x \"y\"");
  std::string quoted;
  append_printable(quoted, "c:\\x \"y\"", Quoting::quoted);
  CHECK(quoted == "c:\\\\x \\\"y\\\"");
}

TEST_CASE("an id is what a path can name") {
  for (const std::string& good : {"a"s, "1212"s, "a b"s, "..."s, ".a"s, "a.b"s, "urn:x:1"s, e_acute,
                                  smile, std::string(255, 'x')})
    CHECK(is_id(good));
  for (const std::string& bad :
       {""s, "."s, ".."s, "a/b"s, "a?b"s, "a#b"s, "a\nb"s, "\x7F"s, "\xC2\x80"s, "\xC2\x9F"s,
        "a\xC2\x85"s, "\xFF"s, std::string(256, 'x'), "a"s + '\0'})
    CHECK_FALSE(is_id(bad));
}

TEST_CASE("texts that fall into one place of a plain hash table do not in ours") {
  // std::hash has no key, so anybody can look for such texts at home.
  constexpr std::size_t places = 1009;
  const std::hash<std::string> plain;
  const std::size_t chosen = plain("a") % places;
  std::unordered_set<std::size_t> ours;
  int found = 0;
  for (int number = 0; found < 200; ++number) {
    const std::string name = "name" + std::to_string(number);
    if (plain(name) % places != chosen)
      continue;
    ++found;
    ours.insert(TextHash()(name) % places);
  }
  CHECK(ours.size() > 100);
  CHECK(TextHash()("abc") == TextHash()(std::string("abc")));
  CHECK(TextHash()("") != TextHash()(std::string_view("\0", 1)));
}

TEST_CASE("a builder appends what a text would, however it grows") {
  CHECK(rc::check("pieces", [](const std::string& before, const std::vector<std::string>& pieces) {
    std::string expected = before;
    std::string built = before;
    {
      TextBuilder builder(built);
      for (const std::string& piece : pieces) {
        expected += piece;
        expected += piece + piece;
        expected += ',';
        builder += piece;
        builder += piece + piece;
        builder += ';';
        builder.back() = ',';
        expected += piece + "!";
        builder.extend([&](std::string& text) { (text += piece) += '!'; });
        RC_ASSERT(builder.size() == expected.size());
      }
      builder += std::string_view();
    }
    RC_ASSERT(built == expected);
  }));
  std::string long_text = "x";
  {
    TextBuilder builder(long_text);
    for (int count = 0; count < 100; ++count)
      builder += std::string(999, 'y');
    builder += 'z';
    builder.pop_back();
  }
  CHECK(long_text == 'x' + std::string(99'900, 'y'));
}
