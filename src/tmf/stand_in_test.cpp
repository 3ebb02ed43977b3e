// What a version demands of items that came in the other one without it (tmf.md §1.8).
#include "testing/test_documents.h"
#include "tmf/import_line.h"
#include "tmf/patch.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::tmf;
using namespace diffo::testing;
using model::Api;
using model::Version;

namespace {

const json::Value* find(const json::Value& document, std::string_view pointer) {
  return json::Pointer::parse(pointer)->find_in(document);
}

Version other(Version version) {
  return version == Version::v4 ? Version::v5 : Version::v4;
}

/// A document of the version that demands nothing, with one attribute more.
json::Value posted(Api api, Version version, const char* member) {
  json::Value document = parsed("{" + std::string(member) + "}");
  json::Object& root = document.object();
  if (version == Version::v5)
    root.set("@type", api == Api::service ? "Service" : "Resource");
  if (api == Api::service) {
    root.set("state", "active");
    root.set("serviceSpecification", json::Object{{"id", "s"}});
  } else {
    root.set("name", "r");
  }
  return document;
}

struct Case {
  Api api;
  Version came; ///< in which it came
  const char* member;
  const char* pointer; ///< in the other version
  const char* shown;
};

constexpr const char* created = R"("2023-11-14T22:13:20.123Z")"; // that of test documents

const Case cases[] = {
    {Api::service, Version::v5, R"("feature":[{"@type":"Feature","name":"f"}])", "/feature/0/id",
     R"("f")"},
    {Api::service, Version::v5, R"("feature":[{"@type":"Feature","name":"f"}])",
     "/feature/0/featureCharacteristic", R"([{"name":"isEnabled","value":true}])"},
    {Api::service, Version::v5,
     R"("feature":[{"@type":"Feature","name":"f","isEnabled":false,"featureCharacteristic":[]}])",
     "/feature/0/featureCharacteristic", R"([{"name":"isEnabled","value":false}])"},
    {Api::resource, Version::v5,
     R"("activationFeature":[{"name":"f","featureRelationship":[{"id":"g"}]}])",
     "/activationFeature/0/featureRelationship/0/name", R"("g")"},
    {Api::resource, Version::v4,
     R"("activationFeature":[{"name":"f","featureRelationship":[{"name":"g"}]}])",
     "/activationFeature/0/featureRelationship/0/id", R"("g")"},
    {Api::service, Version::v5, R"("note":[{"@type":"Note","id":"1"}])", "/note/0/author", R"("")"},
    {Api::service, Version::v5, R"("note":[{"@type":"Note","id":"1"}])", "/note/0/text", R"("")"},
    {Api::service, Version::v5, R"("note":[{"@type":"Note","id":"1"}])", "/note/0/date", created},
    {Api::service, Version::v5,
     R"("serviceCharacteristic":[{"@type":"Characteristic","name":"c"}])",
     "/serviceCharacteristic/0/value", "null"},
    {Api::resource, Version::v5,
     R"("resourceRelationship":[{"relationshipType":"on","resource":{"id":"a b"}}])",
     "/resourceRelationship/0/resource/href", R"("http://host/api/resource/a%20b")"},
    {Api::resource, Version::v4, R"("attachment":[{"name":"plan.pdf","content":"YQ=="}])",
     "/attachment/0/id", R"("plan.pdf")"},
    {Api::service, Version::v4, R"("place":[{"role":"at","name":"Pier 4"}])", "/place/0/place/id",
     R"("Pier 4")"},
    {Api::service, Version::v4, R"("relatedEntity":[{"role":"of","name":"E"}])",
     "/relatedEntity/0/entity/id", R"("E")"},
    // By value, translated as a record is.
    {Api::service, Version::v4,
     R"("supportingService":[{"id":"x","state":"active","relatedParty":[{"id":"p","role":"r"}]}])",
     "/supportingService/0/relatedParty/0/partyOrPartyRole", R"({"@type":"PartyRef","id":"p"})"},
    {Api::service, Version::v5,
     R"("supportingService":[{"@type":"Service","id":"x","state":"suspended"}])",
     "/supportingService/0/state", R"("inactive")"},
    {Api::service, Version::v5,
     R"("serviceRelationship":[{"relationshipType":"on","service":{"@type":"Service","id":"x",
        "feature":[{"@type":"Feature","name":"f"}]}}])",
     "/serviceRelationship/0/service/feature/0/id", R"("f")"},
};

graph::RecordRef changed(const graph::Record& record, Api api, Version version, std::string path,
                         json::Value value) {
  const json::Value steps = json::Array{
      json::Object{{"op", "add"}, {"path", std::move(path)}, {"value", std::move(value)}}};
  auto draft = patch(record, steps, PatchKind::json_patch, api, version, links());
  REQUIRE_MESSAGE(draft.has_value(), draft.error().text());
  REQUIRE(draft->has_value());
  return packed(**draft);
}

} // namespace

TEST_CASE("what an item lacks and the other version demands stands in there, and only there") {
  for (const Case& one : cases) {
    CAPTURE(one.member);
    const json::Value document = posted(one.api, one.came, one.member);
    const auto record = record_of_document(document, one.api, one.came);
    const json::Value elsewhere = shown(*record, other(one.came));
    const json::Value* found = find(elsewhere, one.pointer);
    REQUIRE_MESSAGE(found != nullptr, json::to_text(elsewhere));
    CHECK(json::to_text(*found) == json::to_text(parsed(one.shown)));
    CHECK(
        same_text(comparable(shown(*record, one.came), document), comparable(document, document)));
    const auto draft =
        decode_import_line(export_document(*record, inventory()), one.api, inventory(), context());
    REQUIRE(draft.has_value());
    CHECK(same_text(comparable(shown(*packed(*draft), one.came), document),
                    comparable(document, document)));
  }
}

TEST_CASE("a change of an item in the other version keeps nothing of what stood in") {
  const json::Value document =
      posted(Api::service, Version::v5,
             R"("feature":[{"@type":"Feature","name":"f"}],"note":[{"@type":"Note","id":"1"}])");
  const auto record = record_of_document(document, Api::service, Version::v5);
  const auto renamed = changed(*record, Api::service, Version::v4, "/feature/0/name", "g");
  const auto noted = changed(*renamed, Api::service, Version::v4, "/note/0/text", "said");
  json::Value expected = document;
  expected.object().find("feature")->array()[0].object().set("name", "g");
  expected.object().find("note")->array()[0].object().set("text", "said");
  CHECK(
      same_text(comparable(shown(*noted, Version::v5), expected), comparable(expected, expected)));
}

TEST_CASE("an empty list gives way to what is made of what stood in for it") {
  const json::Value document =
      posted(Api::service, Version::v5,
             R"("feature":[{"@type":"Feature","name":"f","featureCharacteristic":[]}])");
  const auto record = record_of_document(document, Api::service, Version::v5);
  const auto switched = changed(*record, Api::service, Version::v4,
                                "/feature/0/featureCharacteristic/0/value", false);
  for (const Version version : {Version::v4, Version::v5})
    CHECK(*find(shown(*switched, version), "/feature/0/featureCharacteristic/0/value") ==
          json::Value(false));
}

TEST_CASE("what is changed of what stood in is kept") {
  const json::Value document =
      posted(Api::service, Version::v5, R"("feature":[{"@type":"Feature","name":"f"}])");
  const auto record = record_of_document(document, Api::service, Version::v5);
  const auto named = changed(*record, Api::service, Version::v4, "/feature/0/id", "own");
  CHECK(find(shown(*named, Version::v5), "/feature/0/id")->string() == "own");
  const auto switched = changed(*record, Api::service, Version::v4,
                                "/feature/0/featureCharacteristic/0/value", false);
  CHECK(*find(shown(*switched, Version::v5), "/feature/0/featureCharacteristic/0/value") ==
        json::Value(false));
}

TEST_CASE("of things by value so many are translated, and types are added to all") {
  json::Array many;
  for (int number = 0; number < 40; ++number)
    many.push_back(json::Object{{"id", "x"},
                                {"state", "active"},
                                {"description", std::string(50'000, 'd')},
                                {"relatedParty", json::Array{json::Object{{"id", "p"}}}}});
  json::Value document = posted(Api::service, Version::v4, R"("name":"wide")");
  document.object().set("supportingService", std::move(many));
  const auto record = record_of_document(document, Api::service, Version::v4);
  const json::Value newer = shown(*record, Version::v5);
  CHECK(find(newer, "/supportingService/0/relatedParty/0/partyOrPartyRole") != nullptr);
  CHECK(find(newer, "/supportingService/39/relatedParty/0/partyOrPartyRole") == nullptr);
  CHECK(find(newer, "/supportingService/39/relatedParty/0/@type") != nullptr);
}

TEST_CASE("things by value are translated a few deep, and types are added below") {
  json::Value inmost = parsed(R"({"id":"x","state":"active"})");
  for (int depth = 0; depth < 12; ++depth)
    inmost = json::Object{
        {"id", "x"}, {"state", "active"}, {"supportingService", json::Array{std::move(inmost)}}};
  json::Value document = posted(Api::service, Version::v4, R"("name":"deep")");
  document.object().set("supportingService", json::Array{std::move(inmost)});
  const auto record = record_of_document(document, Api::service, Version::v4);
  const json::Value newer = shown(*record, Version::v5);
  std::string pointer;
  for (int depth = 0; depth < 13; ++depth) {
    pointer += "/supportingService/0";
    REQUIRE(find(newer, pointer) != nullptr);
    CHECK(find(newer, pointer + "/@type")->string() == "Service");
  }
  CHECK(
      same_text(comparable(shown(*record, Version::v4), document), comparable(document, document)));
}
