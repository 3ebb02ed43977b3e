#include "tmf/event.h"

#include "testing/test_documents.h"

#include <doctest/doctest.h>

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
  return events_of(delta, delta.changes.front(), api, version, links("http://h/base"));
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

TEST_CASE("events are called as the standard calls them") {
  CHECK(event_name(Api::resource, EventType::deletion) == "ResourceDeleteEvent");
  CHECK(listener_name(Api::service, EventType::attribute_value_change) ==
        "serviceAttributeValueChangeEvent");
  CHECK(event_types(Api::service, Version::v4).size() == 4);
  CHECK(event_types(Api::service, Version::v5).size() == 5);
  CHECK(event_types(Api::resource, Version::v5).size() == 4);
  CHECK(event_type_of("ServiceOperatingStatusChangeEvent", Api::service, Version::v5));
  CHECK_FALSE(event_type_of("ServiceOperatingStatusChangeEvent", Api::service, Version::v4));
  CHECK_FALSE(event_type_of("serviceCreateEvent", Api::service, Version::v4));
  CHECK_FALSE(event_type_of("ResourceCreateEvent", Api::service, Version::v4));
}
