#include "testing/json_values.h"

#include <diffo/json.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo::json;

namespace {

Value merged(const std::string& target, const std::string& patch) {
  Value value = *read(target);
  merge_patch(value, *read(patch));
  return value;
}

/// RFC 7396 §2 word by word, as slow as it is plain.
Value by_the_book(Value target, const Value& patch) {
  if (!patch.is_object())
    return patch;
  if (!target.is_object())
    target = Value(Object{});
  for (const Member& member : patch.object()) {
    if (member.value.is_null()) {
      target.object().erase(member.name);
    } else {
      const Value* present = target.object().find(member.name);
      target.object().set(member.name,
                          by_the_book(present == nullptr ? Value() : *present, member.value));
    }
  }
  return target;
}

} // namespace

TEST_CASE("the table of RFC 7396 appendix A holds") {
  const char* const table[][3] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", R"(null)", R"(null)"},
      {R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& row : table) {
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    CHECK(to_text(merged(row[0], row[1])) == row[2]);
  }
}

TEST_CASE("a merge is what RFC 7396 says, for small and large objects") {
  CHECK(rc::check("merge", [](const std::vector<std::uint8_t>& target_bytes,
                              const std::vector<std::uint8_t>& patch_bytes) {
    const Value target = ValueMaker(target_bytes).object(3);
    const Value patch = ValueMaker(patch_bytes).object(3);
    Value small = target;
    merge_patch(small, patch);
    RC_ASSERT(to_text(small) == to_text(by_the_book(target, patch)));

    Value large_target = target;
    Value large_patch = patch;
    for (int index = 0; index < 20; ++index) {
      large_target.object().append("x" + std::to_string(index), index);
      large_patch.object().append("x" + std::to_string(index * 2),
                                  index % 2 == 0 ? Value() : Value(index));
    }
    const Value expected = by_the_book(large_target, large_patch);
    merge_patch(large_target, large_patch);
    RC_ASSERT(to_text(large_target) == to_text(expected));
  }));
}

TEST_CASE("merging large objects takes linear time") {
  Object target;
  Object patch;
  for (int index = 0; index < 100'000; ++index) {
    target.append("m" + std::to_string(index), index);
    patch.append("m" + std::to_string(199'998 - index), index % 2 == 0 ? Value() : Value(index));
  }
  Value value(target);
  merge_patch(value, Value(patch)); // in square time this would take minutes
  CHECK(value.object().size() == 149'999);
}
