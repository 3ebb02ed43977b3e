#include "server/hub/event_history.h"

#include "base/uuid.h"
#include "model/contradictions.h"
#include "model/kinds.h"
#include "model/schema.h"
#include "server/principal.h"
#include "testing/test_store.h"
#include "tmf/decode.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>

using namespace diffo;
using namespace diffo::server;

namespace {

using Documents = std::vector<std::pair<model::Api, json::Value>>;

struct Inventory {
  store::test::Place place;
  SystemUuids uuids;
  std::unique_ptr<store::EmbeddedStore> store = place.open(model::inventory_schema());
  EventAudience audience{.tenant = 0, .events = {}, .origin = "http://h"};

  /// Puts them all, whatever was there.
  void commit(const Documents& documents, graph::Tenant tenant = 0) {
    graph::Context context = context_of(*local_principal(), "test", place.clock, uuids);
    context.principal.tenant = tenant;
    std::map<graph::Key, json::Value> last; // one change of a record each
    graph::FetchPlan plan;
    for (const auto& [api, document] : documents) {
      graph::Key key{tenant, model::family_of(api), std::string(document.text_of("id"))};
      plan.records.push_back(key);
      last.insert_or_assign(std::move(key), document);
    }
    const auto done = graph::transact_and_wait(
        *store, context, plan, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          graph::ChangeSet change;
          for (const auto& [key, document] : last) {
            (void)subgraph.find(key);
            const model::Api api = key.family == model::family_service ? model::Api::service
                                                                       : model::Api::organization;
            graph::RecordDraft draft =
                TRY(tmf::decode(document, api, model::Version::v4, subgraph.schema(), context));
            change.changes.push_back({key, TRY(model::encode(draft, subgraph.schema()))});
          }
          return graph::Decision(std::move(change));
        });
    REQUIRE_MESSAGE(done, done.error().text());
  }

  [[nodiscard]] EventPage page(const EventFilters& filters, const EventRequest& request) const {
    auto read = read_history(*store, audience, filters, request);
    REQUIRE_MESSAGE(read, read.error().text());
    return *std::move(read);
  }
};

EventFilters filters(const std::string& query) {
  return EventFilters::parse(query, {}, {}).value();
}

std::vector<std::string> ids_of(const EventPage& page) {
  std::vector<std::string> ids;
  const json::Value events = json::read(page.events).value();
  for (const json::Value& event : events.array())
    ids.emplace_back(event.text_of("eventId"));
  CHECK(ids.size() == page.count);
  return ids;
}

/// All pages of so many events and commits, one behind the other.
std::vector<std::string> by_pages(const Inventory& inventory, const EventFilters& filters,
                                  EventRequest request) {
  std::vector<std::string> all;
  for (int pages = 0; pages < 10'000; ++pages) {
    const EventPage page = inventory.page(filters, request);
    CHECK(page.count <= request.limit);
    const std::vector<std::string> ids = ids_of(page);
    all.insert(all.end(), ids.begin(), ids.end());
    if (!page.next)
      return all;
    request.after = page.next;
  }
  FAIL("pages without end");
  return all;
}

Documents::value_type service(int number, const char* state, int version) {
  return {model::Api::service, json::Object{{"id", "s" + std::to_string(number)},
                                            {"state", state},
                                            {"serviceSpecification", json::Object{{"id", "1"}}},
                                            {"description", std::to_string(version)}}};
}

Documents::value_type party(int number, int version) {
  return {model::Api::organization, json::Object{{"id", "p" + std::to_string(number)},
                                                 {"tradingName", std::to_string(version)}}};
}

} // namespace

TEST_CASE("pages of events, of whatever size and in both directions, are all of them once") {
  Inventory inventory;
  std::mt19937 random(7);
  const auto below = [&random](int most) {
    return static_cast<int>(random() % static_cast<unsigned>(most));
  };
  for (int commit = 1; commit <= 120; ++commit) {
    Documents documents;
    for (int change = below(4); change >= 0; --change)
      documents.push_back(below(3) == 0
                              ? party(below(5), commit)
                              : service(below(5), below(2) == 0 ? "active" : "inactive", commit));
    inventory.commit(documents, below(10) == 0 ? 7 : 0);
  }
  for (const char* query :
       {"", "eventType=ServiceStateChangeEvent", "domain=party",
        "event.service.id=s3&event.service.state=active", "eventType=TopicCreateEvent"}) {
    CAPTURE(query);
    const EventFilters taken = filters(query);
    const EventPage whole = inventory.page(taken, {.limit = 10'000});
    CHECK_FALSE(whole.next);
    std::vector<std::string> ids = ids_of(whole);
    CHECK((ids.empty() == (std::string(query) == "eventType=TopicCreateEvent")));
    std::vector<std::string> newest_first(ids.rbegin(), ids.rend());
    for (int round = 0; round < 12; ++round) {
      EventRequest request;
      request.limit = static_cast<std::uint64_t>(1 + below(9));
      request.most_commits = static_cast<std::size_t>(1 + below(50));
      CHECK(by_pages(inventory, taken, request) == ids);
      request.newest_first = true;
      CHECK(by_pages(inventory, taken, request) == newest_first);
      const std::size_t offset = static_cast<std::size_t>(below(20));
      const EventPage later = inventory.page(taken, {.offset = offset, .limit = 10'000});
      CHECK(later.left_out == std::min(offset, ids.size()));
      CHECK(ids_of(later) ==
            std::vector<std::string>(ids.begin() + static_cast<std::ptrdiff_t>(later.left_out),
                                     ids.end()));
    }
    for (const std::string& id : ids) {
      const auto one = read_event(*inventory.store, inventory.audience, taken, id);
      REQUIRE(one);
      CHECK(one->text_of("eventId") == id);
    }
  }
}

TEST_CASE("large commits are gone through like others") {
  Inventory inventory;
  for (int commit = 0; commit < 6; ++commit) {
    Documents documents{party(commit, commit)};
    for (int number = 0;
         commit % 2 == 1 && number < static_cast<int>(graph::Store::most_delta_changes); ++number)
      documents.push_back(service(number, "active", commit));
    inventory.commit(documents);
  }
  const EventFilters parties = filters("domain=party");
  const std::vector<std::string> ids = ids_of(inventory.page(parties, {.limit = 10}));
  REQUIRE(ids.size() == 6);
  CHECK(ids_of(inventory.page(parties, {.newest_first = true, .limit = 10})) ==
        std::vector<std::string>(ids.rbegin(), ids.rend()));
}

TEST_CASE("an event is found by whoever may see it alone") {
  Inventory inventory;
  inventory.commit({service(1, "active", 1)});
  const std::string id = ids_of(inventory.page(filters(""), {.limit = 10})).at(0);
  const auto code_of = [&](const EventAudience& audience, const std::string& query,
                           const std::string& wanted) {
    const auto one = read_event(*inventory.store, audience, filters(query), wanted);
    return one ? ErrorCode::internal : one.error().code;
  };
  CHECK(read_event(*inventory.store, inventory.audience, filters(""), id));
  CHECK(code_of(inventory.audience, "domain=party", id) == ErrorCode::not_found);
  CHECK(code_of({.tenant = 7, .events = {}, .origin = {}}, "", id) == ErrorCode::not_found);
  CHECK(code_of({.tenant = 0, .events = {632, model::Version::v4}, .origin = {}}, "", id) ==
        ErrorCode::not_found);
  for (const char* other :
       {"", "x", "00000000-0001-8000-8000-000000000000", "ffffffff-ffff-8fff-bfff-ffffffffffff"})
    CHECK(code_of(inventory.audience, "", other) == ErrorCode::not_found);
  CHECK(inventory.page(filters(""), {.after = EventPlace{1'000'000, 0, 0}, .limit = 5}).count == 0);
  CHECK(inventory
            .page(filters(""),
                  {.newest_first = true, .after = EventPlace{1'000'000, 0, 0}, .limit = 5})
            .count == 1);
}
