#include "testing/json_values.h"

#include <diffo/json.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;
using namespace diffo::json;

namespace {

/// The document after the patch as text, or the error's text.
std::string patched(const std::string& document, const std::string& patch) {
  Value value = *read(document);
  Result<void> result = apply_patch(value, *read(patch));
  if (!result) {
    CHECK(to_text(value) == document);
    return "error " + result.error().text();
  }
  return to_text(value);
}

ErrorCode refusal(const std::string& document, const std::string& patch,
                  const PatchLimits& limits = {}) {
  Value value = *read(document);
  Result<void> result = apply_patch(value, *read(patch), limits);
  REQUIRE_FALSE(result);
  CHECK(to_text(value) == document);
  return result.error().code;
}

} // namespace

TEST_CASE("the examples of RFC 6902 appendix A hold") {
  const char* const examples[][3] = {
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])",
       R"({"foo":"bar","baz":"qux"})"},
      {R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])",
       R"({"foo":["bar","qux","baz"]})"},
      {R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])", R"({"foo":"bar"})"},
      {R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])",
       R"({"foo":["bar","baz"]})"},
      {R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])",
       R"({"baz":"boo","foo":"bar"})"},
      {R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
       R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
       R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"},
      {R"({"foo":["all","grass","cows","eat"]})",
       R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])",
       R"({"foo":["all","cows","eat","grass"]})"},
      {R"({"baz":"qux","foo":["a",2,"c"]})",
       R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}])",
       R"({"baz":"qux","foo":["a",2,"c"]})"},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])",
       R"({"foo":"bar","child":{"grandchild":{}}})"},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])",
       R"({"foo":"bar","baz":"qux"})"},
      {R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])", R"({"/":9,"~1":10})"},
      {R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])",
       R"({"foo":["bar",["abc","def"]]})"},
  };
  for (const auto& example : examples) {
    CAPTURE(example[1]);
    CHECK(patched(example[0], example[1]) == example[2]);
  }
}

TEST_CASE("what RFC 6902 refuses is refused, and nothing has changed") {
  const char* const refused[][2] = {
      {R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"bar"}])"},    // A.9
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz/bat","value":"qux"}])"}, // A.12
      {R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":"10"}])"},   // A.15
      {R"({"a":1})", R"([{"op":"remove","path":"/b"}])"},
      {R"({"a":1})", R"([{"op":"replace","path":"/b","value":1}])"},
      {R"({"a":1})", R"([{"op":"move","from":"/b","path":"/c"}])"},
      {R"({"a":1})", R"([{"op":"copy","from":"/b","path":"/c"}])"},
      {R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b/c"}])"},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/2","value":1}])"},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/01","value":1}])"},
      {R"({"a":[1]})", R"([{"op":"replace","path":"/a/-","value":1}])"},
      {R"({"a":[1]})", R"([{"op":"remove","path":"/a/-"}])"},
      {R"({"a":1})", R"([{"op":"add","path":"/a/b","value":1}])"},
      {R"({"a":1})",
       R"([{"op":"add","path":"/b","value":2},{"op":"remove","path":"/a"},{"op":"test","path":"/b","value":3}])"},
  };
  for (const auto& example : refused) {
    CAPTURE(example[1]);
    CHECK(refusal(example[0], example[1]) == ErrorCode::unprocessable);
  }
}

TEST_CASE("what is no patch is malformed") {
  for (const char* patch :
       {"{}", "1", "[1]", "[{}]", R"([{"op":"add","value":1}])", R"([{"path":"/a"}])",
        R"([{"op":"add","path":"/a"}])", R"([{"op":"add","path":1,"value":1}])",
        R"([{"op":"replace","path":"/a"}])", R"([{"op":"test","path":"/a"}])",
        R"([{"op":"move","path":"/a"}])", R"([{"op":"copy","path":"/a","from":null}])",
        R"([{"op":"frob","path":"/a"}])", R"([{"op":"ADD","path":"/a","value":1}])",
        R"([{"op":"remove","path":"/~2"}])"}) {
    CAPTURE(patch);
    CHECK(refusal(R"({"a":1})", patch) == ErrorCode::malformed);
  }
}

TEST_CASE("an error names the operation") {
  CHECK(patched(R"({"a":1})",
                R"([{"op":"test","path":"/a","value":1},{"op":"remove","path":"/b"}])") ==
        "error /1: there is nothing at /b");
  CHECK(patched(R"({"a":1})", R"([{"op":"test","path":"/a","value":2}])") ==
        "error /0: the value at /a is another");
}

TEST_CASE("the whole document can be patched") {
  CHECK(patched("{}", R"([{"op":"add","path":"","value":[1]}])") == "[1]");
  CHECK(patched("{}", R"([{"op":"replace","path":"","value":1}])") == "1");
  CHECK(patched("{}", R"([{"op":"remove","path":""}])") == "null");
  CHECK(patched(R"({"a":[1]})", R"([{"op":"move","from":"/a","path":""}])") == "[1]");
  CHECK(patched(R"({"a":1})", R"([{"op":"copy","from":"","path":"/b"}])") ==
        R"({"a":1,"b":{"a":1}})");
  CHECK(patched(R"({"a":1})", R"([{"op":"move","from":"/a","path":"/a"}])") == R"({"a":1})");
  CHECK(patched(R"({"a":1})", "[]") == R"({"a":1})");
}

TEST_CASE("numbers are tested by value") {
  CHECK(patched(R"({"a":1.50})", R"([{"op":"test","path":"/a","value":15e-1}])") ==
        R"({"a":1.50})");
}

TEST_CASE("TM Forum's own examples work") {
  CHECK(patched(R"({"state":"active"})",
                R"([{"op":"replace","path":"state","value":"terminated"}])") ==
        R"({"state":"terminated"})");
  CHECK(patched(R"({"a":{"b":1}})", R"([{"op":"remove","path":"a/b"}])") == R"({"a":{}})");
  CHECK(patched(
            R"({"resourceRelationship":[1]})",
            R"([{"op":"add","path":"/resourceRelationship","value":{"relationshipType":"x"}}])") ==
        R"({"resourceRelationship":[1,{"relationshipType":"x"}]})");
  // Only an object is an item; an array still replaces.
  CHECK(patched(R"({"a":[1]})", R"([{"op":"add","path":"/a","value":[2]}])") == R"({"a":[2]})");
  CHECK(patched(R"({"a":[1],"b":{}})", R"([{"op":"copy","from":"/b","path":"/a"}])") ==
        R"({"a":{},"b":{}})");
}

TEST_CASE("copying cannot fill the memory") {
  std::string patch = "[";
  for (int index = 0; index < 60; ++index)
    patch += R"({"op":"copy","from":"/a","path":"/a/-"},)";
  patch.back() = ']';
  CHECK(refusal(R"({"a":["x"]})", patch) == ErrorCode::too_large);
  std::string texts = "[";
  for (int index = 0; index < 900; ++index)
    texts += R"({"op":"copy","from":"/a","path":"/b/-"},)";
  texts.back() = ']';
  CHECK(refusal(R"({"a":")" + std::string(1'000'000, 'x') + R"(","b":[]})", texts) ==
        ErrorCode::too_large);
  std::string small = texts;
  CHECK(patched(R"({"a":1,"b":[]})", small).size() > 1800);
}

TEST_CASE("operations and depth are bounded") {
  std::string patch = "[";
  for (int index = 0; index < 1001; ++index)
    patch += R"({"op":"add","path":"/a","value":1},)";
  patch.back() = ']';
  CHECK(refusal("{}", patch) == ErrorCode::too_large);
  CHECK(refusal(R"({"a":{"b":{}}})", R"([{"op":"add","path":"/a/b/c","value":[[]]}])",
                {.max_depth = 4}) == ErrorCode::too_large);
  CHECK(refusal(R"({"a":[]})", R"([{"op":"add","path":"/a","value":{}}])", {.max_depth = 2}) ==
        ErrorCode::too_large);
  std::string deepen = "[";
  for (int index = 0; index < 70; ++index)
    deepen += R"({"op":"move","from":"/a","path":"/t"},{"op":"add","path":"/a","value":{}},)"
              R"({"op":"move","from":"/t","path":"/a/t"},)";
  deepen.back() = ']';
  CHECK(refusal(R"({"a":{}})", deepen) == ErrorCode::too_large);
}

TEST_CASE("any patch leaves a readable document or the old one") {
  CHECK(rc::check("random operations", [](const std::vector<std::uint8_t>& bytes,
                                          const std::vector<std::uint8_t>& script) {
    const Value before = ValueMaker(bytes).object(3);
    ValueMaker maker(script);
    Array operations;
    constexpr const char* names[] = {"add", "remove", "replace", "move", "copy", "test"};
    for (int count = maker.next() % 6; count > 0; --count) {
      std::string path;
      append_token(path, maker.text());
      std::string from;
      append_token(from, maker.text());
      operations.push_back(Object{{"op", names[maker.next() % 6]},
                                  {"path", path},
                                  {"from", from},
                                  {"value", maker.value(2)}});
    }
    Value after = before;
    Result<void> result = apply_patch(after, operations);
    if (!result)
      RC_ASSERT(to_text(after) == to_text(before));
    RC_ASSERT(read(to_text(after)).has_value());
  }));
}
