#include "server/hub/event_lane.h"

#include "server/hub/recent_commits.h"
#include "testing/test_documents.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace diffo;
using namespace diffo::server;
using namespace diffo::testing;

namespace {

Subscription subscription(const std::string& query = {}) {
  Subscription made;
  made.id = "s";
  made.callback = "http://h/x";
  made.query = query;
  made.base = "http://h/tmf-api/serviceInventory/v4";
  return made;
}

/// A commit that creates services of these ids.
graph::DeltaRef commit_of(graph::Sequence sequence, const std::vector<std::string>& ids,
                          graph::Tenant tenant = 0) {
  auto delta = std::make_shared<graph::Delta>();
  delta->sequence = sequence;
  delta->time = 1;
  for (const std::string& id : ids)
    delta->changes.push_back(
        {{tenant, model::family_service, id},
         {},
         record_of_document(json::Object{{"id", id},
                                         {"state", "active"},
                                         {"serviceSpecification", json::Object{{"id", "1"}}}},
                            model::Api::service, model::Version::v4)});
  return delta;
}

EventLane lane_behind(graph::Sequence behind, const std::string& query = {}) {
  return EventLane::make({0, model::family_subscription, "s"}, subscription(query), behind).value();
}

} // namespace

TEST_CASE("the cursor stands behind the last commit of which everything was taken") {
  EventMaker maker([]() -> const graph::Schema& { return inventory(); });
  EventLane lane = lane_behind(4);
  CHECK(lane.wanted() == 5);
  lane.read({commit_of(5, {"a", "b"}), commit_of(6, {}), commit_of(7, {"c"})});
  CHECK(lane.wanted() == 8);
  lane.fill(maker);
  CHECK(lane.is_read());
  CHECK(lane.cursor() == 4);
  std::vector<std::uint64_t> numbers;
  while (const auto number = lane.sendable(8)) {
    lane.send(*number);
    numbers.push_back(*number);
  }
  REQUIRE(numbers.size() == 3);
  CHECK(lane.away() == 3);
  lane.take(numbers[2]);
  lane.take(numbers[1]);
  CHECK(lane.cursor() == 4); // "a" was not taken
  lane.fail(numbers[0]);
  CHECK(lane.sendable(8) == numbers[0]);
  lane.send(numbers[0]);
  lane.take(numbers[0]);
  CHECK(lane.cursor() == 7);
  CHECK(lane.is_told());
}

TEST_CASE("of one entity never two are away, and no more than are allowed") {
  EventMaker maker([]() -> const graph::Schema& { return inventory(); });
  EventLane lane = lane_behind(0);
  lane.read({commit_of(1, {"a"}), commit_of(2, {"a"}), commit_of(3, {"b"}), commit_of(4, {"c"})});
  lane.fill(maker);
  const auto first = lane.sendable(2);
  CHECK(lane.event(*first).sequence == 1);
  lane.send(*first);
  const auto second = lane.sendable(2);
  CHECK(lane.event(*second).sequence == 3); // the next of "a" waits
  lane.send(*second);
  CHECK_FALSE(lane.sendable(2));
  CHECK(lane.event(lane.sendable(3).value()).sequence == 4);
  lane.take(*first);
  CHECK(lane.event(lane.sendable(2).value()).sequence == 2);
  CHECK(lane.cursor() == 1);
}

TEST_CASE("a commit that is larger than there is room for is told piece by piece") {
  EventMaker maker([]() -> const graph::Schema& { return inventory(); });
  EventLane lane = lane_behind(0);
  std::vector<std::string> ids;
  for (std::size_t number = 0; number < 3 * EventLane::most_pending; ++number)
    ids.push_back("id" + std::to_string(number));
  lane.read({commit_of(1, ids), commit_of(2, {"last"})});
  std::vector<std::string> told;
  while (!lane.is_read() || lane.sendable(1)) {
    lane.fill(maker);
    CHECK(lane.cursor() < 2);
    while (const auto number = lane.sendable(1)) {
      told.push_back(lane.event(*number).entity);
      lane.send(*number);
      lane.take(*number);
    }
  }
  ids.emplace_back("last");
  CHECK(told == ids);
  CHECK(lane.cursor() == 2);
}

TEST_CASE("what is filtered out, of others, or of another inventory moves the cursor alone") {
  EventMaker maker([]() -> const graph::Schema& { return inventory(); });
  EventLane lane = lane_behind(0, "event.service.id=b");
  auto resource = std::make_shared<graph::Delta>();
  resource->sequence = 3;
  resource->changes.push_back(
      {{0, model::family_resource, "b"},
       {},
       record_of(R"({"id":"b","name":"r"})", model::Api::resource, model::Version::v4)});
  lane.read({commit_of(1, {"a"}), commit_of(2, {"b"}, 7), resource});
  lane.fill(maker);
  CHECK_FALSE(lane.sendable(8));
  CHECK(lane.cursor() == 3);
  lane.read({commit_of(4, {"a", "b"})});
  lane.fill(maker);
  CHECK(lane.event(lane.sendable(8).value()).entity == "b");
  lane.restart(2);
  CHECK(lane.cursor() == 1);
  CHECK(lane.wanted() == 2);
  CHECK_FALSE(lane.sendable(8));
}

TEST_CASE("recent commits are without a gap and bounded") {
  RecentCommits recent;
  CHECK(recent.from(1, 10).empty());
  CHECK(recent.add(commit_of(5, {"a"})));
  CHECK(recent.add(commit_of(6, {"a"})));
  CHECK(recent.from(4, 10).empty());
  CHECK(recent.from(5, 10).size() == 2);
  CHECK(recent.from(5, 1).size() == 1);
  CHECK(recent.from(7, 10).empty());
  CHECK_FALSE(recent.add(commit_of(9, {"a"})));
  CHECK(recent.from(6, 10).empty());
  CHECK(recent.from(9, 10).size() == 1);
  for (graph::Sequence sequence = 10; sequence < 10 + RecentCommits::most_commits; ++sequence)
    (void)recent.add(commit_of(sequence, {}));
  CHECK(recent.from(9, 10).empty());
  CHECK(recent.take_all().size() == RecentCommits::most_commits);
  CHECK(recent.is_empty());
}
