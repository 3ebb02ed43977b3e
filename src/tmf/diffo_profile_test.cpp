#include "tmf/diffo_profile.h"

#include "graph/foreign_form.h"
#include "model/kinds.h"
#include "model/schema.h"
#include "model/words.h"
#include "testing/test_revision.h"
#include "tmf/decode.h"

#include <doctest/doctest.h>

#include <memory>

using namespace diffo;
using namespace diffo::tmf;

namespace {

constexpr std::int64_t created = 1'782'090'123'004'567; // 2026-06-22T01:02:03.004567Z

std::string shown(graph::RecordDraft draft) {
  graph::RecordRef record = graph::encode(draft, model::inventory_schema().dictionary());
  graph::stamp(record, 1, created, created);
  graph::Subgraph nothing(std::make_shared<testing::TestRevision>(model::inventory_schema()));
  std::string json;
  emit_diffo_profile(*record, nothing, {}, json);
  return json;
}

std::string profile_of(model::Api api, model::Version version, std::string_view document) {
  return shown(decode(json::read(document).value(), api, version, model::inventory_schema(),
                      graph::Context{})
                   .value());
}

} // namespace

TEST_CASE("a fresh service shows its identity, specification, date and internal state") {
  CHECK(profile_of(model::Api::service, model::Version::v4,
                   R"({"id":"P","state":"designed","serviceSpecification":{"id":"SP",
                       "name":"siteConnection","version":"v1.0.0"}})") ==
        R"({"id":"P","href":"serviceInventoryManagement/v4/service/P",)"
        R"("serviceSpecification":{"id":"SP",)"
        R"("href":"serviceCatalogManagement/v4/serviceSpecification/SP",)"
        R"("name":"siteConnection","version":"v1.0.0"},)"
        R"("serviceDate":"2026-06-22T01:02:03.004Z","state":"initial"})");
}

TEST_CASE("a composed service has the keys, the order and the renames of the reference") {
  // profile.md §2, given as TMF638 v4.
  const std::string shown = profile_of(model::Api::service, model::Version::v4, R"({
    "id":"P","state":"active","operatingStatus":"starting","category":"connectivity",
    "description":"Site Connection Service","name":"Westfield Doncaster L2.E16",
    "startDate":"2026-06-22T01:05:00.120456Z",
    "serviceSpecification":{"id":"SP","name":"siteConnection","version":"v1.0.0"},
    "externalIdentifier":[{"externalIdentifierType":"siteId","id":"ANS020000023234",
                           "owner":"T3_ADAPTIVE_NETWORKS"}],
    "processStatus":[{"code":"CPEDEV-1001","severity":"INFO","message":"device discovered",
                      "timeStamp":"2026-06-22T01:03:00.000Z"},
                     {"code":"CPEDEV-1002","severity":"WARN","message":"device unmanagable",
                      "timeStamp":"2026-06-22T01:04:00.000Z"}],
    "serviceRelationship":[{"relationshipType":"bestows","alias":"primary","service":{"id":"C"},
       "serviceRelationshipCharacteristic":[{"name":"role","value":"gateway"}]}],
    "resourceRelationship":[{"relationshipType":"isAssigned","alias":"can","resource":{"id":"R"}}],
    "feature":[{"id":"f","name":"management",
                "featureCharacteristic":[{"name":"device","value":"epic1000a"}]}],
    "serviceCharacteristic":[{"name":"ports","value":[1,2]},{"name":"device","value":"managed"}],
    "place":[{"id":"LOC000000897353","href":"place/nbnco/LOC000000897353","name":"locationId",
              "role":"CustomerSite","@referredType":"GeographicAddress","@type":"PlaceRef"}],
    "relatedParty":[{"id":"T3_CONNECTIVITY","role":"Provider","@referredType":"Entity"},
                    {"id":"T3_ADAPTIVE_NETWORKS","role":"Consumer","@referredType":"Entity"}],
    "note":[{"text":"never shown","author":"x","date":"2026-06-22T01:02:03Z"}]})");
  CHECK(
      shown ==
      R"({"id":"P","href":"serviceInventoryManagement/v4/service/P","category":"connectivity",)"
      R"("description":"Site Connection Service","name":"Westfield Doncaster L2.E16",)"
      R"("externalIdentifier":[{"externalIdentifierType":"siteId","id":"ANS020000023234",)"
      R"("owner":"T3_ADAPTIVE_NETWORKS"}],)"
      R"("serviceSpecification":{"id":"SP","href":"serviceCatalogManagement/v4/serviceSpecification/SP",)"
      R"("name":"siteConnection","version":"v1.0.0"},)"
      R"("serviceDate":"2026-06-22T01:02:03.004Z","startDate":"2026-06-22T01:05:00.120Z",)"
      R"("state":"active","operatingStatus":"starting",)"
      R"("processStatus":[{"code":"CPEDEV-1002","severity":"WARN","message":"device unmanagable",)"
      R"("timeStamp":"2026-06-22T01:04:00.000Z"},)"
      R"({"code":"CPEDEV-1001","severity":"INFO","message":"device discovered",)"
      R"("timeStamp":"2026-06-22T01:03:00.000Z"}],)"
      R"("serviceRelationship":[{"alias":"primary","type":"bestows",)"
      R"("service":{"id":"C","href":"serviceInventoryManagement/v4/service/C"},)"
      R"("serviceRelationshipCharacteristic":[{"name":"role","value":"gateway"}]}],)"
      R"("resourceRelationship":[{"alias":"can","type":"isAssigned",)"
      R"("resource":{"id":"R","href":"resourceInventoryManagement/v4/resource/R"}}],)"
      R"("supportingService":[{"id":"primary","href":"serviceInventoryManagement/v4/service/C"}],)"
      R"("supportingResource":[{"id":"can","href":"resourceInventoryManagement/v4/resource/R"}],)"
      R"("feature":[{"name":"management","isEnabled":true,)"
      R"("featureCharacteristic":[{"name":"device","value":"epic1000a"}]}],)"
      R"("serviceCharacteristic":[{"name":"device","value":"managed"},{"name":"ports","values":[1,2]}],)"
      R"("place":[{"id":"LOC000000897353","href":"place/nbnco/LOC000000897353","name":"locationId",)"
      R"("role":"CustomerSite","@referredType":"GeographicAddress","@type":"PlaceRef"}],)"
      R"("relatedParty":[{"id":"T3_ADAPTIVE_NETWORKS","role":"Consumer","@referredType":"Entity",)"
      R"("@type":"PartyRef"},{"id":"T3_CONNECTIVITY","role":"Provider","@referredType":"Entity",)"
      R"("@type":"PartyRef"}]})");
}

TEST_CASE("a resource shows its axes in internal words and its v5 parties flat") {
  CHECK(
      profile_of(model::Api::resource, model::Version::v5, R"({"@type":"PhysicalResource","id":"R",
      "name":"copperPath_0001","resourceVersion":"1.2","lifecycleState":"installed",
      "administrativeState":"shuttingDown","operationalState":"enabled","usageState":"active",
      "resourceSpecification":{"@type":"ResourceSpecificationRef","id":"SR","name":"copperPath"},
      "resourceCharacteristic":[{"@type":"ObjectCharacteristic","name":"card",
                                 "value":{"family":"ISAM"}}],
      "relatedParty":[{"@type":"RelatedPartyRefOrPartyRoleRef","role":"Owner",
                       "partyOrPartyRole":{"@type":"PartyRef","id":"O","@referredType":"Entity"}}]})") ==
      R"({"id":"R","href":"resourceInventoryManagement/v4/resource/R","name":"copperPath_0001",)"
      R"("resourceSpecification":{"id":"SR",)"
      R"("href":"resourceCatalogManagement/v4/resourceSpecification/SR","name":"copperPath"},)"
      R"("resourceVersion":"1.2","lifecycleState":"installed","administrativeState":"shutdown",)"
      R"("operationalState":"enabled","usageState":"active",)"
      R"("resourceCharacteristic":[{"name":"card","value":{"family":"ISAM"}}],)"
      R"("relatedParty":[{"id":"O","role":"Owner","@referredType":"Entity","@type":"PartyRef"}]})");
}

TEST_CASE("what has no specification has no href, and what is no reference is passed over") {
  CHECK(profile_of(model::Api::resource, model::Version::v4,
                   R"({"id":"R","name":"card","place":{"role":"site"},"note":[{}],
                       "resourceCharacteristic":[{}],"activationFeature":[{}]})") ==
        R"({"id":"R","name":"card","place":[{"role":"site"}]})");
}

namespace {

graph::Element& add_characteristic(graph::Element& owner, std::string_view name,
                                   std::string_view value, graph::ForeignForm form = {}) {
  graph::Element& part = owner.children.emplace_back();
  part.kind = model::kinds::characteristic;
  part.set_field(model::words::name, name);
  part.set_field(model::words::value, json::read(value).value());
  graph::set_foreign_form(part, form);
  return part;
}

graph::RecordDraft draft_of(graph::Family family, graph::ElementKind kind) {
  graph::RecordDraft draft;
  draft.key = {0, family, "k"};
  draft.root.kind = kind;
  return draft;
}

} // namespace

TEST_CASE("characteristics whose kinds others declare stand behind the rest, as they were made") {
  graph::RecordDraft draft = draft_of(model::family_resource, model::kinds::resource);
  const graph::ForeignForm card{.labels = {"Provider", "Servo", "CardCharacteristic"}};
  add_characteristic(draft.root, "ports",
                     R"({"type":"ADSL","algorithm":"lowest","first":1,"last":2})",
                     {.labels = {"AssignableCharacteristic", "Provider"}});
  add_characteristic(draft.root, "z-card", R"({"family":"f"})", card);
  add_characteristic(draft.root, "a-card", "{}", card);
  add_characteristic(draft.root, "zone", "1");
  add_characteristic(draft.root, "area", "2");
  graph::Element feature;
  feature.kind = model::kinds::feature;
  feature.set_field(model::words::name, "f");
  add_characteristic(feature, "stored", "{}", card);
  add_characteristic(feature, "told", "[]");
  draft.root.children.push_back(feature);
  CHECK(shown(draft) ==
        R"({"id":"k","activationFeature":[{"name":"f","isEnabled":true,)"
        R"("featureCharacteristic":[{"name":"told","values":[]}]}],)"
        R"("resourceCharacteristic":[{"name":"area","value":2},{"name":"zone","value":1},)"
        R"({"name":"z-card","value":{"family":"f"}},{"name":"a-card","value":{}},)"
        R"({"name":"ports","value":{"first":1,"last":2,"type":"ADSL","algorithm":"lowest"}}]})");
}

TEST_CASE("a reference without a role says so") {
  graph::RecordDraft draft = draft_of(model::family_resource, model::kinds::resource);
  graph::Element& edge = draft.root.children.emplace_back();
  edge.kind = model::kinds::party_reference;
  edge.target = graph::Target{model::family_party, "O"};
  edge.set_field(model::words::name, "n");
  CHECK(shown(draft) == R"({"id":"k","relatedParty":[{"id":"O","name":"n","role":null}]})");
}

TEST_CASE("specifications, parties, places and entities have a form of their own") {
  auto draft = draft_of(model::family_specification, model::kinds::resource_specification);
  draft.root.set_field(model::words::name, "card");
  draft.root.set_field(model::words::number_of("version"), "v1.2.0");
  CHECK(shown(draft) ==
        R"({"id":"k","href":"resourceCatalogManagement/v4/resourceSpecification/k",)"
        R"("name":"card","version":"v1.2.0"})");
  graph::ForeignForm form;
  form.aside.set("tmfVersion", 5);
  graph::set_foreign_form(draft.root, form);
  CHECK(shown(draft).find("resourceCatalogManagement/v5/resourceSpecification/k") !=
        std::string::npos);

  draft = draft_of(model::family_party, model::kinds::organization);
  draft.root.set_field(model::words::name, "Acme");
  draft.root.set_field(model::words::type, "Organization");
  draft.root.extra = {{"isHeadOffice", false}, {"tradingName", "A"}, {"unknown", 1}};
  form = {};
  form.aside.set("href", "party/k");
  graph::set_foreign_form(draft.root, form);
  CHECK(shown(draft) == R"({"id":"k","href":"party/k","name":"Acme","@type":"Organization",)"
                        R"("tradingName":"A","isHeadOffice":false})");

  draft = draft_of(model::family_place, model::kinds::geographic_location);
  draft.root.set_field(model::words::type, "GeographicLocation");
  draft.root.extra = {{"accuracy", 5.5}};
  CHECK(shown(draft) == R"({"id":"k","@type":"GeographicLocation","accuracy":5.5})");
  draft.root.extra.push_back(
      {"geoJson",
       json::read(R"({"bbox":[1,2,1,2],"type":"Point","coordinates":[1.5,2.0]})").value()});
  CHECK(shown(draft) == R"({"id":"k","@type":"GeoJsonPoint","accuracy":5.5,)"
                        R"("@baseType":"GeographicLocation",)"
                        R"("geoJson":{"geometry":{"type":"Point","coordinates":[1.5,2.0]}}})");

  draft = draft_of(model::family_entity, model::kinds::entity);
  draft.root.set_field(model::words::type, "EntityRef");
  draft.root.set_field(model::words::referred_type, "cost");
  CHECK(shown(draft) == R"({"id":"k","@referredType":"cost","@type":"EntityRef"})");
}
