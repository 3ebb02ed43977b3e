#include "loop/adopt.h"

#include "model/model.h"
#include "model/schema.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace diffo::loop {
namespace {

using json::Value;

Value read(std::string_view text) {
  return json::read(text).value();
}

/// The leaves of what is expected in an actual document.
std::vector<outstanding::Leaf> leaves_of(const outstanding::Expectation& expectation,
                                         const Value& actual) {
  const auto evaluation =
      expectation.evaluate(&actual, {.now = {}, .explain = outstanding::Explain::yes});
  return expectation.leaves_of(evaluation.value());
}

outstanding::Expectation compiled(std::string_view expect) {
  return outstanding::Expectation::compile(
             read(expect),
             {.shapes = &model::model_of(model::inventory_schema()).document_shapes()})
      .value();
}

/// What is expected once all that is not met in the actual document was adopted.
std::string adopted_text(std::string_view expect, std::string_view actual) {
  const outstanding::Expectation expectation = compiled(expect);
  const Value document(json::Object{{"expect", read(expect)}});
  const Value changed = adopted(document, leaves_of(expectation, read(actual))).value();
  return json::to_text(*changed.find("expect"));
}

TEST_CASE("what is missing is no longer expected, and of a list without items nothing is") {
  CHECK(adopted_text(
            R"({"serviceCharacteristic":[{"name":"mtu","value":1},{"name":"vlan","value":2}]})",
            R"({"serviceCharacteristic":[{"name":"vlan","value":2}]})") ==
        R"({"serviceCharacteristic":[{"name":"vlan","value":2}]})");
  CHECK(adopted_text(R"({"state":"active","serviceCharacteristic":[{"name":"mtu","value":1}]})",
                     R"({"state":"active","serviceCharacteristic":[{"name":"vlan","value":2}]})") ==
        R"({"state":"active"})");
  CHECK(adopted_text(
            R"({"serviceCharacteristic":[{"name":"mtu","value":1},{"name":"vlan","value":2}]})",
            R"({"state":"active"})") == "{}");
}

TEST_CASE("a list that is closed stays so without items") {
  CHECK(adopted_text(R"({"serviceCharacteristic":{"$only":[{"name":"mtu","value":1}]}})",
                     R"({"state":"active"})") == R"({"serviceCharacteristic":{"$only":[]}})");
}

TEST_CASE("closing one leaf leaves alone what nobody expects") {
  const outstanding::Expectation expectation = compiled(
      R"({"state":"active","serviceCharacteristic":[{"name":"mtu","value":{"$gte":1500}}]})");
  const Value actual =
      read(R"({"state":"inactive","serviceCharacteristic":[{"name":"vlan","value":2}]})");
  std::vector<outstanding::Leaf> left = leaves_of(expectation, actual);
  std::erase_if(left, [](const auto& leaf) { return leaf.closable; });
  REQUIRE(left.size() == 1);
  CHECK(json::to_text(
            closing(expectation, left, model::inventory_schema()).value().apply_to(actual)) ==
        R"({"state":"active","serviceCharacteristic":[{"name":"vlan","value":2}]})");
}

} // namespace
} // namespace diffo::loop
