// What is shown only because a version demands it is found by it (tmf.md §1.8).
#include "testing/test_inventory.h"

#include <doctest/doctest.h>

using diffo::model::Api;
using diffo::model::Version;
using diffo::query::test::TestInventory;

namespace {

struct Asked {
  Api api;
  Version version;
  std::string query;
  std::string found;
};

void check(const TestInventory& inventory, const std::vector<Asked>& all) {
  for (const Asked& one : all) {
    CAPTURE(one.query);
    CHECK(inventory.find(one.query, one.api, one.version) == one.found);
  }
}

} // namespace

TEST_CASE("a resource without a name is found by the id that v4 shows for it") {
  TestInventory inventory;
  inventory.add(Api::resource, Version::v4, R"({"id":"a","name":"b"})");
  inventory.add(Api::resource, Version::v5, R"({"@type":"Resource","id":"b"})");
  inventory.add(Api::resource, Version::v5, R"({"@type":"Resource","id":"c","description":"d"})");
  check(inventory, {{Api::resource, Version::v4, "name=b", "a b"},
                    {Api::resource, Version::v5, "name=b", "a"},
                    {Api::resource, Version::v4, "name=c", "c"},
                    {Api::resource, Version::v4, "name=a", ""},
                    {Api::resource, Version::v4, "name=a,b,c", "a b c"},
                    {Api::resource, Version::v4, "name.ne=b", "c"},
                    {Api::resource, Version::v5, "name.ne=b", ""},
                    {Api::resource, Version::v4, "name.exists=true", "a b c"},
                    {Api::resource, Version::v4, "name=null", ""},
                    {Api::resource, Version::v5, "name.exists=true", "a"},
                    {Api::resource, Version::v5, "name=null", "b c"},
                    {Api::resource, Version::v4, "name=b&description=d", ""},
                    {Api::resource, Version::v4, "filter=$[?(@.name=='c')]", "c"},
                    {Api::resource, Version::v4, "filter=$[?(@.name!='c')]", "a b"},
                    {Api::resource, Version::v4,
                     "filter=$[?(@.name=='c'%20%26%26%20@.description=='d')]", "c"},
                    // Of what is indexed, only equality (queries.md).
                    {Api::resource, Version::v4, "name.regex=^c", ""},
                    {Api::resource, Version::v4, "name.gt=a", "a"},
                    {Api::resource, Version::v4, "sort=name", "a b c"}});
}

TEST_CASE("an organization is found and sorted by the name that stands in for its other one") {
  TestInventory inventory;
  inventory.add(Api::organization, Version::v4, R"({"id":"a","tradingName":"zeta"})");
  inventory.add(Api::organization, Version::v5,
                R"({"@type":"Organization","id":"b","name":"alpha"})");
  inventory.add(Api::organization, Version::v5,
                R"({"@type":"Organization","id":"c","name":"mu","tradingName":"omega"})");
  check(inventory, {{Api::organization, Version::v5, "name=zeta", "a"},
                    {Api::organization, Version::v4, "name=zeta", ""},
                    {Api::organization, Version::v4, "tradingName=alpha", "b"},
                    {Api::organization, Version::v5, "tradingName=alpha", ""},
                    {Api::organization, Version::v4, "tradingName=mu", ""},
                    {Api::organization, Version::v4, "tradingName.regex=a$", "a b c"},
                    {Api::organization, Version::v4, "tradingName.lt=b", "b"},
                    {Api::organization, Version::v4, "tradingName.ne=alpha", "a c"},
                    {Api::organization, Version::v4, "tradingName=null", ""},
                    {Api::organization, Version::v5, "tradingName=null", "b"},
                    {Api::organization, Version::v4, "filter=$[?(@.tradingName=='alpha')]", "b"},
                    {Api::organization, Version::v5, "filter=$[?(@.name=~'^z')]", "a"},
                    {Api::organization, Version::v5, "sort=name", "b c a"},
                    {Api::organization, Version::v4, "sort=-tradingName", "a c b"}});
}

TEST_CASE("items are found by what stands in them") {
  TestInventory inventory;
  const auto add = [&](Api api, Version version, std::string member) {
    const bool service = api == Api::service;
    inventory.add(api, version,
                  "{\"@type\":\"" + std::string(service ? "Service" : "Resource") +
                      "\",\"name\":\"n\",\"state\":\"active\","
                      "\"serviceSpecification\":{\"id\":\"s\"}," +
                      member + "}");
  };
  add(Api::service, Version::v5, R"("feature":[{"@type":"Feature","name":"f"}])");
  add(Api::service, Version::v4,
      R"("feature":[{"id":"f","name":"x","featureCharacteristic":[{"name":"k","value":1}]}])");
  add(Api::service, Version::v5, R"("note":[{"@type":"Note","id":"1"}])");
  add(Api::service, Version::v4, R"("place":[{"role":"at","name":"Pier"}])");
  add(Api::service, Version::v4, R"("relatedEntity":[{"role":"of","name":"E"}])");
  check(inventory,
        {{Api::service, Version::v4, "feature.id=f", "id-0 id-1"},
         {Api::service, Version::v5, "feature.id=f", "id-1"},
         {Api::service, Version::v4, "feature.id.ne=f", ""},
         {Api::service, Version::v4, "feature.id.regex=^f", "id-0 id-1"},
         {Api::service, Version::v4, "feature.id=null", "id-2 id-3 id-4"},
         {Api::service, Version::v4, "feature.featureCharacteristic.name=isEnabled", "id-0"},
         {Api::service, Version::v4, "filter=$[?(@.feature[?(@.id=='f')])]", "id-0 id-1"},
         {Api::service, Version::v4, "note.author=", "id-2"},
         {Api::service, Version::v5, "note.author=", ""},
         {Api::service, Version::v4, "note.date=2026", "id-2"},
         {Api::service, Version::v5, "note.date=2026", ""},
         {Api::service, Version::v5, "place.place.id=Pier", "id-3"},
         {Api::service, Version::v4, "place.id=Pier", ""},
         {Api::service, Version::v5, "relatedEntity.entity.id=E", "id-4"},
         {Api::service, Version::v5, "filter=$[?(@.place[?(@.place.id=='Pier')])]", "id-3"}});
  TestInventory resources;
  resources.add(Api::resource, Version::v4,
                R"({"id":"r","name":"n","attachment":[{"name":"plan.pdf","content":"YQ=="}]})");
  resources.add(
      Api::resource, Version::v5,
      R"({"@type":"Resource","id":"t","activationFeature":[{"name":"f","featureRelationship":[{"id":"g"}]}]})");
  check(resources,
        {{Api::resource, Version::v5, "attachment.id=plan.pdf", "r"},
         {Api::resource, Version::v4, "attachment.id=plan.pdf", ""},
         {Api::resource, Version::v4, "activationFeature.featureRelationship.name=g", "t"},
         {Api::resource, Version::v5, "activationFeature.featureRelationship.name=g", ""}});
}
