#include "tmf/event.h"

#include "testing/test_documents.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace diffo;
using namespace diffo::tmf;
using namespace diffo::testing;
using model::Api;
using model::Version;

namespace {

constexpr const char* service = R"({"id":"a","name":"one","state":"active","category":"CFS",
  "operatingStatus":"running","serviceSpecification":{"id":"1"}})";
constexpr const char* resource = R"({"id":"a","name":"one","operationalState":"enable",
  "usageState":"idle","category":"card"})";

/// The sample, in the form of v4, with some members changed; null takes one away.
graph::RecordRef with(Api api, const char* changes, graph::Which which = graph::Which::actual) {
  json::Value document = parsed(api == Api::service ? service : resource);
  json::merge_patch(document, parsed(changes));
  graph::RecordDraft draft =
      decode(std::move(document), api, Version::v4, inventory(), context()).value();
  draft.which = which;
  draft.created_at = 1;
  return graph::encode(draft, inventory().dictionary());
}

graph::Delta commit_of(Api api, graph::RecordRef before, graph::RecordRef after) {
  graph::Delta delta;
  delta.sequence = 7;
  delta.time = 1'782'090'123'004'005;
  delta.cause = "PATCH /x";
  const graph::Family family = api == Api::service ? model::family_service : model::family_resource;
  delta.changes.push_back({{0, family, "a"}, std::move(before), std::move(after)});
  return delta;
}

std::vector<Event> events(const graph::Delta& delta, Api api, Version version) {
  return events_of(delta, delta.changes.front(), {model::row_of(api).publication, version},
                   links("http://h/base"));
}

std::string names(const std::vector<Event>& events) {
  std::string all;
  for (const Event& event : events)
    all.append(all.empty() ? "" : " ").append(json::Value(event.document).text_of("eventType"));
  return all;
}

struct Case {
  const char* what;
  Api api;
  const char* change;
  const char* in_v4;
  const char* in_v5;
};

} // namespace

TEST_CASE("what changes tells which events there are") {
  const std::vector<Case> table{
      {"nothing", Api::service, "{}", "", ""},
      {"an attribute", Api::service, R"({"name":"two"})", "ServiceAttributeValueChangeEvent",
       "ServiceAttributeValueChangeEvent"},
      {"an attribute that goes", Api::service, R"({"category":null})",
       "ServiceAttributeValueChangeEvent", "ServiceAttributeValueChangeEvent"},
      {"a state", Api::service, R"({"state":"terminated"})", "ServiceStateChangeEvent",
       "ServiceStateChangeEvent"},
      {"a state that v4 does not tell from the one before", Api::service,
       R"({"state":"suspended"})", "ServiceStateChangeEvent", "ServiceStateChangeEvent"},
      {"an operating status", Api::service, R"({"operatingStatus":"failed"})",
       "ServiceAttributeValueChangeEvent", "ServiceOperatingStatusChangeEvent"},
      {"a state and an attribute", Api::service, R"({"state":"terminated","name":"two"})",
       "ServiceStateChangeEvent ServiceAttributeValueChangeEvent",
       "ServiceStateChangeEvent ServiceAttributeValueChangeEvent"},
      {"all at once", Api::service,
       R"({"state":"terminated","name":"two","operatingStatus":"stopped"})",
       "ServiceStateChangeEvent ServiceAttributeValueChangeEvent",
       "ServiceStateChangeEvent ServiceOperatingStatusChangeEvent "
       "ServiceAttributeValueChangeEvent"},
      {"an attribute of a resource", Api::resource, R"({"category":"slot"})",
       "ResourceAttributeValueChangeEvent", "ResourceAttributeValueChangeEvent"},
      {"its administrative state", Api::resource, R"({"administrativeState":"locked"})",
       "ResourceStateChangeEvent", "ResourceStateChangeEvent"},
      {"its operational state", Api::resource, R"({"operationalState":"disable"})",
       "ResourceStateChangeEvent", "ResourceStateChangeEvent"},
      {"its usage state", Api::resource, R"({"usageState":"busy"})", "ResourceStateChangeEvent",
       "ResourceStateChangeEvent"},
      {"its status", Api::resource, R"({"resourceStatus":"alarm"})", "ResourceStateChangeEvent",
       "ResourceStateChangeEvent"},
      {"its lifecycle", Api::resource, R"({"lifecycleState":"installed"})",
       "ResourceStateChangeEvent", "ResourceStateChangeEvent"},
      {"a state and an attribute of a resource", Api::resource,
       R"({"usageState":"busy","category":"slot"})",
       "ResourceStateChangeEvent ResourceAttributeValueChangeEvent",
       "ResourceStateChangeEvent ResourceAttributeValueChangeEvent"},
  };
  for (const Case& one : table) {
    CAPTURE(one.what);
    const graph::Delta delta = commit_of(one.api, with(one.api, "{}"), with(one.api, one.change));
    CHECK(names(events(delta, one.api, Version::v4)) == one.in_v4);
    CHECK(names(events(delta, one.api, Version::v5)) == one.in_v5);
    const Api other = one.api == Api::service ? Api::resource : Api::service;
    CHECK(events(delta, other, Version::v5).empty());
  }
}

TEST_CASE("what comes and goes raises an event, and what is only expected none") {
  const auto actual = with(Api::service, "{}");
  const auto expected = with(Api::service, R"({"name":"e"})", graph::Which::expected);
  const auto told = [](graph::RecordRef before, graph::RecordRef after) {
    return names(events(commit_of(Api::service, std::move(before), std::move(after)), Api::service,
                        Version::v5));
  };
  CHECK(told({}, actual) == "ServiceCreateEvent");
  CHECK(told(actual, {}) == "ServiceDeleteEvent");
  CHECK(told({}, expected).empty());
  CHECK(told(expected, with(Api::service, "{}", graph::Which::expected)).empty());
  CHECK(told(expected, {}).empty());
  CHECK(told(expected, actual) == "ServiceCreateEvent");
  CHECK(told(actual, expected) == "ServiceDeleteEvent");
}

TEST_CASE("the envelope is the version's, with what changed beside the entity") {
  const graph::Delta delta =
      commit_of(Api::service, with(Api::service, "{}"),
                with(Api::service, R"({"name":"two","category":null,"description":"d"})"));
  const json::Value v4 = events(delta, Api::service, Version::v4).at(0).document;
  const std::string id(v4.text_of("eventId"));
  CHECK(v4.text_of("eventTime") == "2026-06-22T01:02:03.004Z");
  CHECK(v4.text_of("timeOcurred") == v4.text_of("eventTime"));
  CHECK(v4.text_of("fieldPath") == "name,description,category");
  CHECK(v4.text_of("correlationId") == "PATCH /x");
  CHECK(v4.find("@type") == nullptr);
  CHECK(v4.find("timeOccurred") == nullptr);
  CHECK(*v4.find("@sequence") == json::Value(7));
  const json::Value& payload = *v4.find("event");
  CHECK(payload.find("service")->text_of("name") == "two");
  CHECK(payload.find("service")->text_of("href") == "http://h/base/service/a");
  CHECK(json::to_text(*payload.find("@before")) == R"({"name":"one","category":"CFS"})");
  CHECK(json::to_text(*payload.find("@changed")) == R"(["name","description","category"])");

  const json::Value v5 = events(delta, Api::service, Version::v5).at(0).document;
  CHECK(v5.text_of("@type") == "ServiceAttributeValueChangeEvent");
  CHECK(v5.text_of("eventId") == id);
  CHECK(v5.text_of("id") == id);
  CHECK(v5.text_of("timeOccurred") == v5.text_of("eventTime"));
  CHECK(v5.find("fieldPath") == nullptr);
  CHECK(v5.find("source")->text_of("@type") == "EntityRef");
  CHECK(v5.find("source")->text_of("id") == "a");
  CHECK(v5.find("reportingSystem")->text_of("id") == "diffo");
  CHECK(v5.find("event")->find("service")->find("serviceSpecification")->text_of("@type") ==
        "ServiceSpecificationRef");

  const graph::Delta gone = commit_of(Api::service, with(Api::service, "{}"), {});
  const json::Value deleted = events(gone, Api::service, Version::v4).at(0).document;
  CHECK(deleted.find("event")->find("service")->text_of("name") == "one");
  CHECK(deleted.find("event")->find("@before") == nullptr);
}

TEST_CASE("an envelope has what its version is said to have") {
  const graph::Delta delta =
      commit_of(Api::service, with(Api::service, "{}"),
                with(Api::service, R"({"name":"two","state":"terminated"})"));
  for (const Version version : {Version::v4, Version::v5}) {
    const auto known = envelope_members(version);
    for (const Event& event : events(delta, Api::service, version))
      for (const json::Member& member : event.document) {
        CAPTURE(member.name);
        CHECK(std::find(known.begin(), known.end(), member.name) != known.end());
      }
  }
}

TEST_CASE("an event has an id of its own, and keeps it") {
  const graph::Delta delta =
      commit_of(Api::service, with(Api::service, "{}"),
                with(Api::service, R"({"name":"two","state":"terminated"})"));
  std::set<std::string> ids;
  const auto note = [&ids](const std::vector<Event>& all) {
    for (const Event& event : all)
      ids.emplace(json::Value(event.document).text_of("eventId"));
  };
  note(events(delta, Api::service, Version::v4));
  CHECK(ids.size() == 2);
  note(events(delta, Api::service, Version::v5));
  CHECK(ids.size() == 2);
  graph::Delta later = delta;
  later.sequence = 8;
  note(events(later, Api::service, Version::v4));
  CHECK(ids.size() == 4);
}

TEST_CASE("an event's id tells which commit made it") {
  const graph::Delta delta = commit_of(Api::service, {}, with(Api::service, "{}"));
  const std::string id(
      json::Value(events(delta, Api::service, Version::v4).at(0).document).text_of("eventId"));
  CHECK(commit_of_event(id) == delta.sequence);
  CHECK_FALSE(commit_of_event("none"));
  CHECK_FALSE(commit_of_event("3c7f6e60-9d2c-4d1e-8c35-51f0a4c1b701")); // of version 4
}

TEST_CASE("events are called as the standard calls them") {
  const auto names_in = [](std::uint16_t publication, Version version) {
    std::string all;
    for (const EventKind kind : event_kinds({publication, version})) {
      const std::string name = event_name(kind, version);
      all.append(all.empty() ? "" : " ").append(name);
      CHECK(event_kind_of(name, {publication, version}) == kind);
      CHECK(event_kind_of(name, {EventScope::all, version}) == kind);
    }
    return all;
  };
  struct Case {
    std::uint16_t publication;
    Version version;
    const char* names;
  };
  // The listeners in the published documents, but for those of jobs, validations and batches.
  for (const Case& one : std::vector<Case>{
           {632, Version::v4,
            "IndividualCreateEvent IndividualAttributeValueChangeEvent IndividualStateChangeEvent "
            "IndividualDeleteEvent OrganizationCreateEvent OrganizationAttributeValueChangeEvent "
            "OrganizationStateChangeEvent OrganizationDeleteEvent"},
           {633, Version::v4,
            "ServiceSpecificationCreateEvent ServiceSpecificationChangeEvent "
            "ServiceSpecificationDeleteEvent ServiceCatalogCreateEvent ServiceCatalogChangeEvent "
            "ServiceCatalogDeleteEvent ServiceCategoryCreateEvent ServiceCategoryChangeEvent "
            "ServiceCategoryDeleteEvent ServiceCandidateCreateEvent ServiceCandidateChangeEvent "
            "ServiceCandidateDeleteEvent"},
           {634, Version::v5,
            "ResourceSpecificationCreateEvent ResourceSpecificationAttributeValueChangeEvent "
            "ResourceSpecificationStatusChangeEvent ResourceSpecificationDeleteEvent "
            "ResourceCatalogCreateEvent ResourceCatalogAttributeValueChangeEvent "
            "ResourceCatalogStatusChangeEvent ResourceCatalogDeleteEvent "
            "ResourceCategoryCreateEvent ResourceCategoryAttributeValueChangeEvent "
            "ResourceCategoryStatusChangeEvent ResourceCategoryDeleteEvent "
            "ResourceCandidateCreateEvent ResourceCandidateAttributeValueChangeEvent "
            "ResourceCandidateStatusChangeEvent ResourceCandidateDeleteEvent"},
           {638, Version::v4,
            "ServiceCreateEvent ServiceAttributeValueChangeEvent ServiceStateChangeEvent "
            "ServiceDeleteEvent"},
           {638, Version::v5,
            "ServiceCreateEvent ServiceAttributeValueChangeEvent ServiceStateChangeEvent "
            "ServiceOperatingStatusChangeEvent ServiceDeleteEvent"},
           {639, Version::v5,
            "ResourceCreateEvent ResourceAttributeValueChangeEvent ResourceStateChangeEvent "
            "ResourceDeleteEvent"},
           {673, Version::v4,
            "GeographicAddressCreateEvent GeographicAddressAttributeValueChangeEvent "
            "GeographicAddressDeleteEvent"},
           {674, Version::v4,
            "GeographicSiteCreateEvent GeographicSiteAttributeValueChangeEvent "
            "GeographicSiteStatusChangeEvent GeographicSiteDeleteEvent"},
           {675, Version::v4,
            "GeographicLocationCreateEvent GeographicLocationAttributeValueChangeEvent "
            "GeographicLocationDeleteEvent"},
           {688, Version::v4, "TopicCreateEvent TopicChangeEvent TopicDeleteEvent"}}) {
    CAPTURE(one.publication);
    CHECK(names_in(one.publication, one.version) == one.names);
  }
  CHECK(listener_name({Api::service, EventType::attribute_value_change}, Version::v4) ==
        "serviceAttributeValueChangeEvent");
  CHECK_FALSE(event_kind_of("ServiceOperatingStatusChangeEvent", {638, Version::v4}));
  CHECK_FALSE(event_kind_of("serviceCreateEvent", {638, Version::v4}));
  CHECK_FALSE(event_kind_of("ResourceCreateEvent", {638, Version::v4}));
}

TEST_CASE("events of neighbours are theirs") {
  struct Case {
    const char* what;
    Api api;
    Version version;
    const char* before;
    const char* after;
    const char* names;
  };
  for (
      const Case& one : std::vector<Case>{
          {"a status of a person", Api::individual, Version::v4,
           R"({"id":"a","familyName":"B","givenName":"C"})",
           R"({"id":"a","familyName":"B","givenName":"C","status":"validated"})",
           "IndividualStateChangeEvent"},
          {"a name", Api::organization, Version::v5,
           R"({"id":"a","@type":"Organization","name":"n"})",
           R"({"id":"a","@type":"Organization","name":"m"})",
           "OrganizationAttributeValueChangeEvent"},
          {"the status of a specification in v4", Api::resource_specification, Version::v4,
           R"({"id":"a","name":"n","lifecycleStatus":"Active"})",
           R"({"id":"a","name":"n","lifecycleStatus":"Retired"})",
           "ResourceSpecificationChangeEvent"},
          {"the same in v5, where it was not changed in another way", Api::resource_specification,
           Version::v5,
           R"({"id":"a","@type":"ResourceSpecification","name":"n","lifecycleStatus":"Active","lastUpdate":"2026-01-01T00:00:00.000Z"})",
           R"({"id":"a","@type":"ResourceSpecification","name":"n","lifecycleStatus":"Retired","lastUpdate":"2026-01-02T00:00:00.000Z"})",
           "ResourceSpecificationStatusChangeEvent"},
          {"the moment of its change alone", Api::resource_specification, Version::v5,
           R"({"id":"a","@type":"ResourceSpecification","name":"n","lastUpdate":"2026-01-01T00:00:00.000Z"})",
           R"({"id":"a","@type":"ResourceSpecification","name":"n","lastUpdate":"2026-01-02T00:00:00.000Z"})",
           "ResourceSpecificationAttributeValueChangeEvent"},
          {"a site", Api::geographic_site, Version::v4, R"({"id":"a","status":"planned"})",
           R"({"id":"a","status":"built","name":"x"})",
           "GeographicSiteStatusChangeEvent GeographicSiteAttributeValueChangeEvent"},
          {"a topic", Api::topic, Version::v4, R"({"id":"a","name":"x"})",
           R"({"id":"a","name":"y"})", "TopicChangeEvent"}}) {
    CAPTURE(one.what);
    const auto record = [&one](const char* text) {
      graph::RecordDraft draft =
          decode(parsed(text), one.api, one.version, inventory(), context()).value();
      draft.created_at = 1;
      return graph::encode(draft, inventory().dictionary());
    };
    graph::Delta delta;
    delta.sequence = 7;
    delta.changes.push_back(
        {{0, model::family_of(one.api), "a"}, record(one.before), record(one.after)});
    const auto told = [&](std::uint16_t publication) {
      return events_of(delta, delta.changes.front(), {publication, one.version},
                       {.schema = inventory(), .api_base = "http://h/base", .origin = "http://h"});
    };
    CHECK(names(told(model::row_of(one.api).publication)) == one.names);
    CHECK(names(told(EventScope::all)) == one.names);
    CHECK(told(638).empty());
    const json::Value event = told(EventScope::all).at(0).document;
    const json::Value* entity = event.find("event")->find(model::collection_of(one.api));
    REQUIRE(entity != nullptr);
    CHECK(entity->text_of("href") == "http://h" + base_path_of(one.api, one.version) + '/' +
                                         std::string(model::collection_of(one.api)) + "/a");
  }
}
