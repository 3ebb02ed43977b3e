// The neighbours' entities by the same table: each comes back field for field, and as it was out of
// an export.
#include "tmf/decode.h"
#include "tmf/emit.h"
#include "tmf/import_line.h"
#include "tmf/patch.h"
#include "tmf/same_content.h"

#include "testing/test_documents.h"

#include <doctest/doctest.h>
#include <string>

using namespace diffo;
using namespace diffo::tmf;
using model::Api;
using model::Version;
using testing::parsed;

namespace {

struct Example {
  Api api;
  Version version;
  const char* text; ///< with all that the server would supply
};

constexpr Example examples[] = {
    {Api::individual, Version::v4,
     R"({"id":"i","familyName":"Doe","givenName":"J","status":"deceaded","birthDate":"1967-09-26","disability":[{},{"x":[1.50,null]}],
         "relatedParty":[{"id":"o","role":"r","@referredType":"Organization"},{"role":"only"}],"more":{"a":[]},
         "partyCharacteristic":[{"name":"n","value":{"deep":[1]}}]})"},
    {Api::individual, Version::v5,
     R"({"@type":"Individual","id":"i","familyName":"Doe","givenName":"J","status":"deceased",
         "relatedParty":[{"@type":"RelatedPartyOrPartyRole","role":"r","partyOrPartyRole":{"@type":"PartyRef","id":"o","href":"h"}}]})"},
    {Api::organization, Version::v4,
     R"({"id":"o","tradingName":"T","status":"closed","existsDuring":{"startDateTime":"2020"}})"},
    {Api::organization, Version::v5,
     R"({"@type":"Organization","id":"o","name":"T","isHeadOffice":true})"},
    {Api::service_specification, Version::v4,
     R"({"id":"s","@type":"X","name":"n","isBundle":true,"lifecycleStatus":"Active","lastUpdate":"2020-01-01T00:00:00Z",
         "specCharacteristic":[{"name":"a","characteristicValueSpecification":[{"value":null}]}],"relatedParty":[{"id":"p"}]})"},
    {Api::service_catalog, Version::v4,
     R"({"id":"c","@type":"X","name":"n","lifecycleStatus":"A","lastUpdate":"never","category":[{"id":"1"}]})"},
    {Api::service_category, Version::v4,
     R"({"id":"c","@type":"X","name":"n","lifecycleStatus":"A","lastUpdate":"never","isRoot":false})"},
    {Api::service_candidate, Version::v4,
     R"({"id":"c","@type":"X","name":"n","lifecycleStatus":"A","lastUpdate":"never","serviceSpecification":{"id":"s"}})"},
    {Api::resource_specification, Version::v5,
     R"({"@type":"PhysicalResourceSpecification","id":"s","name":"n","vendor":"v","isBundle":true,"lifecycleStatus":"A","lastUpdate":"never"})"},
    {Api::resource_catalog, Version::v5,
     R"({"@type":"R","id":"c","name":"n","lifecycleStatus":"A","lastUpdate":"never","catalogType":"t"})"},
    {Api::resource_category, Version::v4,
     R"({"@type":"R","id":"c","name":"n","lifecycleStatus":"A","lastUpdate":"never","parentId":"t"})"},
    {Api::resource_candidate, Version::v5,
     R"({"@type":"R","id":"c","name":"n","lifecycleStatus":"A","lastUpdate":"never","resourceSpecification":{"id":"s","@type":"ResourceSpecificationRef"}})"},
    {Api::geographic_address, Version::v4,
     R"({"id":"a","streetName":"s","geographicSubAddress":[{"id":"1","subUnit":[{}]}],"name":"x"})"},
    {Api::geographic_site, Version::v4,
     R"({"id":"g","place":[{"id":"a","role":"r"},{"@type":"GeographicPoint","x":1,"id":"v"}],"calendar":[{"hourPeriod":[{"startHour":"1"}]}]})"},
    {Api::geographic_location, Version::v4,
     R"({"id":"l","@type":"GeoJsonPoint","bbox":[1,2,3,4],"geoJson":{"type":"Point","coordinates":[1.50,2]}})"},
};

graph::RecordRef record_of(const Example& example) {
  return testing::record_of_document(parsed(example.text), example.api, example.version);
}

} // namespace

TEST_CASE("what was given comes back field for field in its version") {
  for (const Example& example : examples) {
    CAPTURE(example.text);
    json::Value shown =
        document_of(*record_of(example), example.version, {.schema = testing::inventory()});
    shown.object().erase("href");
    CHECK(json::to_text(shown).size() > 2);
    CHECK(shown == parsed(example.text));
  }
}

TEST_CASE("an export brings back the same record, and writing back what is shown changes nothing") {
  for (const Example& example : examples) {
    CAPTURE(example.text);
    const graph::RecordRef record = record_of(example);
    std::string line;
    export_line(*record, testing::inventory(), line);
    const auto again =
        decode_import_line(parsed(line), std::nullopt, testing::inventory(), testing::context());
    REQUIRE_MESSAGE(again.has_value(), again.error().text());
    CHECK(again->key.family == model::family_of(example.api));
    const graph::RecordRef second = testing::packed(*again);
    CHECK(same_content(*record, *second, testing::inventory()));
    for (const Version version : {Version::v4, Version::v5}) {
      const json::Value shown = document_of(*record, version, {.schema = testing::inventory()});
      const auto patched = patch(*record, shown, PatchKind::merge, example.api, version,
                                 {.schema = testing::inventory()});
      REQUIRE_MESSAGE(patched.has_value(), patched.error().text());
      CHECK_FALSE(patched->has_value());
    }
  }
}

TEST_CASE("each collection has its own path, and a link to it the one of the version asked for") {
  Referenced referenced;
  referenced.add(model::family_party, "o/1", Api::organization);
  referenced.add(model::family_place, "g", Api::geographic_site);
  CHECK(referenced.href_of(model::family_party, "o/1", Version::v4, "http://h") ==
        "http://h/tmf-api/party/v4/organization/o%2F1");
  CHECK(referenced.href_of(model::family_party, "o/1", Version::v5, "http://h") ==
        "http://h/tmf-api/partyManagement/v5/organization/o%2F1");
  CHECK(referenced.href_of(model::family_place, "g", Version::v5, "") ==
        "/tmf-api/geographicSiteManagement/v4/geographicSite/g");
  CHECK_FALSE(referenced.href_of(model::family_place, "o/1", Version::v4, "").has_value());
}

namespace {

json::Value as_shown(const graph::Record& record, Version version) {
  return document_of(record, version, {.schema = testing::inventory()});
}

/// What a merge patch in the version makes of a record.
graph::RecordRef merged(const graph::Record& record, Version version, const char* patch_text) {
  auto draft = patch(record, parsed(patch_text), PatchKind::merge, Api::organization, version,
                     {.schema = testing::inventory()});
  REQUIRE_MESSAGE(draft.has_value(), draft.error().text());
  REQUIRE(draft->has_value());
  return testing::packed(**draft);
}

} // namespace

TEST_CASE(
    "of the two names of an organization one stands in for the other that a version demands") {
  const graph::RecordRef older =
      testing::record_of(R"({"id":"o","tradingName":"T"})", Api::organization, Version::v4);
  CHECK(as_shown(*older, Version::v5).text_of("name") == "T");
  CHECK_FALSE(as_shown(*older, Version::v4).object().contains("name"));
  const graph::RecordRef newer = testing::record_of(
      R"({"@type":"Organization","id":"o","name":"N"})", Api::organization, Version::v5);
  CHECK(as_shown(*newer, Version::v4).text_of("tradingName") == "N");
  CHECK_FALSE(as_shown(*newer, Version::v5).object().contains("tradingName"));
  CHECK_FALSE(export_document(*older, testing::inventory()).object().contains("name"));

  const graph::RecordRef renamed = merged(*older, Version::v5, R"({"tradingName":"U"})");
  CHECK(as_shown(*renamed, Version::v5).text_of("name") == "U");
  CHECK_FALSE(as_shown(*renamed, Version::v4).object().contains("name"));
  const graph::RecordRef named = merged(*older, Version::v5, R"({"name":"N"})");
  CHECK(as_shown(*named, Version::v4).text_of("name") == "N");
  CHECK(as_shown(*named, Version::v4).text_of("tradingName") == "T");
}

TEST_CASE("what stands in is said by who takes away what it is made of") {
  const graph::RecordRef older =
      testing::record_of(R"({"id":"o","tradingName":"T"})", Api::organization, Version::v4);
  const graph::RecordRef left = merged(*older, Version::v5, R"({"tradingName":null})");
  CHECK(as_shown(*left, Version::v5).text_of("name") == "T");
  CHECK_FALSE(as_shown(*left, Version::v5).object().contains("tradingName"));
}
