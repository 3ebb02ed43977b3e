#include "query/fields.h"

#include <array>
#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::query;

namespace {

constexpr std::array<std::string_view, 3> always = {"id", "href", "@type"};

Result<tmf::FieldSelection> select(std::vector<std::string> values) {
  return parse_selection(values, always);
}

std::string narrowed(const std::vector<std::string>& values, std::string_view document) {
  json::Value value = json::read(document).value();
  select(values).value().narrow_document(value);
  return json::to_text(value);
}

constexpr const char* document =
    R"({"id":"1","href":"/1","@type":"Service","name":"n","state":"active",)"
    R"("place":[{"@type":"P","role":"a","place":{"@type":"PlaceRef","id":"p"}},{"role":"b"}]})";

} // namespace

TEST_CASE("without fields everything is shown") {
  CHECK(select({}).value().shows_all());
  CHECK(select({}).value().wants_whole("anything"));
  CHECK(narrowed({}, document) == document);
}

TEST_CASE("fields show what was asked and what is always there") {
  CHECK(narrowed({"name"}, document) == R"({"id":"1","href":"/1","@type":"Service","name":"n"})");
  CHECK(narrowed({"name,state"}, document) ==
        R"({"id":"1","href":"/1","@type":"Service","name":"n","state":"active"})");
  CHECK(narrowed({"name", "state"}, document) ==
        R"({"id":"1","href":"/1","@type":"Service","name":"n","state":"active"})");
  CHECK(narrowed({"none"}, document) == R"({"id":"1","href":"/1","@type":"Service"})");
  CHECK(narrowed({"unknown"}, document) == R"({"id":"1","href":"/1","@type":"Service"})");
  CHECK(narrowed({""}, document) == R"({"id":"1","href":"/1","@type":"Service"})");
}

TEST_CASE("dotted paths narrow the elements and keep their types") {
  CHECK(
      narrowed({"place.role"}, document) ==
      R"({"id":"1","href":"/1","@type":"Service","place":[{"@type":"P","role":"a"},{"role":"b"}]})");
  CHECK(
      narrowed({"place.place.id"}, document) ==
      R"({"id":"1","href":"/1","@type":"Service","place":[{"@type":"P","place":{"@type":"PlaceRef","id":"p"}},{}]})");
  CHECK(
      narrowed({"place.role,place"}, document) ==
      R"({"id":"1","href":"/1","@type":"Service",)"
      R"("place":[{"@type":"P","role":"a","place":{"@type":"PlaceRef","id":"p"}},{"role":"b"}]})");
  for (const char* nothing : {"name.foo", "place.nosuch", "place.role.id", "state.a.b"}) {
    CAPTURE(nothing);
    CHECK(narrowed({nothing}, document) == R"({"id":"1","href":"/1","@type":"Service"})");
  }
  const tmf::FieldSelection selection = select({"place.role"}).value();
  CHECK(selection.wants("place"));
  CHECK_FALSE(selection.wants_whole("place"));
  CHECK_FALSE(selection.wants("state"));
}

TEST_CASE("what is no list of attribute names is refused") {
  CHECK(select({"$[0].note"}).error().code == ErrorCode::unsupported);
  CHECK(select({"note[?(@.author=='x')"}).error().code == ErrorCode::invalid);
  for (const char* bad : {"a.", ".", "relatedParty(role,id)", "\"open"}) {
    CAPTURE(bad);
    CHECK(select({bad}).error().code == ErrorCode::invalid);
  }
  std::string many = "a";
  for (int count = 0; count < 100; ++count)
    many += ",a";
  CHECK(select({many}).error().code == ErrorCode::invalid);
}
