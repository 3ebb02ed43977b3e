#include "server/hub/event_filter.h"

#include "testing/test_documents.h"

#include <doctest/doctest.h>

#include <string>

using namespace diffo;
using namespace diffo::server;
using diffo::testing::parsed;
using model::Api;
using model::Version;
using tmf::EventType;

namespace {

constexpr tmf::EventScope services{638, Version::v5};
constexpr tmf::EventScope resources{639, Version::v5};

EventFilter filter(const std::string& query, const tmf::EventScope& scope = services) {
  auto made = EventFilter::parse(query, scope);
  REQUIRE_MESSAGE(made, made.error().text());
  return *std::move(made);
}

const char* const event = R"({"@type":"ServiceStateChangeEvent","eventId":"e",
  "eventTime":"2026-06-22T01:02:03.004Z","eventType":"ServiceStateChangeEvent","@sequence":7,
  "title":"t","event":{"service":{"id":"a","href":"h","@type":"Service","state":"active","name":"n",
  "place":[{"@type":"P","role":"r","name":"x"}]},"@before":{"state":"designed"}}})";

} // namespace

TEST_CASE("a query takes events by what stands in them") {
  struct Case {
    const char* query;
    bool takes;
  };
  for (const Case& one : {Case{"", true},
                          {"?", true},
                          {"event.service.state=active", true},
                          {"?event.service.state=active&event.service.name=n", true},
                          {"event.service.state=terminated", false},
                          {"event.service.state=active&event.service.name=m", false},
                          {"event.@before.state=designed", true},
                          {"event.service.place.role=r", true},
                          {"eventTime.gte=2026-06", true},
                          {"eventTime.lt=2026-06", false},
                          {"eventType.regex=State", true},
                          {"%40sequence.gt=6", true},
                          {"fields=event.service.name&event.service.state=active", true}}) {
    CAPTURE(one.query);
    CHECK(filter(one.query).takes(parsed(event)) == one.takes);
  }
}

TEST_CASE("the types that a query names are known before an event is made") {
  const EventFilter all = filter("");
  CHECK(all.takes({Api::service, EventType::operating_status_change}));
  CHECK_FALSE(
      filter("", {638, Version::v4}).takes({Api::service, EventType::operating_status_change}));
  const EventFilter two = filter("eventType=ServiceCreateEvent,ServiceDeleteEvent");
  CHECK(two.takes({Api::service, EventType::create}));
  CHECK(two.takes({Api::service, EventType::deletion}));
  CHECK_FALSE(two.takes({Api::service, EventType::state_change}));
  CHECK(filter("eventType=ServiceCreateEvent&eventType=ServiceStateChangeEvent")
            .takes({Api::service, EventType::state_change}));
  CHECK(filter("eventType.eq=ResourceCreateEvent", resources)
            .takes({Api::resource, EventType::create}));
  CHECK_FALSE(filter("", resources).takes({Api::service, EventType::create}));
  CHECK(filter("eventType=ResourceCreateEvent,TopicCreateEvent", {})
            .takes({Api::topic, EventType::create}));
}

TEST_CASE("a topic's queries may be about what nobody here raises") {
  const auto all = EventFilters::parse({}, {"eventType=AlarmCreateNotification&domain=Paris"}, {});
  REQUIRE(all);
  CHECK_FALSE(all->take({Api::service, EventType::create}, parsed(event)));
  const auto some =
      EventFilters::parse("event.service.id=a", {"eventType=Foo,ServiceStateChangeEvent"}, {});
  REQUIRE(some);
  CHECK(some->take({Api::service, EventType::state_change}, parsed(event)));
  CHECK_FALSE(EventFilters::parse("eventType=Foo", {}, {}));
}

TEST_CASE("a query may be a JSONPath by itself") {
  for (const char* query :
       {"$[?(@.event.service.state=='active')]", "[?(@.event.service.place[?(@.role=='r')])]",
        "$.event.service.place[?(@.role=='r' && @.name=='x')]", "?$[?(@.eventType=~/State/)]"}) {
    CAPTURE(query);
    CHECK(filter(query).takes(parsed(event)));
  }
  CHECK_FALSE(filter("$[?(@.event.service.state=='active' && @.title!='t')]").takes(parsed(event)));
  CHECK_FALSE(EventFilter::parse("$[?(", services));
}

TEST_CASE("what was good once is kept, and topics may be about events of others") {
  using enum EventFilter::Strange;
  const auto reads = [](const char* query, EventFilter::Strange strange) {
    return EventFilter::parse(query, {}, strange).has_value();
  };
  CHECK_FALSE(reads("eventTyp=x", of_others));
  CHECK(reads("eventTyp=x", kept));
  CHECK(reads("timeOccurred.gt=2026&source.id=5&timeReceived.exists=true", of_others));
  CHECK_FALSE(reads("timeReceived.exists=true", refused));
  CHECK(reads("eventType=AlarmCreateNotification", of_others));
}

TEST_CASE("fields leave what tells events apart and names the entity") {
  const auto narrowed = [](const std::string& query) {
    json::Value document = parsed(event);
    filter(query).narrow(document);
    return json::to_text(document);
  };
  CHECK(
      narrowed("fields=event.service.state,event.service.place.role") ==
      R"({"@type":"ServiceStateChangeEvent","eventId":"e","eventTime":"2026-06-22T01:02:03.004Z",)"
      R"("eventType":"ServiceStateChangeEvent","@sequence":7,"event":{"service":{"id":"a",)"
      R"("href":"h","@type":"Service","state":"active","place":[{"@type":"P","role":"r"}]}}})");
  CHECK(
      narrowed("fields=none") ==
      R"({"@type":"ServiceStateChangeEvent","eventId":"e","eventTime":"2026-06-22T01:02:03.004Z",)"
      R"("eventType":"ServiceStateChangeEvent","@sequence":7,"event":{"service":{"id":"a",)"
      R"("href":"h","@type":"Service"}}})");
  CHECK(narrowed("") == json::to_text(parsed(event)));
  CHECK_FALSE(filter("").narrows());
}

TEST_CASE("what cannot be read is refused, naming the parameter") {
  const auto refusal = [](const std::string& query, const tmf::EventScope& scope = services) {
    const auto made = EventFilter::parse(query, scope);
    REQUIRE_FALSE(made);
    CHECK(made.error().path == "/query");
    return made.error().message;
  };
  CHECK(refusal("eventType=Foo").find("eventType: there is no eventType Foo") == 0);
  CHECK(refusal("eventType=ServiceCreateEvent,Foo").find("Foo") != std::string::npos);
  CHECK(refusal("eventType=ServiceCreateEvent", resources).find("ResourceCreateEvent") !=
        std::string::npos);
  CHECK(refusal("event.service.name.sounds~=x").find("event.service.name.sounds") == 0);
  CHECK(refusal("sort=eventTime").find("sort: is of lists") == 0);
  CHECK(refusal("event.service.name=x&limit=5").find("limit: is of lists") == 0);
  CHECK_FALSE(refusal("a=%zz").empty());
  CHECK_FALSE(refusal("name.regex=(").empty());
  CHECK_FALSE(refusal(std::string(longest_event_query + 1, 'a')).empty());
}

TEST_CASE("a condition on what no event has is refused, and below the entity anything is asked") {
  const auto refusal = [](const std::string& query, Version version = Version::v5) {
    const auto made = EventFilter::parse(query, {638, version});
    return made ? std::string() : made.error().message;
  };
  CHECK(refusal("eventTyp=ServiceCreateEvent")
            .find("eventTyp: no event has that; there are eventId") == 0);
  CHECK(refusal("state=active").find("state: no event has that") == 0);
  CHECK(refusal("service.state=active").find("service: ") == 0);
  CHECK(refusal("eventtime%3E2026").find("eventtime: ") == 0);
  CHECK(refusal("field=name").find("field: ") == 0);
  CHECK(refusal("filter=$[?(@.eventTyp=='x')]").find("eventTyp: ") == 0);
  CHECK(refusal("filter=$[?(@.event.servce.state=='x')]").empty());
  CHECK(refusal("event.nonsense=1&priority=1&description.exists=true").empty());
  CHECK(refusal("timeOccurred.gt=2026").empty());
  CHECK(refusal("timeOccurred.gt=2026", Version::v4).find("timeOccurred: ") == 0);
  CHECK(refusal("timeOcurred.gt=2026", Version::v4).empty());
  CHECK(refusal("source.id=a").empty());
  CHECK(refusal("source.id=a", Version::v4).find("source: ") == 0);
}
