#include "mapping/template.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::mapping;

namespace {

/// What a text becomes; `absent`, or why it becomes nothing.
std::string filled(std::string_view text) {
  const json::Value document =
      json::read(
          R"({"name": "Ethernet1", "mtu": 9000, "on": true, "nil": null, "no": "", "list": ["a", 2],
                     "none": [], "pad": " 12 ", "map": {"x": 1, "y": 2}})")
          .value();
  const json::Object parameters{{"device", "leaf-1"}, {"unset", nullptr}};
  const json::Object tables{{"speeds", json::Object{{"9000", "jumbo"}}},
                            {"all", json::Object{{"*", "else"}}}};
  const auto parsed = Template::parse(text);
  if (!parsed)
    return parsed.error().message;
  Budget budget(10'000);
  const auto value =
      parsed->fill({{&document, &document}, json::Value("eth0"), &parameters, &tables}, budget);
  if (!value)
    return value.error().message;
  return *value ? json::to_text(**value) : "absent";
}

} // namespace

TEST_CASE("a text that is one hole has the value with its type, others are one text") {
  CHECK(filled("{{ @.mtu }}") == "9000");
  CHECK(filled("{{@.on}}") == "true");
  CHECK(filled("{{ @.map }}") == R"({"x":1,"y":2})");
  CHECK(filled("{{ params.device }}:{{ @.name }}") == R"("leaf-1:Ethernet1")");
  CHECK(filled("mtu {{ @.mtu }}, {{ @.on }}") == R"("mtu 9000, true")");
  CHECK(filled("{{ key }}") == R"("eth0")");
  CHECK(filled("{{ '}} | x' }}") == R"("}} | x")");
  CHECK(filled("{{ 5 }}") == "5");
  CHECK(filled("{{ @.list[?@ == '}}'] }}") == "absent");
  CHECK(filled("a } b") == R"("a } b")");
}

TEST_CASE("what is not there, or null, is absent, also through functions") {
  CHECK(filled("{{ @.nothing }}") == "absent");
  CHECK(filled("{{ @.nil }}") == "absent");
  CHECK(filled("{{ params.unset }}") == "absent");
  CHECK(filled("x{{ @.nothing }}") == "absent");
  CHECK(filled("{{ @.nothing | lower | number }}") == "absent");
  CHECK(filled("{{ @.none | first }}") == "absent");
  CHECK(filled("{{ @.no }}") == R"("")");
  CHECK(filled("{{ @.nothing | default('d') }}") == R"("d")");
  CHECK(filled("{{ @.nil | default(@.mtu) }}") == "9000");
  CHECK(filled("{{ @.nil | default(@.nothing) | default(@.name) | lower }}") == R"("ethernet1")");
  CHECK(filled("{{ @.nothing | default(null) }}") == "null");
}

TEST_CASE("functions do what they are called") {
  CHECK(filled("{{ @.name | lower }}") == R"("ethernet1")");
  CHECK(filled("{{ @.name | upper }}") == R"("ETHERNET1")");
  CHECK(filled("{{ @.name | replace('Ethernet', 'Et') }}") == R"("Et1")");
  CHECK(filled("{{ @.name | replace('', 'x') }}") == R"("Ethernet1")");
  CHECK(filled("{{ @.pad | trim }}") == R"("12")");
  CHECK(filled("{{ @.pad | number }}") == "12");
  CHECK(filled("{{ @.mtu | text }}") == R"("9000")");
  CHECK(filled("{{ @.mtu | lookup(speeds) }}") == R"("jumbo")");
  CHECK(filled("{{ @.name | lookup(all) }}") == R"("else")");
  CHECK(filled("{{ @.list | join(', ') }}") == R"("a, 2")");
  CHECK(filled("{{ @.list[*] | join('+') }}") == R"("a+2")");
  CHECK(filled("{{ @.list[*] | list }}") == R"(["a",2])");
  CHECK(filled("{{ @.nothing[*] | list }}") == "[]");
  CHECK(filled("{{ @.list[*] | first }}") == R"("a")");
  CHECK(filled("{{ @.map | keys | join(',') }}") == R"("x,y")");
}

TEST_CASE("what cannot be filled says why") {
  CHECK(filled("{{ @.list[*] }}") ==
        "the path finds 2 values where one is wanted (list, first and join take several)");
  CHECK(filled("{{ @.name | number }}") == R"("Ethernet1" is no number)");
  CHECK(filled("{{ @.name | lookup(speeds) }}") == R"(table speeds has nothing for "Ethernet1")");
  CHECK(filled("x {{ @.map }}") == R"({"x":1,"y":2} is no text)");
  CHECK(filled("{{ @.mtu | keys }}") == "9000 is no object");
}

TEST_CASE("what is no template is refused") {
  for (const std::string_view text :
       {"{{", "{{ }}", "{{ @.a", "{{ @.a }", "{{ @.a | }}", "{{ @.a | fly }}", "{{ @.a | join }}",
        "{{ @.a | join(1) }}", "{{ @.a | replace('a') }}", "{{ @.a | default('x' }}", "{{ keys }}",
        "{{ name }}", "{{ @.a || @.b }}"})
    CHECK_MESSAGE(!Template::parse(text), text);
}
