#include "testing/expectations.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace diffo::outstanding {
namespace {

/// "address category[!] …", with `!` for what can be closed.
std::string leaves(std::string_view expected, std::string_view actual) {
  const auto expectation = testing::compile_expectation(json::read(expected).value()).value();
  const auto document = json::read(actual).value();
  EvaluationContext context;
  context.explain = Explain::yes;
  context.family = "service";
  context.resolve = [](std::string_view, std::string_view id) -> Result<Resolution> {
    if (id != "known")
      return Resolution{};
    return Resolution{Resolution::State::found, json::read(R"({"state": "inactive"})").value()};
  };
  const auto evaluation =
      expectation.evaluate(document.is_null() ? nullptr : &document, context).value();
  std::string all;
  for (const Leaf& leaf : expectation.leaves_of(evaluation))
    all += (all.empty() ? "" : "; ") + leaf.address + ' ' + std::string(name_of(leaf.category)) +
           (leaf.closable ? "!" : "");
  return all;
}

struct Row {
  const char* expected;
  const char* actual;
  const char* leaves;
};

TEST_CASE("leaves are addressed by keys, and told apart by category") {
  const Row rows[] = {
      {R"({"state": "active"})", R"({"state": "inactive"})", "state misaligned!"},
      {R"({"state": "active"})", R"({})", "state missing!"},
      {R"({"state": {"$in": ["active", "inactive"]}})", R"({"state": "designed"})",
       "state misaligned"},
      {R"({"description": {"$absent": true}})", R"({"description": "x"})",
       "description undesired!"},
      {R"({"serviceCharacteristic": [{"name": "bandwidth", "value": {"$gte": 100}},
                                     {"name": "vlan", "value": 7}]})",
       R"({"serviceCharacteristic": [{"name": "vlan", "value": 8}, {"name": "bandwidth", "value": 1}]})",
       "serviceCharacteristic[bandwidth].value misaligned; "
       "serviceCharacteristic[vlan].value misaligned!"},
      // An item that is missing is one leaf, whatever is expected of it.
      {R"({"serviceCharacteristic": [{"name": "vlan", "value": 7, "valueType": "integer"}]})",
       R"({"serviceCharacteristic": []})", "serviceCharacteristic[vlan] missing!"},
      {R"({"serviceCharacteristic": [{"name": "vlan", "value": {"$gt": 7}}]})", R"({})",
       "serviceCharacteristic[vlan] missing"},
      {R"({"serviceCharacteristic": {"$only": [{"name": "vlan", "value": 7}]}})",
       R"({"serviceCharacteristic": [{"name": "vlan", "value": 7}, {"name": "mtu", "value": 1}]})",
       "serviceCharacteristic[mtu] undesired!"},
      {R"({"serviceCharacteristic": [{"name": "mtu", "$absent": true}]})",
       R"({"serviceCharacteristic": [{"name": "mtu", "value": 1}]})",
       "serviceCharacteristic[mtu] undesired!"},
      // A key that is a matcher, and one that could be taken for two.
      {R"({"serviceCharacteristic": [{"name": {"$regex": "^v"}, "value": 7}]})", R"({})",
       R"(serviceCharacteristic[{"$regex":"^v"}] missing)"},
      {R"({"serviceCharacteristic": [{"name": "a,b", "value": 7}]})", R"({})",
       R"(serviceCharacteristic["a,b"] missing!)"},
      {R"({"serviceCharacteristic": [{"name": "list", "value": [1, 2]}]})",
       R"({"serviceCharacteristic": [{"name": "list", "value": [1, 3]}]})",
       "serviceCharacteristic[list].value[1] misaligned!"},
      // The document itself.
      {R"({"state": "active", "name": "x"})", "null", " missing"},
      // Through a relationship.
      {R"({"serviceRelationship": [{"relationshipType": "bestows",
            "service": {"id": "known", "expect": {"state": "active"}}}]})",
       R"({"serviceRelationship": [{"relationshipType": "bestows", "service": {"id": "known"}}]})",
       "serviceRelationship[bestows,known].service.expect.state misaligned!"},
      {R"({"serviceRelationship": [{"relationshipType": "bestows",
            "service": {"id": "gone", "expect": {"state": "active", "name": "x"}}}]})",
       R"({"serviceRelationship": [{"relationshipType": "bestows", "service": {"id": "gone"}}]})",
       "serviceRelationship[bestows,gone].service.expect missing!"},
      {R"({"state": "active"})", R"({"state": "active"})", ""},
      // What no change can make of a service.
      {R"({"id": "b", "@type": "X", "serviceDate": "2020-01-01"})",
       R"({"id": "a", "@type": "Service", "serviceDate": "2021-01-01"})",
       "id misaligned; @type misaligned; serviceDate misaligned"},
      {R"({"@type": "Service", "state": {"$absent": true}, "name": {"$absent": true}})",
       R"({"state": "active", "name": "x"})", "@type missing!; state undesired; name undesired!"},
      {R"({"state": {"$eq": "flying"}, "description": 5, "name": {"$eq": null}, "": 1, "x": {"$eq": 5}})",
       R"({"name": "x"})",
       "state missing; description missing; name misaligned;  missing; x missing!"},
      {R"({"serviceRelationship": [{"relationshipType": "bestows",
            "service": {"id": "known", "expect": {"state": "flying"}}}]})",
       R"({"serviceRelationship": [{"relationshipType": "bestows", "service": {"id": "known"}}]})",
       "serviceRelationship[bestows,known].service.expect.state misaligned"},
      {R"({"$absent": true})", R"({"id": "a"})", " undesired"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expected);
    CAPTURE(row.actual);
    CHECK(leaves(row.expected, row.actual) == row.leaves);
  }
}

TEST_CASE("all leaves are told of where all are asked for, each once") {
  const auto expectation =
      testing::compile_expectation(json::read(R"({"state": "active", "name": {"$regex": "^x"},
          "serviceCharacteristic": [{"name": "vlan", "value": 7}, {"name": "mtu", "value": 9000}],
          "place": [{"role": "site", "id": "7"}]})")
                                       .value())
          .value();
  const auto actual = json::read(R"({"state": "active", "name": "y", "serviceCharacteristic": [
      {"name": "mtu", "value": 1500}, {"name": "vlan", "value": 7}]})")
                          .value();
  EvaluationContext context;
  context.explain = Explain::all;
  std::string all;
  for (const Leaf& leaf : expectation.leaves_of(expectation.evaluate(&actual, context).value()))
    all += leaf.address + (leaf.met ? " met; " : " unmet; ");
  CHECK(all == "state met; name unmet; serviceCharacteristic[vlan].value met; "
               "serviceCharacteristic[mtu].value unmet; place[site] unmet; ");
}

TEST_CASE("two items with the same key are different leaves") {
  CHECK(
      leaves(R"({"serviceCharacteristic": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]})",
             R"({"serviceCharacteristic": [{"name": "a", "value": 3}]})") ==
      "serviceCharacteristic[a].value misaligned!; serviceCharacteristic[a].value#2 misaligned!");
}

} // namespace
} // namespace diffo::outstanding
