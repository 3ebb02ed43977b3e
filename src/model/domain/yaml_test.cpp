#include "model/domain/yaml.h"

#include "testing/json_values.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;
using namespace diffo::model;

namespace {

std::string read_as_json(std::string_view text) {
  const auto read = yaml::read(text);
  std::string out;
  for (const yaml::Node& document : read.documents)
    out += json::to_text(yaml::value_of(document));
  for (const yaml::Problem& problem : read.problems)
    out += std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + " " +
           problem.message;
  return out;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t count = 0; count < times; ++count)
    out += text;
  return out;
}

} // namespace

TEST_CASE("YAML is read under the core schema") {
  struct Case {
    const char* yaml;
    const char* json;
  };
  const Case cases[] = {
      {"a: 1\nb: \"1\"\nc: !!str 1\nd: ~\ne:\nf: True", // every kind of scalar
       R"({"a":1,"b":"1","c":"1","d":null,"e":null,"f":true})"},
      {"[0x1F, 0o17, +7, 007, .5, 1., -2.50, 1e3, .inf, 1_000, 0x, 1e]",
       R"([31,15,7,7,0.5,1.0,-2.50,1e3,".inf","1_000","0x","1e"])"},
      {"yes: no", R"({"yes":"no"})"}, // texts, unlike in YAML 1.1
      {"a: &x {b: 1}\nc: *x", R"({"a":{"b":1},"c":{"b":1}})"},
      {"a: 1\n---\nb: 2", R"({"a":1}{"b":2})"},
      {"{\"a\": [1, {\"b\": \"\\u00e9\"}]}", "{\"a\":[1,{\"b\":\"\u00e9\"}]}"}, // JSON
      {"{\n\t\"a\":\t\"x\\/y \\ud83d\\ude00\"\n}", "{\"a\":\"x/y \U0001F600\"}"},
      {"\ufeff{\"a\": 1}\r\n", R"({"a":1})"},
      {"a: |\n  x\n  y\n", R"({"a":"x\ny\n"})"},
      {"", ""},
      {"# nothing\n", ""},
      {"a: 9223372036854775808", R"({"a":9223372036854775808})"},
      // What is refused, and where.
      {"a: 1\nb: 2\na: 3", R"({"a":1,"b":2}3:1 the key a is there twice)"},
      {"a: !x 1", "1:7 has the tag !x, which is not of the core schema"},
      {"a: !!map 1", "1:10 has the tag tag:yaml.org,2002:map, which is not of the core schema"},
      {"? [1]\n: 2", "1:3 a key must be a text"},
      {"a: *x", "1:5 there is no anchor x"},
      {"a: \x01", "1:1 has a control character"},
      {"a: \xff", "1:1 is not UTF-8"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.yaml);
    CHECK(read_as_json(one.yaml) == one.json);
  }
}

TEST_CASE("what is no YAML is said with its place") {
  for (const std::string_view text : {"a: [1, 2", "a: {b", "a: \"x", "\t- a\n b: c", "a: b: c"}) {
    const auto read = yaml::read(text);
    CAPTURE(text);
    REQUIRE(read.problems.size() == 1);
    CHECK(read.problems.front().message.starts_with("is not YAML: "));
    CHECK(read.problems.front().at.line >= 1);
  }
}

TEST_CASE("hostile YAML ends at a bound") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 12; ++level) {
    const std::string before = "*a" + std::to_string(level - 1) + ", ";
    const std::string name = "a" + std::to_string(level);
    bomb += name + ": &" + name + " [" + repeated(before, 10) + "1]\n";
  }
  const std::string long_text = "- &a " + std::string(500'000, 'x') + repeated("\n- *a", 100'000);
  struct Case {
    std::string what;
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {"aliases of aliases", bomb, "has more than 200000 values"},
      {"aliases of a long text", long_text, "bytes of text"},
      {"open lists", std::string(1'000'000, '['), "has more than 200000 values"},
      {"open lists within the bound", std::string(100'000, '['), "is nested deeper than 64"},
      {"nested lists", std::string(65, '[') + std::string(65, ']'), "is nested deeper than 64"},
      {"nested dashes", repeated("- ", 500'000), "is nested deeper than 64"},
      {"nested keys", repeated("? ", 500'000), "a key must be a text"},
      {"many values", repeated("- a\n", 200'001), "has more than 200000 values"},
      {"directives", repeated("%a b\n", 100'000), ""},
      {"a large file", std::string((1U << 20U) + 1, 'a'), "is larger than 1048576 bytes"},
      {"deep by an alias",
       "a: &a " + std::string(40, '[') + std::string(40, ']') + "\nb: " + std::string(40, '[') +
           "*a" + std::string(40, ']'),
       "is nested deeper than 64"},
  };
  for (const Case& one : cases) {
    const auto read = yaml::read(one.text);
    CAPTURE(one.what);
    REQUIRE(read.problems.size() <= 1);
    const std::string told = read.problems.empty() ? "" : read.problems.front().message;
    CAPTURE(told);
    CHECK(told.find(one.message) != std::string::npos);
  }
}

TEST_CASE("what is written as YAML reads back the same") {
  const auto value = json::read(
      R"({"a":{"b":[1,2.5,"x",null,true],"true":"false","n":"12","e":"","l":"two\nlines"},)"
      R"("c":[],"d":{},"e":[{"f":1},[2,[3]],"a: b","- x","#"],"spaced key":"trailing ",":":"é"})");
  REQUIRE(value);
  const auto read = yaml::read(yaml::to_text(*value));
  CAPTURE(yaml::to_text(*value));
  REQUIRE(read.documents.size() == 1);
  CHECK(json::to_text(yaml::value_of(read.documents.front())) == json::to_text(*value));
}

TEST_CASE("any JSON value is written as YAML that reads back the same") {
  CHECK(rc::check("as YAML and as JSON", [](const std::vector<std::uint8_t>& bytes) {
    const json::Value value = json::ValueMaker(bytes).value();
    for (const std::string& text : {yaml::to_text(value), json::to_text(value)}) {
      const auto read = yaml::read(text);
      RC_ASSERT(read.problems.empty());
      RC_ASSERT(read.documents.size() == 1U);
      RC_ASSERT(json::to_text(yaml::value_of(read.documents.front())) == json::to_text(value));
    }
  }));
}
