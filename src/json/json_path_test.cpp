#include "json/json_path.h"

#include "testing/json_values.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>

using namespace diffo;
using namespace diffo::json;

namespace {

/// All that a query finds, as one JSON array; or why there is no query.
std::string found(std::string_view query, std::string_view text) {
  const json::Value document = json::read(text).value();
  const auto path = JsonPath::parse(query);
  if (!path)
    return path.error().message;
  Budget budget(100'000);
  const auto nodes = path->select({&document, &document}, budget);
  if (!nodes)
    return nodes.error().message;
  json::Array values;
  for (std::size_t at = 0; at < nodes->size(); ++at)
    values.push_back((*nodes)[at]);
  return json::to_text(values);
}

bool is_refused(std::string_view query) {
  return !JsonPath::parse(query);
}

constexpr std::string_view rack = R"({
  "units": [{"name": "a", "speed": 10, "tags": []}, {"name": "b", "speed": 100, "tags": ["x", "y"]},
            {"name": "c", "parent": {"name": "a"}}],
  "off-line": true, "é": 1, "nil": null})";

} // namespace

TEST_CASE("selectors find what RFC 9535 says") {
  CHECK(found("$.units[*].name", rack) == R"(["a","b","c"])");
  CHECK(found("$['units'][0]['name']", rack) == R"(["a"])");
  CHECK(found("$ .units [ 1 ] .speed", rack) == "[100]");
  CHECK(found("$[\"off-line\"]", rack) == "[true]");
  CHECK(found("$.é", rack) == "[1]");
  CHECK(found("$.nil", rack) == "[null]");
  CHECK(found("$.nothing.at.all", rack) == "[]");
  CHECK(found("$.units[-1].name", rack) == R"(["c"])");
  CHECK(found("$.units[7]", rack) == "[]");
  CHECK(found("$.units[0, -1, 0].name", rack) == R"(["a","c","a"])");
  CHECK(found("$..name", rack) == R"(["a","b","c","a"])");
  CHECK(found("$.units..tags[*]", rack) == R"(["x","y"])");
  CHECK(found("$..['name', 'speed']", R"([{"speed":1,"name":2}])") == "[2,1]");
  CHECK(found("@.units[0].speed", rack) == "[10]");
  CHECK(found("$", "5") == "[5]");
  CHECK(found(R"($['\u00e9'])", rack) == "[1]");
  CHECK(found(R"($['\ud83d\ude00'])", "{\"\xF0\x9F\x98\x80\": 1}") == "[1]");
}

TEST_CASE("slices go as RFC 9535 §2.3.4 says") {
  constexpr std::string_view letters = R"(["a","b","c","d","e","f","g"])";
  CHECK(found("$[1:3]", letters) == R"(["b","c"])");
  CHECK(found("$[5:]", letters) == R"(["f","g"])");
  CHECK(found("$[1:5:2]", letters) == R"(["b","d"])");
  CHECK(found("$[5:1:-2]", letters) == R"(["f","d"])");
  CHECK(found("$[::-1]", letters) == R"(["g","f","e","d","c","b","a"])");
  CHECK(found("$[-2:]", letters) == R"(["f","g"])");
  CHECK(found("$[ : 2 : ]", letters) == R"(["a","b"])");
  CHECK(found("$[::0]", letters) == "[]");
  CHECK(found("$[-9007199254740991:9007199254740991:9007199254740991]", letters) == R"(["a"])");
  CHECK(found("$[0:2]", R"({"0": 1})") == "[]");
}

TEST_CASE("filters compare, ask for existence and call functions") {
  CHECK(found("$.units[?@.speed > 10].name", rack) == R"(["b"])");
  CHECK(found("$.units[?@.speed >= 10 && @.speed <= 10].name", rack) == R"(["a"])");
  CHECK(found("$.units[?@.speed].name", rack) == R"(["a","b"])");
  CHECK(found("$.units[?!@.speed].name", rack) == R"(["c"])");
  CHECK(found("$.units[?@.speed == 100 || @.parent].name", rack) == R"(["b","c"])");
  CHECK(found("$.units[?!(@.name == 'a')].name", rack) == R"(["b","c"])");
  CHECK(found("$.units[?@.name == $.units[1].name].speed", rack) == "[100]");
  CHECK(found("$.units[?@.parent.name == \"a\"].name", rack) == R"(["c"])");
  CHECK(found("$.units[?@.tags[?@ == 'y']].name", rack) == R"(["b"])");
  CHECK(found("$.units[?length(@.tags) == 2].name", rack) == R"(["b"])");
  CHECK(found("$.units[?count(@.*) < 3].name", rack) == R"(["c"])");
  CHECK(found("$.units[?value(@..name) == 'b'].name", rack) == R"(["b"])");
  CHECK(found("$[?match(@, 'ab.')]", R"(["abc", "abcd", "xabc", 1])") == R"(["abc"])");
  CHECK(found("$[?search(@, 'b.')]", R"(["abc", "abcd", "b"])") == R"(["abc","abcd"])");
  CHECK(found("$[?length(@) == 1]", R"(["é", "ab", [1], {}, 1])") == R"(["é",[1]])");
}

TEST_CASE("comparisons are those of RFC 9535 §2.3.5.2.2") {
  const auto holds = [](std::string_view filter) {
    return found("$[?" + std::string(filter) + "]",
                 R"([{"a": 1, "n": null, "l": [1], "t": "x"}])") != "[]";
  };
  CHECK(holds("@.nothing == $.nothing"));
  CHECK(holds("@.nothing != 1"));
  CHECK(!holds("@.nothing == null"));
  CHECK(holds("@.n == null"));
  CHECK(holds("@.n <= null"));
  CHECK(!holds("@.n < null"));
  CHECK(!holds("@.a < 'x'"));
  CHECK(holds("@.a == 1.0"));
  CHECK(holds("1e0 == @.a"));
  CHECK(holds("@.l == @['l']"));
  CHECK(!holds("@.l <= 1"));
  CHECK(holds("@.t >= 'x' && 'w' < @.t"));
  CHECK(holds("(@.a == 2 || @.a == 1) && true == true"));
}

TEST_CASE("what is no query is refused with the place") {
  for (const std::string_view query : {"",
                                       "units",
                                       " $",
                                       "$ ",
                                       "$.",
                                       "$..",
                                       "$.1a",
                                       "$[",
                                       "$[]",
                                       "$['a]",
                                       "$[01]",
                                       "$[-0]",
                                       "$[1.5]",
                                       "$[9007199254740992]",
                                       "$['\\x']",
                                       "$['\\ud800']",
                                       "$['\\udc00']",
                                       "$[\"\n\"]",
                                       "$[?]",
                                       "$[?1]",
                                       "$[?@.a == ]",
                                       "$[?@.* == 1]",
                                       "$[?!@.a == 1]",
                                       "$[?length(@.*) == 1]",
                                       "$[?count(1) == 1]",
                                       "$[?match(@, @.b)]",
                                       "$[?match(@, '(')]",
                                       "$[?match(@, 'a') == true]",
                                       "$[?length(@)]",
                                       "$[?nothing(@)]",
                                       "$[?(@.a]",
                                       "$.a b",
                                       "$[1 2]",
                                       "$.a\xff"})
    CHECK_MESSAGE(is_refused(query), query);
  CHECK(found("$.a[x]", "{}") ==
        "at byte 5 of the path $.a[x]: a name in quotes, a number, *, : or ? "
        "is expected, and there is x]");
}

TEST_CASE("queries and what they look at are bounded") {
  CHECK(is_refused("$." + std::string(4096, 'a')));
  std::string nested = "$";
  for (int depth = 0; depth < 200; ++depth)
    nested += "[?@";
  CHECK(is_refused(nested));
  CHECK(is_refused("$[?" + std::string(2000, '!') + "@]"));
  CHECK(is_refused("$[?" + std::string(2000, '(') + "@"));
  std::string items = "[0";
  for (int count = 0; count < 2000; ++count)
    items += ",0";
  CHECK(found("$..[?count($..[?count($..*) > 0]) > 0]", items + "]") ==
        "the paths look at more of the document than they may");
  std::string selectors = "$[*";
  for (int count = 0; count < 1000; ++count)
    selectors += ",*";
  CHECK(found(selectors + "]", items + "]") ==
        "the paths look at more of the document than they may");
}

TEST_CASE("a condition stands alone") {
  const json::Value value = json::read(R"({"mtu": null, "name": "x"})").value();
  const auto holds = [&value](std::string_view text) {
    Budget budget(1000);
    return PathCondition::parse(text).value().holds({&value, &value}, budget).value();
  };
  CHECK(holds("@.mtu == null"));
  CHECK(holds("@.name"));
  CHECK(!holds("@.nothing == null || !$.name"));
  CHECK(!PathCondition::parse("@.a =="));
  CHECK(!PathCondition::parse("@.a == 1 2"));
  CHECK(!PathCondition::parse(""));
}

TEST_CASE("the path that is said of a value leads to it alone") {
  CHECK(rc::check("normalized paths", [](const std::vector<std::uint8_t>& bytes) {
    json::ValueMaker maker(bytes);
    const json::Value document = maker.value(4);
    const Roots roots{&document, &document};
    Budget budget(1'000'000);
    const Nodes nodes = JsonPath::parse("$..*").value().select(roots, budget).value();
    for (std::size_t at = 0; at < nodes.size(); ++at) {
      const auto again = JsonPath::parse(nodes.path_to(at)).value().select(roots, budget).value();
      RC_ASSERT(again.size() == 1U);
      RC_ASSERT(&again[0] == &nodes[at]);
    }
  }));
}
