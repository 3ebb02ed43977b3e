#include "mapping/mapping.h"

#include <doctest/doctest.h>

#include <array>

using namespace diffo;
using namespace diffo::mapping;

namespace {

json::Value value_of(std::string_view text) {
  return json::read(text).value();
}

struct Mapped {
  json::Array items;
  std::vector<std::string> problems;
};

Mapped mapped(std::string_view mapping, std::string_view document, const json::Object& given = {}) {
  const auto made = Mapping::of(value_of(mapping));
  REQUIRE_MESSAGE(made, made.error().text());
  const std::array<Document, 1> documents{{{"input", value_of(document)}}};
  Run run(*made, documents, made->values_of(given).value());
  Mapped result;
  while (auto item = run.next().value())
    result.items.push_back(std::move(*item));
  for (const Problem& one : run.problems())
    result.problems.push_back(one.rule + " " + one.path + ": " + one.message);
  CHECK(run.progress() == 1);
  return result;
}

std::string refused(std::string_view mapping) {
  const auto made = Mapping::of(value_of(mapping));
  return made ? "" : made.error().text();
}

} // namespace

TEST_CASE("a rule makes an item of each value that its paths find") {
  const Mapped one = mapped(
      R"({"from": "$.interfaces[*]", "match": {"name": "{{ $.device }}:{{ key }}", "kind": "interface"},
      "set": {"description": "{{ @.text }}", "resourceCharacteristic": [{"name": "mtu", "value": "{{ @.mtu }}"}]},
      "create": true})",
      R"({"device": "d", "interfaces": {"e0": {"mtu": 1500, "text": "up"}, "e1": {"text": null}}})");
  CHECK(one.items[0] == value_of(R"({"match": {"name": "d:e0", "kind": "interface"},
      "set": {"description": "up", "resourceCharacteristic": [{"name": "mtu", "value": 1500}]}, "create": true})"));
  CHECK(one.items[1] ==
        value_of(R"({"match": {"name": "d:e1", "kind": "interface"}, "create": true})"));
  CHECK(one.problems.empty());
}

TEST_CASE("in lists half an object is none, elsewhere only what is absent is left out") {
  const Mapped one = mapped(R"({"from": "$[*]", "match": {"id": "{{ @.id }}"}, "set": {
      "place": {"id": "{{ @.site }}", "role": "site"},
      "gone": {"id": "{{ @.nothing }}"},
      "deep": [{"type": "x", "resource": {"id": "{{ @.nothing }}", "kind": "k"}}, {"type": "y", "resource": {"id": "{{ @.id }}"}}],
      "plain": ["{{ @.nothing }}", "a"], "never": [{"a": "{{ @.nothing }}"}], "empty": [], "nested": [{"l": [{"a": "{{ @.nothing }}"}]}]}})",
                            R"([{"id": "i"}])");
  REQUIRE(one.items.size() == 1);
  CHECK(one.items[0] == value_of(R"({"match": {"id": "i"}, "set": {"place": {"role": "site"},
      "deep": [{"type": "y", "resource": {"id": "i"}}], "plain": ["a"], "empty": []}})"));
}

TEST_CASE("each and when make items of lists") {
  const Mapped one = mapped(
      R"({"from": "$", "match": {"id": "x"}, "set": {"r": [
      {"each": "@.ends[?@.device]", "when": "@.id > 1", "item": {"to": "p-{{ @.id }}", "at": "{{ key }}"}},
      {"when": "@.lag != null", "item": {"to": "lag"}}, {"when": "@.ends", "item": "yes"}]}})",
      R"({"ends": [{"id": 1, "device": 1}, {"id": 2, "device": 1}, {"id": 3}], "lag": null})");
  CHECK(one.items[0].find("set")->find("r")->array() ==
        value_of(R"([{"to": "p-2", "at": 1}, "yes"])").array());
}

TEST_CASE("absent names what is not there") {
  const Mapped one = mapped(R"({"from": "$[*]", "match": {"id": "{{ key }}"}, "absent": [
      {"when": "@.mtu == null", "address": "c[mtu]"}, "c[{{ @.old }}]"]})",
                            R"({"a": {"mtu": null}, "b": {"mtu": 1, "old": "x"}, "c": {}})");
  CHECK(one.items[0] == value_of(R"({"match": {"id": "a"}, "absent": ["c[mtu]"]})"));
  CHECK(one.items[1] == value_of(R"({"match": {"id": "b"}, "absent": ["c[x]"]})"));
  CHECK(one.items[2] == value_of(R"({"match": {"id": "c"}})"));
}

TEST_CASE("what cannot be mapped is told by rule and place, and the rest goes on") {
  const Mapped one =
      mapped(R"([{"name": "ports", "from": ["$.p[*]"], "match": {"name": "{{ @.n }}"},
      "set": {"a": {"speed": "{{ @.s | number }}"}}}])",
             R"({"p": [{"s": 1}, {"n": "x", "s": "fast"}, {"n": "y", "s": "7"}]})");
  CHECK(one.items.size() == 1);
  REQUIRE(one.problems.size() == 2);
  CHECK(one.problems[0] == "ports $['p'][0]: /0/match/name: there is nothing to match it by");
  CHECK(one.problems[1] == "ports $['p'][1]: /0/set/a/speed: \"fast\" is no number");
}

TEST_CASE("parameters have values or defaults, and are known") {
  constexpr std::string_view text =
      R"({"name": "m", "parameters": {"device": {"about": "whose"}, "create": {"default": "false"}},
      "tables": {"t": {"1": "one"}}, "rules": [{"from": "$", "when": "@.on == true", "match": {"name": "{{ params.device }}"},
      "set": {"v": "{{ @.v | lookup(t) }}"}, "create": "{{ params.create }}"}]})";
  const Mapped one = mapped(text, R"({"on": true, "v": 1})", {{"device", "d"}, {"create", "true"}});
  CHECK(one.items.at(0) ==
        value_of(R"({"match": {"name": "d"}, "set": {"v": "one"}, "create": true})"));
  CHECK(mapped(text, R"({"on": false})", {{"device", "d"}}).items.empty());
  CHECK(mapped(text, R"({"on": true})", {{"device", "d"}}).items.at(0) ==
        value_of(R"({"match": {"name": "d"}})"));
  const Mapping made = Mapping::of(value_of(text)).value();
  CHECK(made.values_of({}).error().message == "mapping m needs parameter device (whose)");
  CHECK(made.values_of({{"device", 1}, {"x", 1}}).error().message ==
        "mapping m has no parameter x");
  CHECK(mapped(text, R"({"on": true})", {{"device", "d"}, {"create", "maybe"}}).problems.size() ==
        1);
}

TEST_CASE("what is no mapping is refused with the place") {
  CHECK(refused("5") == "a mapping is a rule, a list of rules, or an object with rules");
  CHECK(refused("{}").find("match") != std::string::npos);
  CHECK(refused("[]") == "a mapping has 1 to 1000 rules");
  CHECK(refused(R"([{"from": "$", "match": {}, "sett": {}}])") == "/0/sett: a rule has no sett");
  CHECK(refused(R"([{"match": {}}])") ==
        "/0/from: a rule needs a path, or a list of paths, in from");
  CHECK(refused(R"([{"from": "$", "match": {"id": "{{ params.x }}"}}])") ==
        "/0/match/id: no parameter is called x");
  CHECK(refused(R"([{"from": "$", "match": {"id": "{{ @ | lookup(x) }}"}}])") ==
        "/0/match/id: no table is called x");
  CHECK(refused(R"([{"from": "$", "match": {}, "set": {"a": [{"each": "x", "item": 1}]}}])")
            .find("/0/set/a/0/each") != std::string::npos);
  CHECK(refused(R"([{"from": "$", "match": {}, "absent": [{"when": "@"}]}])").find("/0/absent/0") !=
        std::string::npos);
  CHECK(refused(R"([{"from": "x", "match": {}}, {"from": "y", "match": {}}])").find("/1/from") !=
        std::string::npos);
}

TEST_CASE("a mapping that looks at too much ends") {
  std::string items = "[0";
  for (int count = 0; count < 3000; ++count)
    items += ",0";
  const Mapping made =
      Mapping::of(value_of(R"({"from": "$[*]", "match": {"id": "{{ $[*] | first }}"}})")).value();
  const std::array<Document, 1> documents{{{"input", value_of(items + "]")}}};
  Run run(made, documents, {}, {.max_steps = 100'000});
  Result<std::optional<json::Value>> item = run.next();
  while (item && *item)
    item = run.next();
  CHECK(item.error().code == ErrorCode::too_large);
}
