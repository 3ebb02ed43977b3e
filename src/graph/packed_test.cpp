#include "graph/packed.h"
#include "testing/drafts.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace diffo;
using namespace diffo::graph;

namespace {

ValueView packed_view(const std::string& bytes) {
  PackedReader in(bytes);
  ValueView view(in, test_words());
  REQUIRE(in.at_end());
  return view;
}

std::string packed(const json::Value& value) {
  std::string bytes;
  append_value(bytes, value, test_words());
  return bytes;
}

} // namespace

TEST_CASE("any value comes back from its packed form, as a tree and as text") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& bytes) {
    DraftMaker maker(bytes);
    const json::Value value = maker.value();
    const std::string packed_bytes = packed(value);
    PackedReader in(packed_bytes);
    const ValueView view(in, test_words());
    RC_ASSERT(in.at_end());
    RC_ASSERT(view.kind() == value.kind());
    RC_ASSERT(json::to_text(view.to_json()) == json::to_text(value));
    std::string emitted;
    view.emit(emitted);
    RC_ASSERT(emitted == json::to_text(value));
    if (const std::string* text = value.if_string()) {
      RC_ASSERT(view.text() == *text);
      RC_ASSERT(view.equals(*text));
      RC_ASSERT(!view.equals(*text + "x"));
      RC_ASSERT(view.direct_text().empty() || view.direct_text() == *text);
    }
  }));
}

TEST_CASE("frequent forms of text are packed small") {
  CHECK(packed("active").size() == 2);
  CHECK(packed("0f3c9a40-7b1e-4c55-9d3b-6f0a1c2d3e4f").size() == 17);
  CHECK(packed("2026-06-22T01:02:03.004Z").size() <= 8);
  CHECK(packed("2026-06-22T01:02:03Z").size() <= 6);
  CHECK(packed(7).size() == 1);
  CHECK(packed("0F3C9A40-7B1E-4C55-9D3B-6F0A1C2D3E4F").size() == 37);
}

TEST_CASE("every special text keeps all its letters") {
  for (std::uint8_t which = 0; which < 14; ++which) {
    const std::vector<std::uint8_t> bytes = {which};
    const std::string text = DraftMaker(bytes).special();
    const std::string stored = packed(text);
    CHECK(packed_view(stored).text() == text);
  }
}

TEST_CASE("a cut or changed packed value is refused or read without harm") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& bytes, std::uint16_t place,
                     std::uint8_t flip) {
    DraftMaker maker(bytes);
    std::string damaged = packed(maker.value());
    if (flip == 0)
      damaged.resize(place % damaged.size());
    else
      damaged[place % damaged.size()] = static_cast<char>(damaged[place % damaged.size()] ^ flip);
    PackedReader in(damaged);
    const ValueView view(in, test_words());
    std::string emitted;
    view.emit(emitted);
    (void)view.to_json();
    (void)view.text();
  }));
}

TEST_CASE("a reader that ran over its end stays there and says so") {
  PackedReader in(std::string_view("\xff\xff", 2));
  CHECK(in.varint() == 0);
  CHECK_FALSE(in.ok());
  CHECK(in.bytes(1).empty());
  CHECK(in.at_end());
}

TEST_CASE("a dictionary finds each of its words and nothing else") {
  std::vector<std::string> words;
  for (int number = 0; number < 1000; ++number)
    words.push_back("word " + std::to_string(number) + std::string(number % 40, 'x'));
  words.insert(words.end(), {"", "a", "ab", "eight888", "eight8888"});
  const Dictionary none{std::span<const std::string_view>()};
  const Dictionary dictionary(none, words);
  for (std::size_t number = 0; number < words.size(); ++number) {
    CHECK(dictionary.find(words[number]) == static_cast<Word>(number));
    CHECK(dictionary.text(number) == words[number]);
    CHECK_FALSE(dictionary.find(words[number] + "y"));
    CHECK_FALSE(none.find(words[number]));
  }
  CHECK_FALSE(dictionary.find("word"));
  CHECK_FALSE(dictionary.find(std::string(100'000, 'x')));
}
