#include "server/lease_schedule.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace diffo;
using server::LeaseSchedule;

namespace {

graph::Key key(int number) {
  return {0, 1, "a" + std::to_string(number)};
}

} // namespace

TEST_CASE("what was put with another lease, or with none, is where it belongs") {
  LeaseSchedule schedule(10);
  CHECK_FALSE(schedule.next());
  schedule.put(key(1), 30);
  schedule.put(key(2), 20);
  CHECK(schedule.next() == 20);
  CHECK(schedule.due(19, 10).empty());
  CHECK(schedule.due(30, 10) == std::vector{key(2), key(1)});
  CHECK(schedule.due(30, 1) == std::vector{key(2)});
  schedule.put(key(2), 40);
  CHECK(schedule.due(35, 10) == std::vector{key(1)});
  schedule.put(key(1), 0);
  CHECK(schedule.next() == 40);
  schedule.erase(key(2));
  schedule.erase(key(3));
  CHECK_FALSE(schedule.next());
}

TEST_CASE("a schedule that is too small knows from when on it does not know all") {
  std::mt19937 random(
      7); // NOLINT(bugprone-random-generator-seed,cert-msc51-cpp): the same each time
  for (int round = 0; round < 200; ++round) {
    LeaseSchedule schedule(8);
    std::map<graph::Key, std::int64_t> all;
    for (int step = 0; step < 60; ++step) {
      const graph::Key one = key(static_cast<int>(random() % 20));
      const auto until = static_cast<std::int64_t>(random() % 50);
      schedule.put(one, until);
      all.erase(one);
      if (until != 0)
        all.emplace(one, until);
    }
    for (std::int64_t now = 0; now < 50 && !schedule.is_cut(now); ++now) {
      std::set<graph::Key> wanted;
      for (const auto& [one, until] : all)
        if (until <= now)
          wanted.insert(one);
      const std::vector<graph::Key> due = schedule.due(now, 100);
      CHECK(std::set<graph::Key>(due.begin(), due.end()) == wanted);
    }
    CHECK((!schedule.cut_at() || schedule.is_cut(*schedule.cut_at())));
  }
}
