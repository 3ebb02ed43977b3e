#include "loop/task_order.h"
#include "loop/task_record.h"
#include "model/contradictions.h"
#include "model/model.h"
#include "model/schema.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

namespace diffo::loop {
namespace {

json::Value read(std::string_view text) {
  return json::read(text).value();
}

} // namespace

TEST_CASE("what is demanded before comes before, and a cycle waits for nothing in it") {
  using Order = std::vector<std::vector<std::size_t>>;
  CHECK(order_of(3, {{0, 1}, {1, 2}, {0, 1}}) == Order{{}, {0}, {1}});
  CHECK(order_of(3, {{0, 1}, {1, 0}, {1, 2}}) == Order{{}, {}, {1}});
  CHECK(order_of(2, {{1, 1}}) == Order{{}, {}});
  constexpr std::size_t many = 100'000;
  std::vector<Before> chain;
  for (std::size_t at = 1; at < many; ++at)
    chain.push_back({at - 1, at});
  CHECK(order_of(many, chain).back() == std::vector<std::size_t>{many - 2});
}

TEST_CASE("every order can be followed to its end") {
  CHECK(rc::check("order_of", [] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 12);
    const auto pairs =
        *rc::gen::container<std::vector<std::pair<std::size_t, std::size_t>>>(rc::gen::pair(
            rc::gen::inRange<std::size_t>(0, count), rc::gen::inRange<std::size_t>(0, count)));
    std::vector<Before> demands;
    for (const auto& [first, then] : pairs)
      demands.push_back({first, then});
    const auto order = order_of(count, demands);
    std::set<std::size_t> done;
    for (std::size_t round = 0; round < count; ++round)
      for (std::size_t task = 0; task < count; ++task)
        if (std::all_of(order[task].begin(), order[task].end(),
                        [&](std::size_t before) { return done.contains(before); }))
          done.insert(task);
    RC_ASSERT(done.size() == count);
    // Nothing waits without a demand.
    for (std::size_t task = 0; task < count; ++task)
      for (const std::size_t before : order[task])
        RC_ASSERT(std::any_of(demands.begin(), demands.end(), [&](const Before& demand) {
          return demand.first == before && demand.then == task;
        }));
  }));
}

TEST_CASE("a task is read from its record as it was written") {
  const graph::Schema& schema = model::inventory_schema();
  Task task;
  task.id = "t1";
  task.state = TaskState::verifying;
  task.target = {0, model::family_resource, "r"};
  task.kind = "Port";
  task.name = "eth0";
  task.creates = true;
  task.profile = outstanding::Profile::v4;
  task.change = read(R"({"set": {"a": [1, {"b": null}]}})");
  task.patch = read(R"([{"op": "test", "path": "/a", "value": 1}])");
  task.because = {{leaf_id(task.target, task.target, "x"),
                   7,
                   {0, model::family_expectation, "e"},
                   task.target,
                   "x"}};
  task.executor = "net";
  task.after = {"t0"};
  task.decision = "d";
  task.by = "somebody";
  task.reason = "why";
  task.at = 1'000'001;
  task.changed = 2'000'002;
  task.attempts = 3;
  task.spent = 2;
  task.rejected = true;
  task.follow = "/monitor/1";
  task.accepted = true;
  task.not_before = 5;
  task.until = 6;
  const auto record = model::encode(task_draft(task, 0), schema).value();
  const Task found = stored_task(*record, schema).value();
  CHECK(json::to_text(task_document(found, schema, "o")) ==
        json::to_text(task_document(task, schema, "o")));
  CHECK(found.rejected);
  CHECK(found.spent == 2);
  CHECK(found.follow == task.follow);
  CHECK(found.changed == task.changed);
  CHECK(found.because.front().target == task.target);
  for (const TaskState state :
       {TaskState::proposed, TaskState::queued, TaskState::running, TaskState::verifying,
        TaskState::held, TaskState::done, TaskState::failed, TaskState::cancelled})
    CHECK(task_state_of(name_of(state)) == state);
  CHECK_FALSE(task_state_of("flying"));
}

} // namespace diffo::loop
