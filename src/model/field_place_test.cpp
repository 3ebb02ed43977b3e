#include "model/field_place.h"

#include <diffo/model.h>

#include <doctest/doctest.h>

#include <map>

using namespace diffo;
using namespace diffo::model;

namespace {

DeclaredKind kind_with(std::vector<Field> fields, std::vector<Group> groups = {}) {
  DeclaredKind kind;
  kind.base = Base::characteristic;
  kind.fields = std::move(fields);
  kind.groups = std::move(groups);
  return kind;
}

Type of_kind(std::string name, bool array = false) {
  return {.scalar = Scalar::kind, .kind = std::move(name), .array = array};
}

const std::map<std::string, DeclaredKind, std::less<>>& all_kinds() {
  static const std::map<std::string, DeclaredKind, std::less<>> kinds{
      {"Speed",
       kind_with({{.name = "down", .type = {.scalar = Scalar::integer}, .as = "downStream"},
                  {.name = "secret"}})},
      {"Line", kind_with({{.name = "plain"},
                          {.name = "length", .as = "len"},
                          {.name = "length_amount"},
                          {.name = "length_unit"},
                          {.name = "speed", .type = of_kind("Speed"), .as = "theSpeed"},
                          {.name = "speeds", .type = of_kind("Speed", true)},
                          {.name = "other", .type = {.scalar = Scalar::any}},
                          {.name = "unknown", .type = of_kind("Nobody")}},
                         {{.name = "length",
                           .members = {{"amount", "length_amount"}, {"unit", "length_unit"}}}})},
      // What one field is called on the wire another one is declared as.
      {"Swapped", kind_with({{.name = "a", .as = "b"}, {.name = "b", .as = "a"}})},
  };
  return kinds;
}

const KindNamed kinds = [](std::string_view name) -> const DeclaredKind* {
  const auto found = all_kinds().find(name);
  return found == all_kinds().end() ? nullptr : &found->second;
};

std::string place_of(const char* kind, std::string_view path) {
  const auto place = place_of_field(kinds, of_kind(kind), path);
  if (!place)
    return "none";
  std::string text;
  for (const std::string& part : place->path)
    text += (text.empty() ? "" : "/") + part;
  text += place->field != nullptr ? " " + place->field->name : "";
  return text + (place->open ? " open" : "");
}

std::string wire(const char* kind, const char* declared) {
  return json::to_text(on_the_wire(kinds, of_kind(kind), json::read(declared).value()));
}

} // namespace

TEST_CASE("a field is found by the name of its declaration and by its place on the wire") {
  struct Case {
    const char* kind;
    const char* path;
    const char* place;
  };
  const Case cases[] = {
      {"Line", "plain", "plain plain"},
      {"Line", "length", "len length"}, // the declared name before that of the object
      {"Line", "len", "len length"},
      {"Line", "length_amount", "length/amount length_amount"},
      {"Line", "length.amount", "length/amount length_amount"},
      {"Line", "length_unit", "length/unit length_unit"},
      {"Line", "length.colour", "none"},
      {"Line", "speed.down", "theSpeed/downStream down"},
      {"Line", "theSpeed.downStream", "theSpeed/downStream down"},
      {"Line", "speed.secret", "theSpeed/secret secret"},
      {"Line", "speeds.down", "speeds/downStream down"},
      {"Line", "speeds.up", "none"},
      {"Line", "other.a.b", "other/a/b open"},
      {"Line", "unknown.a", "unknown/a open"},
      {"Line", "plain.a", "none"},
      {"Line", "colour", "none"},
      {"Swapped", "a", "b a"},
      {"Swapped", "b", "a b"},
      {"Nobody", "a.b", "a/b open"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.path);
    CHECK(place_of(one.kind, one.path) == one.place);
  }
}

TEST_CASE("a value that a model file gives is brought to where the wire has it") {
  CHECK(wire("Line", R"({"plain":"x","length_amount":1,"length_unit":"m","speed":{"down":2}})") ==
        R"({"plain":"x","length":{"amount":1,"unit":"m"},"theSpeed":{"downStream":2}})");
  CHECK(wire("Line", R"({"speeds":[{"down":1},{"downStream":2}]})") ==
        R"({"speeds":[{"downStream":1},{"downStream":2}]})");
  CHECK(wire("Swapped", R"({"a":1,"b":2})") == R"({"b":1,"a":2})");
}

TEST_CASE("values at a path are looked for through lists") {
  const auto found = [](const char* value, std::vector<std::string> path) {
    const ValuesAt values = values_at(json::read(value).value(), path);
    return json::to_text(json::Value(json::Array(values.values.begin(), values.values.end()))) +
           (values.in_list ? " list" : "");
  };
  CHECK(found(R"({"a":{"b":1}})", {"a", "b"}) == "[1]");
  CHECK(found(R"({"a":{}})", {"a", "b"}) == "[]");
  CHECK(found(R"([{"a":1},{"a":2},{}])", {"a"}) == "[1,2] list");
  CHECK(found(R"([{"a":[1,2]},{"a":[3]}])", {"a"}) == "[1,2,3] list");
  CHECK(found(R"({"a":[1,2]})", {"a"}) == "[[1,2]]");
}
