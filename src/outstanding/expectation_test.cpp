#include "outstanding/report.h"

#include "testing/expectations.h"

#include <diffo/expectation.h>

#include <doctest/doctest.h>

#include <map>

using namespace diffo;
using namespace diffo::outstanding;

namespace {

constexpr Timestamp noon{1'794'744'000'000'000}; // 2026-11-15T12:00:00Z

json::Value read(std::string_view text) {
  auto value = json::read(text);
  INFO(text);
  REQUIRE(value);
  return std::move(value).value();
}

Expectation compiled(std::string_view text, Profile profile = Profile::v5) {
  auto expectation = testing::compile_expectation(read(text), profile);
  if (!expectation)
    FAIL(text << ": " << expectation.error().text());
  return *expectation;
}

/// The residue as text; "null" when nothing is outstanding. Checks what must hold for every residue
/// on the way.
std::string residue(std::string_view expected, std::string_view actual,
                    Profile profile = Profile::v5) {
  const json::Value found = read(actual);
  const Expectation expectation = compiled(expected, profile);
  CHECK(json::to_text(expectation.document()) == json::to_text(read(expected)));
  const auto evaluation = expectation.evaluate(&found, {.now = noon});
  if (!evaluation)
    return "error: " + evaluation.error().text();
  if (!evaluation->residue)
    return "null";
  const auto explained = expectation.evaluate(&found, {.now = noon, .explain = Explain::yes});
  REQUIRE(explained);
  CHECK(!explained->explanation.empty());
  for (const Unmet& unmet : explained->explanation) {
    const auto pointer = json::Pointer::parse(unmet.pointer);
    REQUIRE(pointer);
    const json::Value* named = pointer->find_in(expectation.document());
    CAPTURE(unmet.pointer);
    REQUIRE(named != nullptr);
    CHECK(*named == unmet.expected);
  }
  const auto again = testing::compile_expectation(*evaluation->residue, profile);
  REQUIRE(again);
  const auto second = again->evaluate(&found, {.now = noon});
  REQUIRE(second);
  INFO(expected);
  CHECK(second->residue == evaluation->residue);
  return json::to_text(*evaluation->residue);
}

std::string refusal(std::string_view text, Profile profile = Profile::v5) {
  const auto expectation = testing::compile_expectation(read(text), profile);
  return expectation ? "accepted" : expectation.error().text();
}

} // namespace

TEST_CASE("a scalar is expected by equality") {
  CHECK(residue(R"({"state": "active"})", R"({"state": "active", "id": "1"})") == "null");
  CHECK(residue(R"({"state": "active"})", R"({"state": "designed"})") == R"({"state":"active"})");
  CHECK(residue(R"({"a": 1})", R"({"a": 1.0})") == "null");
  CHECK(residue(R"({"a": 1})", R"({"a": "1"})") == R"({"a":1})");
  CHECK(residue(R"({"a": false})", "{}") == R"({"a":false})");
  CHECK(residue(R"({"a": null})", "{}") == "null");
  CHECK(residue(R"({"a": {}})", "{}") == R"({"a":{}})");
}

TEST_CASE("the example of wire.md is met piece by piece") {
  const char* expected = R"({
    "state": "active",
    "serviceCharacteristic": [ {"name": "bandwidth", "value": {"$gte": 100}}, {"name": "vlan", "value": {"$range": [1, 4094]}} ],
    "relatedParty": [ {"role": "Customer", "id": {"$regex": "^ORG"}} ],
    "serviceRelationship": [ {"relationshipType": "bestows", "service": {"expect": {"state": "active"}}} ] })";
  const auto actual = read(R"({
    "id": "s1", "state": "designed",
    "serviceCharacteristic": [ {"@type": "IntegerCharacteristic", "name": "vlan", "value": 4095}, {"name": "bandwidth", "value": 100} ],
    "relatedParty": [ {"@type": "RelatedPartyRefOrPartyRoleRef", "role": "Customer", "partyOrPartyRole": {"@type": "PartyRef", "id": "IND1"}} ],
    "serviceRelationship": [ {"relationshipType": "bestows", "service": {"id": "s2", "@type": "ServiceRef"}} ] })");
  const auto expectation = compiled(expected);
  std::string inner = "designed";
  EvaluationContext context{.now = noon,
                            .family = "service",
                            .id = "s1",
                            .explain = Explain::yes,
                            .declared_by = "orders"};
  context.resolve = [&](std::string_view family, std::string_view id) -> Result<Resolution> {
    CHECK(family == "service");
    CHECK(id == "s2");
    return Resolution{Resolution::State::found, json::Object{{"state", inner}}};
  };
  std::map<std::string, std::vector<DocumentPath>, std::less<>> reads;
  context.reads = [&](std::string_view, std::string_view id,
                      const std::vector<DocumentPath>& paths) {
    CHECK(reads.emplace(id, paths).second);
  };
  auto evaluation = expectation.evaluate(&actual, context);
  context.reads = nullptr;
  REQUIRE(evaluation);
  CHECK(
      json::to_text(*evaluation->residue) ==
      R"({"state":"active","serviceCharacteristic":[{"name":"vlan","value":{"$range":[1,4094]}}],)"
      R"("relatedParty":[{"role":"Customer","id":{"$regex":"^ORG"}}],)"
      R"("serviceRelationship":[{"relationshipType":"bestows","service":{"expect":{"state":"active"}}}]})");
  CHECK(evaluation->unmet == 4);
  REQUIRE(evaluation->explanation.size() == 4);
  CHECK(evaluation->explanation[1].pointer == "/serviceCharacteristic/1/value");
  CHECK(evaluation->explanation[1].place.pointer == "/serviceCharacteristic/0/value");
  CHECK(evaluation->explanation[1].rule == "$range");
  CHECK(evaluation->explanation[3].place.id == "s2");
  REQUIRE(reads.size() == 2);
  CHECK(reads["s1"] == std::vector<DocumentPath>{{"relatedParty", "id"},
                                                 {"relatedParty", "role"},
                                                 {"serviceCharacteristic", "name"},
                                                 {"serviceCharacteristic", "value"},
                                                 {"serviceRelationship", "relationshipType"},
                                                 {"serviceRelationship", "service"},
                                                 {"state"}});
  CHECK(reads["s2"] == std::vector<DocumentPath>{{"state"}});
  inner = "active";
  evaluation = expectation.evaluate(&actual, context);
  CHECK(evaluation->unmet == 3);
}

TEST_CASE("every matcher is met and unmet, and is its own residue") {
  struct Case {
    const char* matcher;
    const char* met;
    const char* unmet;
  };
  const Case cases[] = {
      {R"({"$eq":{"$x":1}})", R"({"$x": 1.0})", R"({"$x": 2})"},
      {R"({"$eq":null})", "null", "1"},
      {R"({"$any":"string"})", R"("a")", "1"},
      {R"({"$any":"integer"})", "1", "1.5"},
      {R"({"$any":"number"})", "1.5", R"("1")"},
      {R"({"$any":"date"})", R"("2026-01-31")", R"("2026-02-31")"},
      {R"({"$any":"dateTime"})", R"("2026-01-31T00:00:00+01:00")", R"("2026-01-31T00:00:00")"},
      {R"({"$any":"duration"})", R"("PT1H")", R"("1 hour")"},
      {R"({"$is":"any_atom"})", "null", R"("a")"},
      {R"({"$is":"non_empty_list"})", "[null]", "[]"},
      {R"({"$is":"empty_map"})", "{}", R"({"a": 1})"},
      {R"({"$is":"explicit_nil"})", R"("explicit_nil")", "null"},
      {R"({"$is":"non_empty_keyword"})", R"([["a", 1]])", "[]"},
      {R"({"$is":"future_date"})", R"("2026-11-16")", R"("2026-11-15")"},
      {R"({"$is":"past_date_time"})", R"("2026-11-15T11:59:59Z")", R"("2026-11-15T12:00:00Z")"},
      {R"({"$is":"current_time"})", R"("12:00:59")", R"("12:01:00")"},
      {R"({"$in":["a",{"$gt":5}]})", "6", "5"},
      {R"({"$oneOf":[1,2,2]})", "1", "2"},
      {R"({"$noneOf":[1,2]})", "3", "2"},
      {R"({"$allOf":[1,{"$range":[5,9]}]})", "[7, 1]", "[1]"},
      {R"({"$range":[1,10]})", "10", "11"},
      {R"({"$range":[0,20,5]})", "15", "16"},
      {R"({"$range":[0.5,1.5]})", "1", "2"},
      {R"({"$gt":1})", "1.5", "1"},
      {R"({"$gte":9007199254740993})", "9007199254740993", "9007199254740992"},
      {R"({"$lt":"2026-01-01"})", R"("2025-12-31T23:59:59Z")", R"("2026-01-01T00:00:00Z")"},
      {R"({"$lte":"2026-01-01T00:00:00Z"})", R"("2026-01-01T01:00:00+01:00")", R"("2026-01-02")"},
      {R"({"$regex":"^ORG"})", R"("ORG1")", R"("XORG1")"},
      {R"({"$regex":["^org","i"]})", R"("ORG1")", "{}"},
      {R"({"$absent":true})", "null", "false"},
      {R"({"$absent":false})", "false", "null"},
      {R"({"$tuple":[1,{"$any":"string"}]})", R"([1, "a"])", "[1]"},
      {R"({"$date":"2026-01-01"})", R"("2026-01-01")", R"("2026-01-02")"},
      {R"({"$time":"12:00:00"})", R"("12:00:00.000")", R"("12:00:01")"},
      {R"({"$naive":"2026-01-01T00:00:00"})", R"("2026-01-01 00:00:00.0")",
       R"("2026-01-01T00:00:00Z")"},
      {R"({"$dateTime":"2026-01-01T00:00:00Z"})", R"("2026-01-01T02:00:00+02:00")",
       R"("2026-01-01T00:00:00+02:00")"},
      {R"({"$duration":"PT60M"})", R"("PT1H")", R"("PT61M")"},
      {R"({"$lessThan":"PT1H"})", R"("PT59M")", R"("PT60M")"},
      {R"({"$greaterThan":"PT1H"})", R"("PT61M")", R"("PT60M")"},
      {R"({"$within":["PT1H","PT90M"]})", R"("PT90M")", R"("PT91M")"},
      {R"({"$outside":["PT1H","PT90M"]})", R"("PT91M")", R"("PT60M")"},
  };
  for (const Case& example : cases) {
    CAPTURE(example.matcher);
    CHECK(residue(example.matcher, example.met) == "null");
    CHECK(residue(example.matcher, example.unmet) == example.matcher);
  }
}

TEST_CASE("lists with structure leave what is missing") {
  CHECK(residue(R"({"$list":[1,2]})", "[1,3]") == R"({"$list":[null,2]})");
  CHECK(residue(R"({"$list":[1,2]})", "[1,2,3]") == R"({"$list":[null,null]})");
  CHECK(residue(R"({"$set":[1,2]})", "[2,3]") == R"({"$set":[1]})");
  CHECK(residue(R"({"$set":[1,2]})", "null") == R"({"$set":[1,2]})");
  CHECK(residue(R"({"$keyword":{"a":1,"b":2}})", R"([["b",2],["a",3]])") ==
        R"({"$keyword":{"a":1}})");
  CHECK(residue(R"({"$keyword":[["a",1],["b",2]]})", "[]") == R"({"$keyword":[["a",1],["b",2]]})");
  CHECK(residue(R"({"x":{"$keyed":{"by":"k","items":[{"k":"a","v":1},{"k":"b","v":2}]}}})",
                R"({"x":[{"k":"b","v":3},{"k":"a","v":1}]})") ==
        R"({"x":{"$keyed":{"by":"k","items":[{"k":"b","v":2}]}}})");
  CHECK(residue(R"({"x":{"$keyed":[{"name":"a","v":1}]}})",
                R"({"x":[{"name":"z"},{"name":"a","v":2}]})") ==
        R"({"x":{"$keyed":[{"name":"a","v":1}]}})");
}

TEST_CASE("lists in TMF positions are keyed and keep the key") {
  const char* actual =
      R"({"feature": [{"name": "b", "isEnabled": true, "featureCharacteristic": [{"name": "x", "value": [1, 2]}]}, {"name": "a"}]})";
  CHECK(residue(R"({"feature": [{"name": "a"}, {"name": "b"}]})", actual) == "null");
  CHECK(
      residue(
          R"({"feature": [{"name": "b", "featureCharacteristic": [{"name": "x", "value": [1, 3]}]}]})",
          actual) ==
      R"({"feature":[{"name":"b","featureCharacteristic":[{"name":"x","value":[null,3]}]}]})");
  CHECK(residue(R"({"feature": [{"name": "c"}]})", actual) == R"({"feature":[{"name":"c"}]})");
  CHECK(residue(R"({"feature": {"$list": [{"name": "a"}, {"name": "b"}]}})", actual) ==
        R"({"feature":{"$list":[{"name":"a"},{"name":"b"}]}})");
  CHECK(residue(R"({"feature": {"$allOf": [{"name": "a"}]}})", actual) == "null");
  CHECK(residue(R"({"feature": []})", "{}") == "null");
  CHECK(residue(R"({"feature": []})", actual) == R"({"feature":[]})");
  CHECK(residue(R"({"note": [{"id": "n1", "text": "x"}]})",
                R"({"note": [{"id": "n2", "text": "x"}, {"id": "n1", "text": "y"}]})") ==
        R"({"note":[{"id":"n1","text":"x"}]})");
  CHECK(residue(R"({"externalIdentifier": [{"externalIdentifierType": "order", "id": "1"}]})",
                R"({"externalIdentifier": [{"externalIdentifierType": "order", "id": "2"}]})") ==
        R"({"externalIdentifier":[{"externalIdentifierType":"order","id":"1"}]})");
}

TEST_CASE("of several candidates the one with the smallest residue counts") {
  const char* actual =
      R"({"relatedParty": [{"role": "C", "id": "1", "name": "n"}, {"role": "C", "id": "2", "name": "m"}]})";
  CHECK(residue(R"({"relatedParty": [{"role": "C", "id": "2"}]})", actual) == "null");
  CHECK(residue(R"({"relatedParty": [{"role": "C", "id": "3"}]})", actual) ==
        R"({"relatedParty":[{"role":"C","id":"3"}]})");
  // Without the id the name would be met by the other candidate, so the item is kept whole.
  CHECK(residue(R"({"relatedParty": [{"role": "C", "id": "2", "name": "n", "x": 1}]})", actual) ==
        R"({"relatedParty":[{"role":"C","id":"2","name":"n","x":1}]})");
  CHECK(residue(R"({"relatedParty": [{"name": "m"}, {"id": "1"}]})", actual) == "null");
}

TEST_CASE("flat and nested references are the same thing") {
  const char* flat = R"({"relatedParty": [{"role": "C", "id": "1", "name": "n"}]})";
  const char* nested =
      R"({"relatedParty": [{"role": "C", "partyOrPartyRole": {"id": "1", "name": "n"}}]})";
  CHECK(residue(flat, nested) == "null");
  CHECK(residue(nested, flat, Profile::v4) == "null");
  CHECK(residue(R"({"place": [{"role": "S", "place": {"id": "2"}}]})",
                R"({"place": {"role": "S", "id": "1"}})",
                Profile::v4) == R"({"place":[{"role":"S","place":{"id":"2"}}]})");
}

TEST_CASE("relationships are keyed by name, else by type and target") {
  const char* actual = R"({"serviceRelationship": [
      {"relationshipType": "bestows", "service": {"id": "1", "name": "x"}},
      {"relationshipType": "bestows", "service": {"id": "2", "name": "y"}, "name": "primary"}]})";
  CHECK(
      residue(
          R"({"serviceRelationship": [{"relationshipType": "bestows", "service": {"id": "2", "name": "x"}}]})",
          actual) ==
      R"({"serviceRelationship":[{"relationshipType":"bestows","service":{"id":"2","name":"x"}}]})");
  CHECK(residue(R"({"serviceRelationship": [{"name": "primary", "relationshipType": "uses"}]})",
                actual) ==
        R"({"serviceRelationship":[{"name":"primary","relationshipType":"uses"}]})");
  CHECK(residue(R"({"serviceRelationship": [{"alias": "can", "type": "isAssigned"}]})",
                R"({"serviceRelationship": [{"alias": "can", "type": "bestows"}]})",
                Profile::diffo) ==
        R"({"serviceRelationship":[{"alias":"can","type":"isAssigned"}]})");
}

TEST_CASE("profile reference follows the letter") {
  CHECK(residue(R"({"relatedParty": [{"id": "1"}]})",
                R"({"relatedParty": [{"partyOrPartyRole": {"id": "1"}}]})",
                Profile::reference) == R"({"relatedParty":[{"id":"1"}]})");
  CHECK(residue(R"({"x": {"$keyed": [{"name": "a", "note": [1]}]}})",
                R"({"x": [{"name": "b"}, {"name": "a", "note": [1]}]})",
                Profile::reference) == "null");
  CHECK(residue(R"({"feature": [{"name": "a"}]})", R"({"feature": [{"name": "b"}, {"name": "a"}]})",
                Profile::reference) == R"({"feature":[{"name":"a"}]})");
  CHECK(residue(R"({"feature": [{"name": "a"}]})", R"({"feature": [{"name": "a"}, {"name": "b"}]})",
                Profile::reference) == R"({"feature":[null]})");
  CHECK(residue(R"({"$range": [1, 10]})", "5.0", Profile::reference) == R"({"$range":[1,10]})");
  CHECK(residue(R"({"$range": [1, 10]})", "5.0") == "null");
  CHECK(residue(R"({"$regex": "x"})", "{}", Profile::reference).starts_with("error: "));
  CHECK(residue(R"({"$in": [null]})", "7", Profile::reference) == "null");
  CHECK(residue(R"({"$in": [null]})", "7") == R"({"$in":[null]})");
  CHECK(residue(R"([])", "[1]", Profile::reference) == "[]");
}

TEST_CASE("what cannot be understood is refused with its place") {
  CHECK(refusal(R"({"a": [{"$foo": 1}]})").find("/a/0/$foo") != std::string::npos);
  CHECK(refusal(R"({"a": {"$gte": 1, "b": 2}})").find("/a") != std::string::npos);
  CHECK(refusal(R"x({"a": {"$regex": "(?=x)"}})x").find("look-around") != std::string::npos);
  CHECK(refusal(R"x({"a": {"$regex": "(?<!x)"}})x").find("look-around") != std::string::npos);
  CHECK(refusal(R"x({"a": {"$regex": "(a)\\1"}})x").find("back references") != std::string::npos);
  CHECK(refusal(R"({"a": {"$regex": "("}})") != "accepted");
  CHECK(refusal(R"({"a": {"$regex": ["a", "q"]}})").find("option") != std::string::npos);
  for (const char* bad :
       {R"({"$range": [1]})", R"({"$range": [1, 2, 0]})", R"({"$range": [1, "2026-01-01"]})",
        R"({"$gte": "yes"})", R"({"$in": 1})", R"({"$is": "any_thing"})", R"({"$any": "thing"})",
        R"({"$within": ["PT1H"]})", R"({"$date": "2026-02-30"})", R"({"$absent": 1})",
        R"({"$keyed": {"by": "a"}})", R"({"$keyword": [1]})", R"({"$set": {}})",
        R"({"$duration": "P"})"})
    CHECK_MESSAGE(refusal(bad) != "accepted", bad);
}

TEST_CASE("what does not exist leaves the whole expectation") {
  const auto expectation =
      compiled(R"({"state": "active", "feature": [{"name": "a"}], "x": {"$absent": true}})");
  const auto evaluation = expectation.evaluate(nullptr, {.now = noon, .explain = Explain::yes});
  REQUIRE(evaluation);
  CHECK(*evaluation->residue == expectation.document());
  REQUIRE(evaluation->explanation.size() == 2);
  CHECK(evaluation->explanation[1].pointer == "/feature/0/name");
  CHECK_FALSE(evaluation->explanation[1].actual);
}

TEST_CASE("an explanation tells who, since when, from where and what next") {
  const auto expectation = compiled(R"({"endDate": {"$is": "past_date_time"}})");
  const auto actual = read(R"({"endDate": "2026-11-15T13:00:00Z"})");
  EvaluationContext context{.now = noon,
                            .family = "service",
                            .id = "s",
                            .explain = Explain::yes,
                            .declared_by = "orders"};
  context.outstanding_since = [](std::string_view pointer) {
    CHECK(pointer == "/endDate");
    return std::optional<Timestamp>(Timestamp{0});
  };
  context.provenance = [](const DocumentPlace& place) {
    CHECK(place.pointer == "/endDate");
    return std::optional<Provenance>({"probe", Timestamp{noon.microseconds - 90'000'000}});
  };
  const auto evaluation = expectation.evaluate(&actual, context);
  REQUIRE(evaluation);
  CHECK(
      json::to_text(explanation_json(*evaluation, noon)) ==
      R"([{"pointer":"/endDate","expected":{"$is":"past_date_time"},"actual":"2026-11-15T13:00:00Z","rule":"$is",)"
      R"("document":{"family":"service","id":"s","pointer":"/endDate"},"declaredBy":"orders","since":"1970-01-01T00:00:00.000000Z",)"
      R"("source":"probe","observedAt":"2026-11-15T11:58:30.000000Z","ageSeconds":90,"nextFlip":"2026-11-15T13:00:00.000001Z"}])");
}

TEST_CASE("a leaf that depends on the clock knows when it changes, met or not") {
  const auto flip = [](const char* function, const char* actual) {
    const json::Value value = actual;
    const auto evaluation =
        compiled(R"({"$is": ")" + std::string(function) + "\"}").evaluate(&value, {.now = noon});
    return evaluation->next_flip ? evaluation->next_flip->microseconds - noon.microseconds : -1;
  };
  constexpr std::int64_t second = 1'000'000;
  CHECK(flip("future_date_time", "2026-11-15T12:00:10Z") == 10 * second);
  CHECK(flip("past_date_time", "2026-11-15T12:00:10Z") == 10 * second + 1);
  CHECK(flip("past_date_time", "2026-11-15T11:00:00Z") == -1);
  CHECK(flip("current_date_time", "2026-11-15T12:02:00Z") == 60 * second + 1);
  CHECK(flip("current_date_time", "2026-11-15T12:00:00Z") == 60 * second);
  CHECK(flip("future_date", "2026-11-16") == 43'200 * second);
  CHECK(flip("past_date", "2026-11-15") == 43'200 * second);
  CHECK(flip("future_time", "11:00:00") == 43'200 * second);
  CHECK(flip("any_date", "2026-11-15") == -1);
  // A month is 30 days in November and 31 from the first of December on.
  const json::Value month = "P1M";
  const auto evaluation = compiled(R"({"$duration": "P30D"})").evaluate(&month, {.now = noon});
  CHECK_FALSE(evaluation->outstanding());
  CHECK(evaluation->next_flip->microseconds > noon.microseconds);
}

TEST_CASE("a nested expectation survives what is absent, unknown or refers back") {
  const auto expectation =
      compiled(R"({"serviceRelationship": [{"relationshipType": "a", "service": {"expect":
      {"serviceRelationship": [{"relationshipType": "a", "service": {"expect": {"state": "active"}}}]}}}]})");
  const auto actual =
      read(R"({"serviceRelationship": [{"relationshipType": "a", "service": {"id": "self"}}]})");
  EvaluationContext context{
      .now = noon, .family = "service", .id = "self", .explain = Explain::yes};
  auto evaluation = expectation.evaluate(&actual, context);
  REQUIRE(evaluation);
  CHECK(evaluation->explanation.at(0).unknown != "");
  std::size_t asked = 0;
  context.resolve = [&](std::string_view, std::string_view) -> Result<Resolution> {
    ++asked;
    return Resolution{Resolution::State::found, actual};
  };
  evaluation = expectation.evaluate(&actual, context);
  REQUIRE(evaluation);
  CHECK(asked == 1);
  CHECK(evaluation->unmet == 1);
  context.resolve = [](std::string_view, std::string_view) -> Result<Resolution> {
    return Resolution{Resolution::State::unknown, {}, "unknown since yesterday"};
  };
  evaluation = expectation.evaluate(&actual, context);
  CHECK(evaluation->explanation.at(0).unknown == "unknown since yesterday");
  context.resolve = [](std::string_view, std::string_view) -> Result<Resolution> {
    return Error{ErrorCode::io, "gone"};
  };
  CHECK(expectation.evaluate(&actual, context).error().code == ErrorCode::io);
}

TEST_CASE("applying a residue of equalities empties it") {
  const char* expected =
      R"({"state": "active", "a": {"b": [1, 2], "c": {"$absent": true}}, "d": {"$set": [1]},
    "relatedParty": [{"role": "C", "id": "1"}, {"role": "P", "partyOrPartyRole": {"id": "2"}}],
    "serviceCharacteristic": [{"name": "x", "value": {"y": 1}}, {"name": "z", "value": {"$eq": {"$k": 1}}}]})";
  const auto actual = read(R"({"a": {"b": [3, 2, 1], "c": 1, "k": 1}, "d": 5,
    "relatedParty": [{"role": "P", "id": "9"}, {"role": "C", "partyOrPartyRole": {"id": "8"}}],
    "serviceCharacteristic": [{"name": "x", "value": {"y": 2, "w": 1}}]})");
  const auto expectation = compiled(expected);
  const auto before = expectation.evaluate(&actual, {.now = noon});
  REQUIRE(before->residue);
  const auto outstanding_part = testing::compile_expectation(*before->residue);
  const json::Value after = outstanding_part->apply_to(actual);
  INFO(json::to_text(after));
  CHECK_FALSE(expectation.evaluate(&after, {.now = noon})->outstanding());
  CHECK(after.find("a")->find("k") != nullptr);
}

TEST_CASE("a flat item is never replaced by what is expected of its reference") {
  const auto expectation =
      compiled(R"({"relatedParty": [{"partyOrPartyRole": "text", "id": "1"}]})");
  const json::Value after =
      expectation.apply_to(read(R"({"relatedParty": [{"id": "1", "role": "C"}]})"));
  CHECK(json::to_text(after) ==
        R"({"relatedParty":[{"id":"1","role":"C","partyOrPartyRole":"text"}]})");
  const json::Value gone =
      compiled(R"({"relatedParty": [{"role": "C", "id": {"$absent": true}}]})")
          .apply_to(read(R"({"relatedParty": [{"role": "C", "partyOrPartyRole": {"id": "1"}}]})"));
  CHECK(json::to_text(gone) == R"({"relatedParty":[{"role":"C","partyOrPartyRole":{}}]})");
}

TEST_CASE("a report is JSON or a tree and says whether anything is outstanding") {
  ReportRequest request{
      .expected =
          R"({"name": "x", "target": {"id": "1"}, "profile": "v4", "expect": {"state": "active", "place": {"role": {"$in": ["a"]}}}})",
      .actual = R"({"state": "designed"})",
      .now = noon};
  auto answer = report(request);
  REQUIRE(answer);
  CHECK(answer->outstanding);
  CHECK(read(answer->text) == read(R"({"state": "active", "place": {"role": {"$in": ["a"]}}})"));
  request.form = ReportForm::tree;
  CHECK(report(request)->text == "state: \"active\"\nplace:\n  role: {\"$in\":[\"a\"]}\n");
  request.explain = Explain::yes;
  CHECK(report(request)->text.find("expected \"active\" (equality)\n  actual   \"designed\"") !=
        std::string::npos);
  request.form = ReportForm::coloured_tree;
  CHECK(report(request)->text.find("\x1b[36mstate\x1b[0m") != std::string::npos);
  request.actual = "{";
  CHECK(report(request).error().message.starts_with("the actual: "));
  request = {.expected = "{}", .actual = "{}", .form = ReportForm::tree};
  CHECK(report(request)->text == "nothing outstanding\n");
  CHECK_FALSE(report(request)->outstanding);
}

TEST_CASE("the schema is JSON and names every matcher that compiles") {
  const auto schema = json::read(expectation_schema());
  REQUIRE(schema);
  const auto* matchers = schema->find("$defs")->find("matcher")->find("properties");
  for (const auto& [name, ignored] : matchers->object())
    CHECK_MESSAGE(refusal("{\"" + name + "\": {\"a\": {}, \"b\": {}}}").find("unknown matcher") ==
                      std::string::npos,
                  name);
}
