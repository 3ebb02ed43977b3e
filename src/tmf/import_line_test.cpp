#include "tmf/import_line.h"

#include "testing/test_documents.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::tmf;
using namespace diffo::testing;

TEST_CASE("an export brings back the same record, whichever version it came in") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.name);
    const auto record = record_of(sample.text, sample.api, sample.version);
    const auto draft = decode_import_line(export_document(*record, inventory()), std::nullopt,
                                          inventory(), context());
    REQUIRE_MESSAGE(draft.has_value(), draft.error().text());
    const auto again = packed(*draft);
    CHECK(same_content(*record, *again, inventory()));
    CHECK(again->id() == record->id());
    for (const model::Version version : {model::Version::v4, model::Version::v5})
      CHECK(same_text(shown(*record, version), shown(*again, version)));
  }
}

TEST_CASE("an export brings back what one version was given in the form of the other") {
  const char* given[] = {
      R"({"name":"n","place":{"@type":"RelatedPlaceRefOrValue","role":"r",
          "place":{"@type":"GeographicSiteRef","id":"b"}}})",
      R"({"name":"n","places":[{"role":"r","place":{"id":"b"}},{"role":"s","id":"c","@type":"GeographicSite"}]})",
      R"({"name":"n","relatedParty":[{"@type":"x","role":"s","partyOrPartyRole":{"@type":"OrganizationRef","id":"b"}}]})",
      R"({"name":"n","resourceRelationship":[{"relationshipType":"uses","id":"b","@type":"y"}]})",
      R"({"name":"n","attachment":[{"id":"c"},{}],"note":[{"text":"t"}]})"};
  for (const char* document : given) {
    CAPTURE(document);
    const auto record = record_of(document, model::Api::resource, model::Version::v4);
    const auto again = decode_import_line(export_document(*record, inventory()), std::nullopt,
                                          inventory(), context());
    REQUIRE_MESSAGE(again.has_value(), again.error().text());
    CHECK(same_content(*record, *packed(*again), inventory()));
    for (const model::Version version : {model::Version::v4, model::Version::v5})
      CHECK(same_text(shown(*record, version), shown(*packed(*again), version)));
  }
}

TEST_CASE("internal states and what is expected survive an export") {
  auto draft =
      *decode(parsed(R"({"@type":"Service","state":"cancelled","operatingStatus":"feasible",
                                  "serviceSpecification":{"@type":"x","id":"1"}})"),
              model::Api::service, model::Version::v5, inventory(), context());
  draft.which = graph::Which::expected;
  const auto record = packed(draft);
  const json::Value line = export_document(*record, inventory());
  CHECK(line.text_of("state") == "terminated");
  CHECK(line.text_of("internalState") == "cancelled");
  CHECK(line.text_of("internalOperatingStatus") == "feasible");
  CHECK(line.text_of("which") == "expected");
  const auto again = decode_import_line(line, std::nullopt, inventory(), context());
  REQUIRE(again.has_value());
  CHECK(same_content(*record, *packed(*again), inventory()));
}

TEST_CASE("a line without a service date says the same as the record made of it") {
  const auto draft =
      decode_import_line(parsed(R"({"id":"s","state":"active","serviceSpecification":{"id":"1"}})"),
                         std::nullopt, inventory(), context());
  REQUIRE(draft.has_value());
  // The store stamps what it takes; until then a record has no moment of creation.
  const auto fresh = graph::encode(*draft, model::inventory_schema().dictionary());
  const auto stored = packed(*draft);
  CHECK(same_content(*stored, *fresh, inventory()));
  CHECK(same_content(*fresh, *stored, inventory()));
  const auto exported = decode_import_line(export_document(*stored, inventory()), std::nullopt,
                                           inventory(), context());
  REQUIRE(exported.has_value());
  CHECK(same_content(*stored, *packed(*exported), inventory()));
  const auto other =
      decode_import_line(parsed(R"({"id":"s","state":"active","serviceSpecification":{"id":"1"},
                 "serviceDate":"2001-01-01T00:00:00.000Z"})"),
                         std::nullopt, inventory(), context());
  REQUIRE(other.has_value());
  const auto fresh_other = graph::encode(*other, model::inventory_schema().dictionary());
  CHECK_FALSE(same_content(*stored, *fresh_other, inventory()));
  CHECK(same_content(*packed(*other), *fresh, inventory()));
}

TEST_CASE("a resource that carries a service specification is exported as a resource") {
  const auto draft =
      decode_import_line(parsed(R"({"id":"r","name":"n","serviceSpecification":{"id":"1"}})"),
                         model::Api::resource, inventory(), context());
  REQUIRE(draft.has_value());
  const auto again = decode_import_line(export_document(*packed(*draft), inventory()), std::nullopt,
                                        inventory(), context());
  REQUIRE(again.has_value());
  CHECK(again->key.family == model::family_resource);
  CHECK(same_content(*packed(*draft), *packed(*again), inventory()));
}

TEST_CASE("lines of both versions are read as what they are") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.name);
    const auto draft =
        decode_import_line(parsed(sample.text), std::nullopt, inventory(), context());
    REQUIRE_MESSAGE(draft.has_value(), draft.error().text());
    CHECK(draft->key.family == model::family_of(sample.api));
    CHECK(same_content(*packed(*draft), *record_of(sample.text, sample.api, sample.version),
                       inventory()));
  }
}

TEST_CASE("a line that is neither is refused with its problems") {
  CHECK_FALSE(
      decode_import_line(parsed(R"({"@type":"Service"})"), std::nullopt, inventory(), context()));
  CHECK_FALSE(decode_import_line(parsed("7"), std::nullopt, inventory(), context()));
  CHECK_FALSE(decode_import_line(parsed(R"({"name":"x","which":"both"})"), std::nullopt,
                                 inventory(), context()));
  CHECK(decode_import_line(parsed(R"({"name":"x","serviceSpecification":{"id":"1"}})"),
                           model::Api::resource, inventory(), context()));
}
