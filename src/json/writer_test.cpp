#include <diffo/json.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo::json;
using namespace std::string_literals;

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  write_quoted(text, out);
  return out;
}

} // namespace

TEST_CASE("the text is compact and keeps the members' order") {
  const Value value(Object{
      {"b", 1}, {"a", Array{nullptr, true, false, 5.0, "x"}}, {"", Object{}}, {"e", Array{}}});
  CHECK(to_text(value) == R"({"b":1,"a":[null,true,false,5.0,"x"],"":{},"e":[]})");
}

TEST_CASE("only what must be escaped is escaped") {
  CHECK(quoted("") == R"("")");
  CHECK(quoted("a/b é€😀 \x7f") == "\"a/b é€😀 \x7f\"");
  CHECK(quoted("\"\\\b\f\n\r\t") == R"("\"\\\b\f\n\r\t")");
  CHECK(quoted("\0\x01\x1f"s) == R"("\u0000\u0001\u001f")");
  CHECK(quoted("0123456789\n0123456789\"") == R"("0123456789\n0123456789\"")");
}

TEST_CASE("an escape is found at every place of a text") {
  for (char bad : {'"', '\\', '\n', '\0', '\x1f'}) {
    for (std::size_t length = 1; length < 40; ++length) {
      for (std::size_t at = 0; at < length; ++at) {
        std::string text(length, 'a');
        CHECK(needs_no_escape(text));
        text[at] = bad;
        CHECK_FALSE(needs_no_escape(text));
        auto back = read(quoted(text));
        REQUIRE(back);
        CHECK(back->string() == text);
      }
    }
  }
}

TEST_CASE("bytes next to those that are escaped are left alone") {
  for (int byte = 0x20; byte < 0x100; ++byte) {
    const std::string text(20, static_cast<char>(byte));
    CHECK(needs_no_escape(text) == (byte != '"' && byte != '\\'));
  }
}

TEST_CASE("quoting any ASCII text can be undone") {
  CHECK(rc::check("quote and read", [](std::string text) {
    for (char& c : text)
      c = static_cast<char>(c & 0x7F);
    auto back = read(quoted(text));
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->string() == text);
    RC_ASSERT(needs_no_escape(text) == (quoted(text) == "\"" + text + "\""));
  }));
}

TEST_CASE("text for people is indented by two") {
  const Value value(Object{{"a", Array{1, Object{{"b", 2}}}}, {"c", Object{}}, {"d", Array{}}});
  CHECK(to_pretty_text(value) == R"({
  "a": [
    1,
    {
      "b": 2
    }
  ],
  "c": {},
  "d": []
})");
}
