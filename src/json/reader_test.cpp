#include "testing/json_values.h"
#include "json/scanner.h"

#include <diffo/json.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace diffo;
using namespace diffo::json;
using namespace std::string_literals;

namespace {

ErrorCode code_of(const std::string& text, const ReadLimits& limits = {}) {
  Result<Value> result = read(text, limits);
  REQUIRE_FALSE(result);
  return result.error().code;
}

std::string message_of(const std::string& text, const ReadLimits& limits = {}) {
  Result<Value> result = read(text, limits);
  REQUIRE_FALSE(result);
  return result.error().message;
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

TEST_CASE("what RFC 8259 allows is read") {
  for (const char* text : {"null",
                           "true",
                           "false",
                           "0",
                           "-1",
                           "1.5",
                           "\"\"",
                           "[]",
                           "{}",
                           " \t\r\n1\n ",
                           "[ 1 , [ ] , { } ]",
                           "{ \"a\" : { \"b\" : [ null ] } }",
                           "{\"\":0}",
                           "\"\\u0000\"",
                           "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                           "\"\\uD83D\\uDE00\"",
                           "\"\\uFFFF\"",
                           "\"\x7f\"",
                           "\"\xef\xbf\xbf\"",
                           "1e5",
                           "1E+5",
                           "1e-5",
                           "-0",
                           "-0.0",
                           "0e0",
                           "1.0E0",
                           "[\"a\",\"b\"]",
                           "\"[1,2\"",
                           "{\"a\":[],\"b\":[]}",
                           "{\"a\":1,\"A\":2}"}) {
    CAPTURE(text);
    CHECK(read(text));
    CHECK_FALSE(find_fault(text, 64));
  }
}

TEST_CASE("what breaks RFC 8259 is refused as malformed") {
  for (const std::string& text : {""s,
                                  " "s,
                                  "]"s,
                                  "["s,
                                  "{"s,
                                  "}"s,
                                  "[1"s,
                                  "[1,"s,
                                  "[1,]"s,
                                  "[,1]"s,
                                  "[,]"s,
                                  "[1,,2]"s,
                                  "[1 2]"s,
                                  "[1}"s,
                                  "{\"a\":1]"s,
                                  "{\"a\"}"s,
                                  "{\"a\":}"s,
                                  "{\"a\":1,}"s,
                                  "{,\"a\":1}"s,
                                  "{\"a\" 1}"s,
                                  "{\"a\",1}"s,
                                  "{\"a\"::1}"s,
                                  "{1:1}"s,
                                  "{a:1}"s,
                                  "{'a':1}"s,
                                  "[\"a\":1]"s,
                                  "{\"a\":1 \"b\":2}"s,
                                  "1 2"s,
                                  "1,2"s,
                                  "1][2"s,
                                  "[]]"s,
                                  "{}}"s,
                                  "[][]"s,
                                  "{}x"s,
                                  "1]"s,
                                  "],["s,
                                  "\"a\" \"b\""s,
                                  "nul"s,
                                  "truex"s,
                                  "True"s,
                                  "NaN"s,
                                  "Infinity"s,
                                  "-Infinity"s,
                                  "undefined"s,
                                  "'a'"s,
                                  "\"a"s,
                                  "\"a\\\""s,
                                  "\"\\"s,
                                  "01"s,
                                  "-01"s,
                                  "00"s,
                                  "+1"s,
                                  "-"s,
                                  "1."s,
                                  ".5"s,
                                  "-.5"s,
                                  "1.e5"s,
                                  "1e"s,
                                  "1e+"s,
                                  "1e5.5"s,
                                  "0x10"s,
                                  "1_000"s,
                                  "1,000"s,
                                  "1\"a\""s,
                                  "\"a\"1"s,
                                  "\"a\"\"b\""s,
                                  "\"\\x\""s,
                                  "\"\\u12\""s,
                                  "\"\\u12g4\""s,
                                  "\"\\U0041\""s,
                                  "\"\t\""s,
                                  "\"\n\""s,
                                  "\"\0\""s,
                                  "\"\x1f\""s,
                                  "1\0"s,
                                  "\0"s,
                                  "[1]\0"s,
                                  "// no\n1"s,
                                  "/* no */1"s,
                                  "\xef\xbb\xbf"s,
                                  "\xef\xbb\xbf\xef\xbb\xbf"
                                  "1"s,
                                  "1\xef\xbb\xbf"s,
                                  "\v1"s,
                                  "\f1"s,
                                  "\xc2\xa0"
                                  "1"s,
                                  "[1]#"s,
                                  "{\"a\":1}}"s,
                                  "[true false]"s,
                                  "--1"s,
                                  "{\"a\":1,\"b\"}"s,
                                  "{\"a\":\"b\""s,
                                  "[[1,2],[3,4]"s,
                                  "[\"a\\\"]"s}) {
    CAPTURE(text);
    CHECK(code_of(text) == ErrorCode::malformed);
    CHECK(find_fault(text, 64));
  }
}

TEST_CASE("a byte order mark before the text is ignored, and counts as bytes") {
  const std::string mark = "\xef\xbb\xbf";
  CHECK(read(mark + "{\"a\":1}").value() == read("{\"a\":1}").value());
  CHECK(message_of(mark + "[1,x]") == "byte 6: expected a value");
  CHECK(message_of(mark + "{\"a\":1,\"a\":2}") == "byte 10: a second member named \"a\"");
}

TEST_CASE("lone surrogates are refused, escaped or as bytes") {
  for (const std::string& text :
       {"\"\\uD800\""s, "\"\\uDBFFa\""s, "\"\\uDC00\""s, "\"\\uDFFF\""s, "\"\\uD800\\n\""s,
        "\"\\uD800\\u0041\""s, "\"\\uD800\\uD800\""s, "\"\\uDC00\\uD800\""s, "\"a\\\\\\uDC00\""s,
        "{\"\\uDC00\":1}"s, "\"\xed\xa0\x80\""s, "\"\xed\xbf\xbf\""s}) {
    CAPTURE(text);
    CHECK(code_of(text) == ErrorCode::malformed);
    CHECK(find_fault(text, 64));
  }
}

TEST_CASE("invalid UTF-8 is refused wherever it stands") {
  for (const std::string& bytes :
       {"\x80"s, "\xbf"s, "\xc0\x80"s, "\xc1\xbf"s, "\xc3"s, "\xc3("s, "\xe0\x80\x80"s,
        "\xe0\x9f\xbf"s, "\xe2\x82"s, "\xf0\x80\x80\x80"s, "\xf0\x8f\xbf\xbf"s, "\xf4\x90\x80\x80"s,
        "\xf5\x80\x80\x80"s, "\xf0\x9f\x98"s, "\xff"s, "\xfe"s}) {
    for (const std::string& text :
         {"\"" + bytes + "\"", "{\"" + bytes + "\":1}",
          "[\"0123456789012345678901234567890123456789" + bytes + "\"]"}) {
      CAPTURE(text);
      CHECK(message_of(text).ends_with("invalid UTF-8"));
    }
  }
}

TEST_CASE("a fault is named by its byte") {
  const std::pair<std::string, std::string> faults[] = {
      {"{\"a\":1,\"a\":2}", "byte 7: a second member named \"a\""},
      {"[1,2", "byte 4: the text ends too early"},
      {"[1,x]", "byte 3: expected a value"},
      {"{\"a\" 1}", "byte 5: expected : after a member's name"},
      {"[1] 2", "byte 4: text after the end of the document"},
      {"\"abc", "byte 0: a string without an end"},
      {"[\"a\\qb\"]", "byte 3: not an escape"},
      {"[\"a\\uD800\"]", "byte 3: a lone surrogate"},
      {"[012]", "byte 1: not a number"},
      {"\"a\tb\"", "byte 2: a control character in a string"},
  };
  for (const auto& [text, message] : faults)
    CHECK(message_of(text) == message);
}

TEST_CASE("a member's name may stand once only, in small and in large objects") {
  for (int size : {2, 15, 16, 17, 18, 100}) {
    std::string text = "{";
    for (int index = 0; index < size; ++index)
      text += "\"member" + std::to_string(index) + "\":0,";
    CAPTURE(size);
    Result<Value> good = read(text + "\"x\":1}");
    REQUIRE(good);
    CHECK(good->object().size() == static_cast<std::size_t>(size) + 1);
    for (int twice : {0, size / 2, size - 1})
      CHECK(code_of(text + "\"member" + std::to_string(twice) + "\":1}") == ErrorCode::malformed);
  }
  CHECK(message_of("{\"a\":1,\"\\u0061\":2}") == "byte 7: a second member named \"a\"");
  CHECK(read("{\"a\":{\"a\":{\"a\":1}}}"));
}

TEST_CASE("the bounds on bytes and depth are exact") {
  CHECK(read(nested(64)));
  CHECK(code_of(nested(65)) == ErrorCode::malformed);
  CHECK(read("1", {.max_depth = 0}));
  CHECK(code_of("[]", {.max_depth = 0}) == ErrorCode::malformed);
  CHECK(code_of("{\"a\":[[]]}", {.max_depth = 2}) == ErrorCode::malformed);
  CHECK(read(nested(512), {.max_depth = 100'000}));
  CHECK(code_of(nested(513), {.max_depth = 100'000}) == ErrorCode::malformed);
  CHECK(code_of(std::string(1'000'000, '['), {.max_depth = 100'000}) == ErrorCode::malformed);
  CHECK(read("[1]", {.max_bytes = 3}));
  CHECK(code_of("[1]", {.max_bytes = 2}) == ErrorCode::too_large);
}

TEST_CASE("the number of values is bounded, since two bytes of text can take a hundred of memory") {
  CHECK(read("[1,{\"a\":2}]", {.max_values = 4}));
  CHECK(message_of("[1,{\"a\":2}]", {.max_values = 3}) == "byte 8: too many values");
  CHECK(code_of("[1,{\"a\":2}]", {.max_values = 0}) == ErrorCode::too_large);
  std::string text = "[";
  for (int count = 0; count < 1'100'000; ++count)
    text += "[],";
  text.back() = ']';
  CHECK(code_of(text) == ErrorCode::too_large);
}

TEST_CASE("a text cut short anywhere is refused") {
  const std::string text =
      R"({"a":[1.5,true,null,"x\n\u00e9\ud83d\ude00é"],"b":{"c":-12e3,"d":[[],{}]}})";
  REQUIRE(read(text));
  for (std::size_t length = 0; length < text.size(); ++length) {
    CAPTURE(length);
    CHECK(code_of(text.substr(0, length)) == ErrorCode::malformed);
  }
}

TEST_CASE("strings are decoded") {
  CHECK(read(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\uD83D\uDE00")")->string() ==
        "\"\\/\b\f\n\r\tAé€😀");
  CHECK(read("\"\\u0000\"")->string() == "\0"s);
  CHECK(read("\"é€😀\"")->string() == "é€😀");
  CHECK(read("{\"\\u0061\\n\":1}")->find("a\n") != nullptr);
}

TEST_CASE("a large document reads, and the next small one too") {
  std::string text = "[\"" + std::string(3'000'000, 'a') + "\"";
  for (int index = 0; index < 50'000; ++index)
    text += ",{\"id\":" + std::to_string(index) + "}";
  text += "]";
  Result<Value> large = read(text);
  REQUIRE(large);
  CHECK(large->array().size() == 50'001);
  CHECK(to_text(*large) == text);
  CHECK(read("{\"a\":1}"));
}

TEST_CASE("what is written reads back as it was") {
  CHECK(rc::check("write then read", [](const std::vector<std::uint8_t>& bytes) {
    const Value value = ValueMaker(bytes).value();
    const std::string text = to_text(value);
    Result<Value> back = read(text);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == value);
    RC_ASSERT(to_text(*back) == text);
    Result<Value> pretty = read(to_pretty_text(value));
    RC_ASSERT(pretty.has_value());
    RC_ASSERT(to_text(*pretty) == text);
  }));
}

TEST_CASE("a byte order mark before the text is passed over, once") {
  CHECK(read("\xEF\xBB\xBF{\"a\":1}").value() == Value(Object{{"a", 1}}));
  CHECK(code_of("\xEF\xBB\xBF\xEF\xBB\xBF"
                "1") == ErrorCode::malformed);
  CHECK(code_of("\xEF\xBB\xBF") == ErrorCode::malformed);
  CHECK(code_of("[\xEF\xBB\xBF"
                "1]") == ErrorCode::malformed);
}

TEST_CASE("reader and scanner agree on damaged texts") {
  CHECK(rc::check("damage a text", [](const std::vector<std::uint8_t>& bytes, std::size_t place,
                                      std::uint8_t change) {
    std::string text = to_text(ValueMaker(bytes).value());
    constexpr std::string_view harmful = "[]{}:,\"\\ 0e-.\x80\xff\n\ta";
    const std::size_t at = place % (text.size() + 1);
    if (change % 2 == 0)
      text.insert(at, 1, harmful[change / 2 % harmful.size()]);
    else
      text.erase(at, 1);
    Result<Value> result = read(text);
    const bool duplicate =
        !result && result.error().message.find("second member") != std::string::npos;
    RC_ASSERT((result || duplicate) == !find_fault(text, 64).has_value());
  }));
}
