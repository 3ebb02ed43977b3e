#include "testing/json_values.h"
#include "json/patch_share.h"

#include <diffo/json.h>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace diffo;

namespace {

/// The document after the operations; or why there is none.
std::string patched(std::string_view document, std::string_view operations) {
  json::Value value = json::read(document).value();
  const std::string before = json::to_text(value);
  const auto done = json::apply_patch_query(value, json::read(operations).value());
  if (done)
    return json::to_text(value);
  CHECK(json::to_text(value) == before);
  return done.error().path + ": " + done.error().message;
}

bool is_refused(std::string_view document, std::string_view operations, std::string_view why) {
  const std::string text = patched(document, operations);
  INFO(text);
  return text.find(why) != std::string::npos;
}

struct Example {
  std::string_view document;
  std::string_view operations;
  std::string_view after;
};

} // namespace

TEST_CASE("operations go where a JSONPath leads, with or without $") {
  const Example examples[] = {
      {R"({"n":[{"a":"x"},{"a":"y"}]})",
       R"([{"op":"replace","path":"n[?(@.a=='y')].a","value":"z"}])",
       R"({"n":[{"a":"x"},{"a":"z"}]})"},
      {R"({"n":[{"a":"x"},{"a":"y"}]})",
       R"([{"op":"add","path":"$.n[?(@.a=='y')]","value":{"t":1}}])",
       R"({"n":[{"a":"x"},{"a":"y","t":1}]})"},
      {R"({"n":[{"a":"x"},{"a":"y"}]})", R"([{"op":"add","path":"n[*].t","value":1}])",
       R"({"n":[{"a":"x","t":1},{"a":"y","t":1}]})"},
      {R"({"n":[1,2,3,2]})", R"([{"op":"remove","path":"n[?(@==2)]"}])", R"({"n":[1,3]})"},
      {R"({"n":{"x":1,"y":2,"z":3}})", R"([{"op":"remove","path":"n[x,z]"}])", R"({"n":{"y":2}})"},
      {R"({"n":[1]})", R"([{"op":"add","path":"n","value":2}])", R"({"n":[1,2]})"},
      {R"({"n":[1]})", R"([{"op":"add","path":"n","value":[2,3]}])", R"({"n":[1,2,3]})"},
      {R"({"a":{"b":1}})", R"([{"op":"add","path":"a","value":"t"}])", R"({"a":"t"})"},
      {R"({})", R"([{"op":"add","path":"$.`@href","value":"/x"}])", R"({"@href":"/x"})"},
      {R"([{"i":1,"r":"A"},{"i":2}])",
       R"([{"op":"copy","from":"$.[?(@.i==1)].r","path":"$.[?(@.i==2)].r"}])",
       R"([{"i":1,"r":"A"},{"i":2,"r":"A"}])"},
      {R"({"u":[{"r":"A"},{"r":"B"}],"l":[]})",
       R"([{"op":"move","from":"u[?(@.r=='A')]","path":"l"}])",
       R"({"u":[{"r":"B"}],"l":[{"r":"A"}]})"},
      {R"([{"n":[{"s":"off"}]},{"n":[{"s":"on"}]}])",
       R"([{"op":"remove","path":"$[?(@.n[?(@.s=='off')])]"}])", R"([{"n":[{"s":"on"}]}])"},
      {R"({"a":{"a":{"a":1}}})", R"([{"op":"remove","path":"..a"}])", "{}"},
      {R"({"s":"on"})", R"([{"op":"replace","path":"s","value":"off"}])", R"({"s":"off"})"},
      {R"({"a":{"b":1,"c":[2]}})",
       R"([{"op":"test","path":"a","value":{"c":[2.0],"b":1}},{"op":"remove","path":"a.c"}])",
       R"({"a":{"b":1}})"},
  };
  for (const Example& one : examples)
    CHECK(patched(one.document, one.operations) == one.after);
}

TEST_CASE("operations go where a path with conditions leads") {
  const Example examples[] = {
      {R"({"n":[{"a":"x y"},{"a":"z"}]})", R"([{"op":"add","path":"/n/t?n.a=x y","value":"new"}])",
       R"({"n":[{"a":"x y","t":"new"},{"a":"z"}]})"},
      {R"({"n":[{"a":"x y"},{"a":"z"}]})", R"([{"op":"remove","path":"/n?n.a=x%20y"}])",
       R"({"n":[{"a":"z"}]})"},
      {R"({"n":[{"a":"x","p":{"q":1}},{"a":"z","p":{"q":2}}]})",
       R"([{"op":"replace","path":"/n/p/q?n.a=z","value":7}])",
       R"({"n":[{"a":"x","p":{"q":1}},{"a":"z","p":{"q":7}}]})"},
      {R"({"c":[{"name":"r","value":["a","b"]}]})",
       R"([{"op":"remove","path":"/c/value?c.name=r&c.value=b"}])",
       R"({"c":[{"name":"r","value":["a"]}]})"},
      {R"({"c":[{"name":"r","value":["a"]},{"name":"s","value":["a"]}]})",
       R"([{"op":"add","path":"/c/value?c.name=r","value":"b"}])",
       R"({"c":[{"name":"r","value":["a","b"]},{"name":"s","value":["a"]}]})"},
      {R"({"i":[{"s":{"id":"1"}},{"s":{"id":"2"}}]})",
       R"([{"op":"add","path":"/i/s/r?i.s.id=2","value":[{"t":1}]},
           {"op":"add","path":"/i/s/r?i.s.id=2","value":{"t":2}}])",
       R"({"i":[{"s":{"id":"1"}},{"s":{"id":"2","r":[{"t":1},{"t":2}]}}]})"},
      {R"({"n":[{"a":1},{"a":2}]})", R"([{"op":"replace","path":"/n/1/a","value":3}])",
       R"({"n":[{"a":1},{"a":3}]})"},
      {R"({"n":[1]})", R"([{"op":"add","path":"/n/-","value":2}])", R"({"n":[1,2]})"},
      {R"({"s":"on"})", R"([{"op":"replace","path":"/s","value":"off"}])", R"({"s":"off"})"},
  };
  for (const Example& one : examples)
    CHECK(patched(one.document, one.operations) == one.after);
}

TEST_CASE("what leads nowhere, or to several where one is meant, changes nothing") {
  constexpr std::string_view document = R"({"n":[{"a":"x","v":1},{"a":"x","v":2}],"o":{}})";
  CHECK(is_refused(document,
                   R"([{"op":"remove","path":"o"},{"op":"remove","path":"n[?(@.a=='y')]"}])",
                   "/1: nothing is found at n[?(@.a=='y')]"));
  CHECK(is_refused(document, R"([{"op":"replace","path":"p","value":1}])", "nothing is found"));
  CHECK(is_refused(document, R"([{"op":"add","path":"p.q","value":1}])", "nothing is found"));
  CHECK(is_refused(document, R"([{"op":"add","path":"/o/r/s","value":1}])", "nothing is found"));
  CHECK(is_refused(document, R"([{"op":"add","path":"/o/r?o.r.id=1","value":1}])",
                   "nothing is found"));
  CHECK(is_refused(document, R"([{"op":"add","path":"o.r[?(@.id==1)]","value":1}])",
                   "nothing is found"));
  CHECK(
      is_refused(document, R"([{"op":"copy","from":"n[?(@.a=='x')].v","path":"w"}])", "2 places"));
  CHECK(is_refused(document, R"([{"op":"move","from":"n[*]","path":"o.w"}])", "2 places"));
  CHECK(is_refused(document, R"([{"op":"move","from":"o","path":"o.w"}])", "nothing is found"));
  CHECK(is_refused(document, R"([{"op":"test","path":"n[*].v","value":1}])", "is another"));
  CHECK(is_refused(document, R"([{"op":"remove","path":"$"}])", "the document itself"));
}

TEST_CASE("a patch by query is bounded") {
  CHECK(is_refused("{}", R"({"op":"remove","path":"a"})", "array of operations"));
  CHECK(is_refused("{}", R"([{"op":"remove"}])", "needs a text path"));
  CHECK(is_refused("{}", R"([{"op":"paint","path":"a"}])", "no such op"));
  CHECK(is_refused("{}", R"([{"op":"add","path":"a"}])", "needs a value"));
  CHECK(is_refused("{}", R"([{"op":"add","path":"a[","value":1}])", "at byte 3"));
  std::string doubling = R"([{"op":"add","path":"a","value":[1,2,3,4,5,6,7,8]})";
  for (int count = 0; count < 40; ++count)
    doubling += R"(,{"op":"copy","from":"a","path":"a"})";
  CHECK(is_refused("{}", doubling + "]", "copies too much"));
  std::string deepening = R"([{"op":"add","path":"a","value":{"b":{}}})";
  for (int count = 0; count < 40; ++count)
    deepening += R"(,{"op":"copy","from":"a","path":"a..b.c"})";
  CHECK(is_refused("{}", deepening + "]", "too"));
}

TEST_CASE("patches by query of several documents share their paths, and what they look at") {
  const json::Value operations =
      json::read(R"([{"op":"replace","path":"$..a","value":2}])").value();
  json::PatchShare share(100);
  json::Value first = json::read(R"({"a":1})").value();
  REQUIRE(json::apply_patch_query(first, operations, {}, share));
  CHECK(json::to_text(first) == R"({"a":2})");
  CHECK(share.path("$..a").value() == share.path("$..a").value());
  CHECK_FALSE(share.path("$["));
  std::size_t done = 0;
  Result<void> last;
  for (; last && done < 100; ++done)
    last = json::apply_patch_query(first, operations, {}, share);
  REQUIRE_FALSE(last);
  CHECK(last.error().code == ErrorCode::too_large);
  CHECK(done > 1);
}
