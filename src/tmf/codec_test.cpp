#include "testing/test_documents.h"
#include "tmf/field_selection.h"
#include "tmf/import_line.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::tmf;
using namespace diffo::testing;

namespace {

json::Value at(const json::Value& document, const char* pointer) {
  const json::Value* found = json::Pointer::parse(pointer)->find_in(document);
  REQUIRE_MESSAGE(found != nullptr, pointer << " in " << json::to_text(document));
  return *found;
}

bool has(const json::Value& document, const char* pointer) {
  return json::Pointer::parse(pointer)->find_in(document) != nullptr;
}

json::Value posted(std::string_view text, model::Api api, model::Version in, model::Version out) {
  return shown(*record_of(text, api, in), out);
}

std::vector<std::string> refused(std::string_view text, model::Api api, model::Version version) {
  const auto draft = decode(parsed(text), api, version, inventory(), context());
  REQUIRE_FALSE(draft.has_value());
  CHECK(draft.error().code == ErrorCode::invalid);
  std::vector<std::string> paths;
  for (const Error& problem : draft.error().problems)
    paths.push_back(problem.path);
  if (paths.empty())
    paths.push_back(draft.error().path);
  return paths;
}

} // namespace

TEST_CASE("a document comes back field for field in the version it came in") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.name);
    const json::Value document = parsed(sample.text);
    const json::Value result =
        shown(*record_of_document(document, sample.api, sample.version), sample.version);
    const json::Value expected = comparable(document, document);
    const json::Value actual = comparable(result, document);
    CHECK_MESSAGE(same_text(expected, actual), json::to_text(expected) << "\n"
                                                                       << json::to_text(actual));
  }
}

TEST_CASE("no version shows a member twice") {
  for (const Sample& sample : samples())
    for (const model::Version version : {model::Version::v4, model::Version::v5})
      CHECK(shown(*record_of(sample.text, sample.api, sample.version), version).is_object());
}

TEST_CASE("id, href and type come first") {
  const auto record =
      record_of(R"({"id":"a b","name":"x"})", model::Api::resource, model::Version::v4);
  std::string text;
  emit(*record, model::Version::v5, links("http://h/base"), nullptr, text);
  CHECK(text ==
        R"({"id":"a b","href":"http://h/base/resource/a%20b","@type":"Resource","name":"x"})");
  CHECK(href_of(*record, links("http://h/base")) == "http://h/base/resource/a%20b");
}

TEST_CASE("a service has the date of its creation unless one is given") {
  const json::Value service = posted(R"({"state":"active","serviceSpecification":{"id":"1"}})",
                                     model::Api::service, model::Version::v4, model::Version::v4);
  CHECK(service.text_of("serviceDate") == "2023-11-14T22:13:20.123Z");
  CHECK(service.text_of("id") == "11111111-2222-4333-8444-555555555555");
}

TEST_CASE("a v4 document gets the types that v5 demands") {
  const json::Value service =
      posted(samples()[0].text, model::Api::service, model::Version::v4, model::Version::v5);
  CHECK(at(service, "/serviceSpecification/@type").string() == "ServiceSpecificationRef");
  CHECK(at(service, "/serviceCharacteristic/0/@type").string() == "ObjectCharacteristic");
  CHECK(at(service, "/serviceCharacteristic/1/@type").string() == "IntegerCharacteristic");
  CHECK(at(service, "/serviceCharacteristic/1/characteristicRelationship/0/@type").string() ==
        "CharacteristicRelationship");
  CHECK(at(service, "/serviceCharacteristic/2/@type").string() == "BooleanCharacteristic");
  CHECK(at(service, "/serviceCharacteristic/3/@type").string() == "StringArrayCharacteristic");
  CHECK(at(service, "/serviceCharacteristic/4/@type").string() == "NumberArrayCharacteristic");
  CHECK(at(service, "/serviceCharacteristic/5/@type").string() == "ObjectArrayCharacteristic");
  CHECK(at(service, "/feature/0/@type").string() == "Feature");
  CHECK(at(service, "/feature/0/featureCharacteristic/0/@type").string() == "NumberCharacteristic");
  CHECK(at(service, "/feature/0/constraint/0/@type").string() == "ConstraintRef");
  CHECK(at(service, "/serviceRelationship/0/@type").string() == "ServiceRelationship");
  CHECK(at(service, "/serviceRelationship/0/service/@type").string() == "ServiceRef");
  CHECK(at(service, "/supportingResource/0/@type").string() == "ResourceRef");
  CHECK(at(service, "/serviceOrderItem/0/@type").string() == "RelatedServiceOrderItem");
  CHECK(at(service, "/note/0/@type").string() == "Note");
}

TEST_CASE("flat references of v4 are nested in v5, and back") {
  const json::Value service =
      posted(samples()[0].text, model::Api::service, model::Version::v4, model::Version::v5);
  CHECK(
      json::to_text(at(service, "/relatedParty/0")) ==
      R"({"role":"customer","@type":"RelatedPartyRefOrPartyRoleRef","partyOrPartyRole":{"@type":"PartyRef","id":"ORG-5","name":"Harbour Ltd","@referredType":"Organization","segment":"gold"}})");
  CHECK(at(service, "/place/0/place/id").string() == "ADR-9");
  CHECK(at(service, "/place/0/@type").string() == "RelatedPlaceRefOrValue");
  CHECK(at(service, "/relatedEntity/0/entity/@type").string() == "EntityRef");

  const json::Value older =
      posted(samples()[1].text, model::Api::service, model::Version::v5, model::Version::v4);
  CHECK(at(older, "/relatedParty/0/id").string() == "O-1");
  CHECK(at(older, "/relatedParty/0/role").string() == "customer");
  CHECK(at(older, "/relatedParty/0/since").string() == "2020");
  CHECK(at(older, "/relatedParty/0/tier").integer() == 1);
  CHECK_FALSE(has(older, "/relatedParty/0/partyOrPartyRole"));
  CHECK(at(older, "/relatedParty/1/@referredType").string() == "PartyRole");
  CHECK(at(older, "/place/1/city").string() == "Perth");
}

TEST_CASE("what cannot be flat without a clash of names stays nested in v4") {
  const json::Value older =
      posted(samples()[1].text, model::Api::service, model::Version::v5, model::Version::v4);
  CHECK(at(older, "/relatedEntity/0/id").string() == "outer");
  CHECK(at(older, "/relatedEntity/0/entity/id").string() == "E-2");
}

TEST_CASE("a resource has one place in v4, and all of them beside it") {
  const json::Value older =
      posted(samples()[3].text, model::Api::resource, model::Version::v5, model::Version::v4);
  CHECK(at(older, "/place/id").string() == "P1");
  CHECK(at(older, "/places/1/id").string() == "P2");
  const json::Value newer =
      posted(samples()[2].text, model::Api::resource, model::Version::v4, model::Version::v5);
  CHECK(at(newer, "/place/0/@type").string() == "RelatedPlaceRef");
  CHECK(at(newer, "/place/0/place/id").string() == "SITE-1");
  CHECK_FALSE(has(newer, "/places"));
}

TEST_CASE("constraints of a resource's features change their name with the version") {
  const json::Value newer =
      posted(samples()[2].text, model::Api::resource, model::Version::v4, model::Version::v5);
  CHECK(at(newer, "/activationFeature/0/policyConstraint/0/@type").string() == "PolicyRef");
  CHECK_FALSE(has(newer, "/activationFeature/0/constraint"));
  const json::Value older =
      posted(samples()[3].text, model::Api::resource, model::Version::v5, model::Version::v4);
  CHECK(at(older, "/activationFeature/0/constraint/0/id").string() == "p1");
  CHECK(at(older, "/activationFeature/0/policyConstraint").string() == "ours");
}

TEST_CASE("states speak the words of the version") {
  const json::Value older =
      posted(samples()[1].text, model::Api::service, model::Version::v5, model::Version::v4);
  CHECK(older.text_of("state") == "inactive");
  CHECK(older.text_of("internalState") == "suspended");
  CHECK(older.text_of("operatingStatus") == "degraded");
  const json::Value newer =
      posted(samples()[2].text, model::Api::resource, model::Version::v4, model::Version::v5);
  CHECK(newer.text_of("administrativeState") == "shuttingDown");
  CHECK(newer.text_of("operationalState") == "disabled");
  CHECK(newer.text_of("resourceStatus") == "reserved");
}

TEST_CASE("internalState is read where it maps to the state beside it, and never kept") {
  const json::Value suspended = posted(
      R"({"state":"inactive","internalState":"suspended","serviceSpecification":{"id":"1"}})",
      model::Api::service, model::Version::v4, model::Version::v5);
  CHECK(suspended.text_of("state") == "suspended");
  CHECK_FALSE(has(suspended, "/internalState"));
  const json::Value active =
      posted(R"({"state":"active","internalState":"suspended","serviceSpecification":{"id":"1"}})",
             model::Api::service, model::Version::v4, model::Version::v4);
  CHECK(active.text_of("state") == "active");
  CHECK_FALSE(has(active, "/internalState"));
}

TEST_CASE("references make edges, values by value do not") {
  const auto record = record_of(samples()[0].text, model::Api::service, model::Version::v4);
  std::vector<std::string> targets;
  graph::for_each_edge(
      record->root(model::inventory_schema().dictionary()), [&](const graph::ElementView& edge) {
        targets.push_back(std::to_string(edge.target_family()) + ":" + edge.target_id().text());
      });
  CHECK(targets == std::vector<std::string>{"6:spec-7", "1:svc-2", "1:svc-3", "2:res-1", "3:ORG-5",
                                            "3:P-1", "5:E-1", "4:ADR-9"});
}

TEST_CASE("all problems are found, each with its pointer") {
  CHECK(refused(R"({"name":5,"note":[{"text":false}],"relatedParty":"x"})", model::Api::service,
                model::Version::v4) == std::vector<std::string>{"/name", "/note/0/text",
                                                                "/relatedParty", "/state",
                                                                "/serviceSpecification"});
  CHECK(refused(R"({"name":"x"})", model::Api::resource, model::Version::v5) ==
        std::vector<std::string>{"/@type"});
  CHECK(refused(R"({"description":"x"})", model::Api::resource, model::Version::v4) ==
        std::vector<std::string>{"/name"});
  CHECK(refused(R"({"name":null})", model::Api::resource, model::Version::v4) ==
        std::vector<std::string>{"/name"});
  CHECK(refused(R"({"name":"x","operationalState":"broken"})", model::Api::resource,
                model::Version::v4) == std::vector<std::string>{"/operationalState"});
  CHECK(refused(R"({"@type":"Service","state":"active","serviceSpecification":{"id":"1"},
                    "relatedParty":[{"@type":"x","role":"r","partyOrPartyRole":{"id":7}}]})",
                model::Api::service, model::Version::v5) ==
        std::vector<std::string>{"/relatedParty/0/partyOrPartyRole/id"});
  CHECK(refused(R"({"id":"a/b","name":"x"})", model::Api::resource, model::Version::v4) ==
        std::vector<std::string>{"/id"});
  CHECK(refused("[]", model::Api::resource, model::Version::v4) == std::vector<std::string>{""});
}

TEST_CASE("an attribute that the version does not publish may be anything") {
  const json::Value service = posted(
      R"({"state":"active","serviceSpecification":{"id":"1"},"externalIdentifier":"abc","intent":7,"lifecycleState":[1]})",
      model::Api::service, model::Version::v4, model::Version::v5);
  CHECK(service.text_of("externalIdentifier") == "abc");
  CHECK(at(service, "/intent").integer() == 7);
}

TEST_CASE("a selection of fields keeps id and href and cuts within attributes") {
  const auto record = record_of(samples()[0].text, model::Api::service, model::Version::v4);
  const auto emitted = [&](std::vector<std::vector<std::string>> paths, model::Version version) {
    constexpr std::string_view always[] = {"id", "href"};
    FieldSelection selection = FieldSelection::only(always);
    for (std::vector<std::string>& path : paths)
      selection.add(std::move(path));
    std::string text;
    emit(*record, version, links("b"), &selection, text);
    return text;
  };
  const std::string id = "11111111-2222-4333-8444-555555555555";
  const std::string start = R"({"id":")" + id + R"(","href":"b/service/)" + id + '"';
  CHECK(emitted({{"name"}, {"state"}}, model::Version::v4) ==
        start + R"(,"name":"internet access 17","state":"active"})");
  CHECK(emitted({}, model::Version::v4) == start + "}");
  CHECK(emitted({}, model::Version::v5) == start + R"(,"@type":"Service"})");
  CHECK(emitted({{"note", "author"}}, model::Version::v4) ==
        start + R"(,"note":[{"author":"ops"},{}]})");
}

TEST_CASE("indexes see states, names, types and characteristics") {
  struct Sink final : graph::IndexSink {
    void add(std::string_view key) override { keys.emplace_back(key); }
    std::vector<std::string> keys;
  };
  const graph::Schema& schema = model::inventory_schema();
  const auto record = record_of(samples()[1].text, model::Api::service, model::Version::v5);
  const auto keys = [&](const char* index) {
    Sink sink;
    schema.index(index)->keys(*record, schema.dictionary(), sink);
    return sink.keys;
  };
  CHECK(keys("state") == std::vector<std::string>{model::key_of_text("suspended", Reading::text)});
  CHECK(keys("@type") == std::vector<std::string>{model::key_of_text("Service", Reading::text)});
  CHECK(keys("serviceDate") ==
        std::vector<std::string>{model::key_of_text("2023-01-02T03:04:05.006Z", Reading::instant)});
  CHECK(keys("externalIdentifier.id") ==
        std::vector<std::string>{model::key_of_text("X1", Reading::text)});
  CHECK(keys("characteristic") ==
        std::vector<std::string>{model::characteristic_key("number", "0401 555 010")});
}

TEST_CASE("what stands in a list of words is a word") {
  for (const char* item : {"null", "\"loud\"", "7"}) {
    CAPTURE(item);
    const std::string list =
        R"({"@type":"Resource","name":"r","alarmStatus":["minor",)" + std::string(item) + "]}";
    for (const model::Version version : {model::Version::v4, model::Version::v5})
      CHECK(refused(list, model::Api::resource, version) ==
            std::vector<std::string>{"/alarmStatus/1"});
  }
}
