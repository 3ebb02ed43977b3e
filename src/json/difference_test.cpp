#include "testing/json_values.h"

#include <diffo/json.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace diffo;
using namespace diffo::json;

namespace {

std::string difference_of(const char* before, const char* after) {
  return to_text(difference(*read(before), *read(after)));
}

/// Whether the patch turns the one into the other.
bool leads_on(const Value& before, const Value& after) {
  Value patched = before;
  return apply_patch(patched, difference(before, after), {.max_depth = 512}) && patched == after;
}

Array numbers(int first, int count) {
  Array items;
  for (int number = first; number < first + count; ++number)
    items.emplace_back(number);
  return items;
}

std::size_t operations_between(const Value& before, const Value& after) {
  CHECK(leads_on(before, after));
  return difference(before, after).array().size();
}

/// A value of a few changes to another.
Value changed(const Value& before, ValueMaker& maker) {
  Value after = before;
  if (Object* members = after.if_object()) {
    for (Member& member : *members)
      if (maker.next() % 3 == 0)
        member.value = changed(member.value, maker);
    if (maker.next() % 4 == 0)
      members->set(maker.text(), maker.value(2));
    if (maker.next() % 4 == 0)
      members->erase(maker.text());
  } else if (Array* items = after.if_array()) {
    for (Value& item : *items)
      if (maker.next() % 3 == 0)
        item = changed(item, maker);
    if (maker.next() % 3 == 0)
      items->insert(items->begin() + maker.next() % static_cast<int>(items->size() + 1),
                    maker.value(2));
    if (!items->empty() && maker.next() % 3 == 0)
      items->erase(items->begin() + maker.next() % static_cast<int>(items->size()));
    if (maker.next() % 4 == 0)
      std::reverse(items->begin(), items->end());
  } else {
    after = maker.value(2);
  }
  return after;
}

} // namespace

TEST_CASE("members are removed, changed and added by name") {
  CHECK(difference_of(R"({"a":1,"b":{"c":2,"d":3},"e":4})", R"({"f":5,"b":{"d":3,"c":7},"a":1})") ==
        R"([{"op":"replace","path":"/b/c","value":7},{"op":"remove","path":"/e"},)"
        R"({"op":"add","path":"/f","value":5}])");
  CHECK(difference_of(R"({"a":1})", R"({"a":null})") ==
        R"([{"op":"replace","path":"/a","value":null}])");
  CHECK(difference_of(R"({"a":[1]})", R"({"a":{"b":1}})") ==
        R"([{"op":"replace","path":"/a","value":{"b":1}}])");
}

TEST_CASE("paths are pointers, whatever the names") {
  CHECK(difference_of(R"({"a/b":{"m~n":1,"":2}})", R"({"a/b":{"m~n":2,"":3}})") ==
        R"([{"op":"replace","path":"/a~1b/m~0n","value":2},)"
        R"({"op":"replace","path":"/a~1b/","value":3}])");
}

TEST_CASE("the whole can become another") {
  CHECK(difference_of("1", "[]") == R"([{"op":"replace","path":"","value":[]}])");
  CHECK(difference_of("null", "{}") == R"([{"op":"replace","path":"","value":{}}])");
}

TEST_CASE("equal documents differ in nothing") {
  CHECK(difference_of(R"({"a":1,"b":[1.0,{}]})", R"({"b":[1,{}],"a":1.0e0})") == "[]");
  CHECK(difference_of("[0,1e400]", "[-0,10e399]") == "[]");
}

TEST_CASE("an item that comes or goes leaves the others alone") {
  CHECK(difference_of("[1,2,3]", "[1,9,2,3]") == R"([{"op":"add","path":"/1","value":9}])");
  CHECK(difference_of("[1,2,3]", "[1,3]") == R"([{"op":"remove","path":"/1"}])");
  CHECK(difference_of("[1,2]", "[1,2,3,4]") ==
        R"([{"op":"add","path":"/2","value":3},{"op":"add","path":"/3","value":4}])");
  CHECK(difference_of("[1,1,1]", "[1,1]") == R"([{"op":"remove","path":"/2"}])");
  CHECK(difference_of("[1,2,3,4,5,6]", "[0,2,3,5,6,7]") ==
        R"([{"op":"replace","path":"/0","value":0},{"op":"remove","path":"/3"},)"
        R"({"op":"add","path":"/5","value":7}])");
}

TEST_CASE("an item changes in place when half of it stays, and is replaced else") {
  CHECK(difference_of(R"([{"name":"a","value":1},{"name":"b","value":1}])",
                      R"([{"name":"a","value":2},{"name":"b","value":1}])") ==
        R"([{"op":"replace","path":"/0/value","value":2}])");
  CHECK(difference_of(R"([{"name":"a","value":1,"unit":"s"}])",
                      R"([{"name":"b","value":2,"unit":"s"}])") ==
        R"([{"op":"replace","path":"/0","value":{"name":"b","value":2,"unit":"s"}}])");
}

TEST_CASE("an item that comes is no surprise in an array of any length") {
  Array before = numbers(0, 100'000);
  Array after = before;
  after.insert(after.begin() + 50'000, "new");
  after.emplace_back("last");
  after.erase(after.begin());
  // Far apart in a long array: by place.
  CHECK(leads_on(before, after));
  Array one = before;
  one.insert(one.begin() + 50'000, "new");
  CHECK(operations_between(before, one) == 1);
  CHECK(operations_between(one, before) == 1);
  const Array few = numbers(0, 500);
  Array other = few;
  other.erase(other.begin() + 10);
  other.insert(other.begin() + 400, "new");
  CHECK(operations_between(few, other) == 2);
}

TEST_CASE("more operations than a patch may have are one") {
  CHECK(operations_between(numbers(0, 1'000), numbers(5'000, 1'000)) == 1'000);
  CHECK(to_text(difference(numbers(0, 1'001), numbers(5'000, 1'001)))
            .starts_with(R"([{"op":"replace","path":"","value":[5000,)"));
  CHECK(operations_between(numbers(0, 1'001), numbers(5'000, 1'001)) == 1);
}

TEST_CASE("objects of very many members are compared") {
  Object before;
  Object after;
  for (int number = 0; number < 100'000; ++number) {
    before.append(std::to_string(number), number);
    after.append(std::to_string(100'000 - number), 100'000 - number);
  }
  const Value patch = difference(before, after);
  CHECK(to_text(patch) ==
        R"([{"op":"remove","path":"/0"},{"op":"add","path":"/100000","value":100000}])");
}

TEST_CASE("the difference of any two documents leads from one to the other") {
  CHECK(rc::check(
      "any two", [](const std::vector<std::uint8_t>& left, const std::vector<std::uint8_t>& right) {
        const Value before = ValueMaker(left).value(4);
        const Value after = ValueMaker(right).value(4);
        RC_ASSERT(leads_on(before, after));
        RC_ASSERT(difference(before, before).array().empty());
        RC_ASSERT((before == after) == difference(before, after).array().empty());
      }));
  CHECK(rc::check("two that have much in common", [](const std::vector<std::uint8_t>& bytes,
                                                     const std::vector<std::uint8_t>& script) {
    const Value before = ValueMaker(bytes).value(4);
    ValueMaker maker(script);
    const Value after = changed(before, maker);
    RC_ASSERT(leads_on(before, after));
    RC_ASSERT(leads_on(after, before));
  }));
  CHECK(rc::check("arrays of few letters",
                  [](const std::vector<bool>& left, const std::vector<bool>& right) {
                    Array before(left.begin(), left.end());
                    Array after(right.begin(), right.end());
                    RC_ASSERT(leads_on(before, after));
                  }));
}
