#include "testing/json_values.h"

#include <diffo/json.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;
using namespace diffo::json;

namespace {

/// Checks that every value within names itself by its pointer.
bool all_reachable(const Value& document, const Value& at, const Pointer& pointer) {
  if (pointer.find_in(document) != &at)
    return false;
  Result<Pointer> parsed = Pointer::parse(pointer.text());
  if (!parsed || parsed->tokens() != pointer.tokens())
    return false;
  if (const Array* array = at.if_array()) {
    for (std::size_t index = 0; index < array->size(); ++index) {
      if (!all_reachable(document, (*array)[index], pointer.child(std::to_string(index))))
        return false;
    }
  } else if (const Object* object = at.if_object()) {
    for (const Member& member : *object) {
      if (!all_reachable(document, member.value, pointer.child(member.name)))
        return false;
    }
  }
  return true;
}

} // namespace

TEST_CASE("the examples of RFC 6901 §5 hold") {
  const Value document = *read(
      R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8})");
  const std::pair<const char*, const char*> examples[] = {{"/foo", R"(["bar","baz"])"},
                                                          {"/foo/0", R"("bar")"},
                                                          {"/", "0"},
                                                          {"/a~1b", "1"},
                                                          {"/c%d", "2"},
                                                          {"/e^f", "3"},
                                                          {"/g|h", "4"},
                                                          {"/i\\j", "5"},
                                                          {"/k\"l", "6"},
                                                          {"/ ", "7"},
                                                          {"/m~0n", "8"}};
  for (const auto& [pointer, expected] : examples) {
    CAPTURE(pointer);
    const Value* found = Pointer::parse(pointer)->find_in(document);
    REQUIRE(found != nullptr);
    CHECK(to_text(*found) == expected);
    CHECK(Pointer::parse(pointer)->text() == pointer);
  }
  CHECK(Pointer::parse("")->find_in(document) == &document);
}

TEST_CASE("a pointer to nothing finds nothing") {
  const Value document = *read(R"({"a":[1,2],"b":{"c":null}})");
  for (const char* pointer : {"/x", "/a/2", "/a/-", "/a/01", "/a/-1", "/a/+1", "/a/1e0", "/a/",
                              "/a/99999999999999999999", "/a/0/x", "/b/c/d", "/b/", "//"}) {
    CAPTURE(pointer);
    CHECK(Pointer::parse(pointer)->find_in(document) == nullptr);
  }
}

TEST_CASE("a malformed pointer is refused") {
  for (const char* pointer : {"a", "a/b", "/~", "/~2", "/a~", "/~01~"})
    CHECK(Pointer::parse(pointer).error().code == ErrorCode::malformed);
  CHECK(Pointer::parse("/~01")->tokens() == std::vector<std::string>{"~1"});
}

TEST_CASE("every value can be reached by its pointer") {
  CHECK(rc::check("pointers", [](const std::vector<std::uint8_t>& bytes) {
    const Value value = ValueMaker(bytes).value();
    RC_ASSERT(all_reachable(value, value, Pointer()));
  }));
}
