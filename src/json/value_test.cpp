#include "testing/json_values.h"

#include <diffo/json.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace diffo::json;

TEST_CASE("an object keeps order and replaces in place") {
  Object object{{"a", 1}, {"b", 2}};
  object.set("a", 3);
  object.set("c", 4);
  CHECK(to_text(object) == R"({"a":3,"b":2,"c":4})");
  CHECK(object.erase("b"));
  CHECK_FALSE(object.erase("b"));
  CHECK(object.contains("c"));
  CHECK(object.find("b") == nullptr);
  CHECK(object.size() == 2);
}

TEST_CASE("values answer for their kind only") {
  const Value value(Object{{"name", "x"}, {"count", 2}});
  CHECK(value.text_of("name") == "x");
  CHECK(value.text_of("count").empty());
  CHECK(value.text_of("none").empty());
  CHECK(value.find("count")->integer() == 2);
  CHECK(Value(1).find("name") == nullptr);
  CHECK(Value("text").if_array() == nullptr);
  CHECK(Value(true).if_boolean() != nullptr);
  CHECK(Value(1.5).if_real() != nullptr);
}

TEST_CASE("equality heeds kinds and array order, not member order") {
  CHECK(Value(Object{{"a", 1}, {"b", 2}}) == Value(Object{{"b", 2.0}, {"a", Number{"1e0"}}}));
  CHECK_FALSE(Value(Object{{"a", 1}}) == Value(Object{{"b", 1}}));
  CHECK_FALSE(Value(Object{{"a", 1}}) == Value(Object{{"a", 1}, {"b", 1}}));
  CHECK_FALSE(Value(Array{1, 2}) == Value(Array{2, 1}));
  CHECK_FALSE(Value("1") == Value(1));
  CHECK_FALSE(Value(nullptr) == Value(false));
  CHECK_FALSE(Value(Array{}) == Value(Object{}));
}

TEST_CASE("large objects are equal in any order") {
  Object left;
  Object right;
  for (int index = 0; index < 5000; ++index) {
    left.append("member" + std::to_string(index), index);
    right.append("member" + std::to_string(4999 - index), 4999 - index);
  }
  CHECK(Value(left) == Value(right));
  right.begin()->value = -1;
  CHECK_FALSE(Value(left) == Value(right));
}

TEST_CASE("a value equals its copy and its shuffled self") {
  CHECK(rc::check("copies", [](const std::vector<std::uint8_t>& bytes) {
    const Value value = ValueMaker(bytes).value();
    Value copy = value;
    RC_ASSERT(copy == value);
    if (Object* object = copy.if_object())
      std::reverse(object->begin(), object->end());
    RC_ASSERT(copy == value);
  }));
}
