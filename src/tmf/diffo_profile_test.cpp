#include "tmf/diffo_profile.h"

#include "model/schema.h"
#include "testing/test_revision.h"
#include "tmf/decode.h"

#include <doctest/doctest.h>

#include <memory>

using namespace diffo;
using namespace diffo::tmf;

namespace {

constexpr std::int64_t created = 1'782'090'123'004'567; // 2026-06-22T01:02:03.004567Z

std::string profile_of(model::Api api, model::Version version, std::string_view document) {
  const auto draft = decode(json::read(document).value(), api, version, model::inventory_schema(),
                            graph::Context{})
                         .value();
  graph::RecordRef record = graph::encode(draft, model::inventory_schema().dictionary());
  graph::stamp(record, 1, created, created);
  graph::Subgraph nothing(std::make_shared<testing::TestRevision>(model::inventory_schema()));
  std::string json;
  emit_diffo_profile(*record, nothing, {}, json);
  return json;
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
