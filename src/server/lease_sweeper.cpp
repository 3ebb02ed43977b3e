#include "server/lease_sweeper.h"

#include "base/failure.h"
#include "base/machine.h"
#include "model/schema.h"
#include "rules/assignments.h"
#include "rules/lapse.h"
#include "server/each_record.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::size_t most_scheduled = 200'000;
constexpr std::size_t most_news = 100'000;
constexpr std::size_t most_at_once = 256; ///< in one commit
/// A request keeps the one reading of the clock with which it began: what it still sees in force
/// by that must not be gone meanwhile.
constexpr std::int64_t grace = 5'000'000;
constexpr std::int64_t longest_wait = 60'000'000;
constexpr std::int64_t shortest_pause = 1'000'000;
constexpr int niceness = 5; ///< requests come first

} // namespace

LeaseSweeper::LeaseSweeper(Services& services)
    : services_(services),
      ended_(services.metrics.counter("diffo_pool_leases_ended_total",
                                      "Reservations that ended because nobody confirmed them.")),
      schedule_(most_scheduled) {}

Result<void> LeaseSweeper::start() {
  watch_ = TRY(
      services_.store.watch(services_.store.statistics().sequence + 1,
                            [this](std::span<const graph::DeltaRef> commits) { take(commits); }));
  thread_ = std::thread([this] {
    lower_priority(niceness);
    run();
  });
  return {};
}

void LeaseSweeper::stop() {
  watch_.reset();
  {
    const std::lock_guard held(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

/// By the store's writer. What is handed out for good concerns nobody here.
void LeaseSweeper::take(std::span<const graph::DeltaRef> commits) {
  const graph::Schema& schema = services_.store.schema();
  std::vector<News> found;
  for (const graph::DeltaRef& commit : commits)
    for (const graph::Delta::Change& change : commit->changes) {
      if (change.key.family != model::family_assignment)
        continue;
      const std::int64_t until = change.after ? rules::lease_of(*change.after, schema) : 0;
      if (until != 0 || (change.before && rules::lease_of(*change.before, schema) != 0))
        found.push_back({change.key, until});
    }
  if (found.empty())
    return;
  {
    const std::lock_guard held(mutex_);
    if (missed_)
      return;
    std::move(found.begin(), found.end(), std::back_inserter(news_));
    if (news_.size() > most_news) {
      news_.clear();
      missed_ = true;
    }
  }
  changed_.notify_all();
}

void LeaseSweeper::miss() {
  const std::lock_guard held(mutex_);
  news_.clear();
  missed_ = true;
}

bool LeaseSweeper::is_stopping() {
  const std::lock_guard held(mutex_);
  return stopping_;
}

void LeaseSweeper::run() {
  const FailureObserver tell = [this](std::string_view, const Error& failure) {
    services_.log.error("reservations cannot be swept", {{"reason", failure.message}});
  };
  while (!is_stopping()) {
    if (guarded(tell, "leases", [this] { round(); })) {
      miss();
      pause_ = longest_wait;
    }
    wait();
  }
}

void LeaseSweeper::round() {
  std::vector<News> news;
  bool anew = false;
  {
    const std::lock_guard held(mutex_);
    news.swap(news_);
    anew = std::exchange(missed_, false);
  }
  const auto failed = [this](const Error& error) {
    pause_ = std::clamp(2 * pause_, shortest_pause, longest_wait);
    if (!is_stopping())
      services_.log.warning("reservations cannot be swept yet", {{"reason", error.text()}});
  };
  const std::int64_t now = services_.clock.now().microseconds - grace;
  if (anew || (schedule_.is_cut(now) && schedule_.due(now, 1).empty())) {
    if (const auto loaded = load(); !loaded) {
      miss();
      return failed(loaded.error());
    }
  }
  for (const News& one : news)
    schedule_.put(one.key, one.until);
  if (std::vector<graph::Key> due = schedule_.due(now, most_at_once); !due.empty())
    if (const auto swept = sweep(std::move(due)); !swept)
      return failed(swept.error());
  pause_ = 0;
}

Result<void> LeaseSweeper::load() {
  schedule_.clear();
  const std::size_t tenants = services_.store.tenants().size();
  for (std::size_t tenant = 0; tenant < tenants; ++tenant)
    TRY(each_record(
        services_.store, {}, static_cast<graph::Tenant>(tenant), model::family_assignment,
        [this](const graph::Record& record, const graph::Schema& schema) -> Result<void> {
          if (is_stopping())
            return Error{ErrorCode::unavailable, "the server stops"};
          schedule_.put(record.key(), rules::lease_of(record, schema));
          return {};
        }));
  return {};
}

Result<void> LeaseSweeper::sweep(std::vector<graph::Key> due) {
  std::map<graph::Tenant, std::vector<graph::Key>> by_tenant;
  for (graph::Key& key : due)
    by_tenant[key.tenant].push_back(std::move(key));
  for (auto& [tenant, keys] : by_tenant) {
    const graph::Context context = services_.own_context(tenant, "leases ran out");
    const graph::Commit commit = TRY(graph::transact_and_wait(
        services_.store, context, rules::plan_for_lapsing(keys), rules::lapse(context, keys)));
    ended_.add(static_cast<double>(commit.records.size()));
    for (const graph::Key& key : keys)
      schedule_.erase(key);
  }
  return {};
}

/// Until the next one runs out, something new comes, or it is to be tried again.
void LeaseSweeper::wait() {
  const std::int64_t now = services_.clock.now().microseconds;
  std::int64_t until = now + longest_wait;
  for (const auto moment : {schedule_.next(), schedule_.cut_at()})
    until = std::min(until, moment ? *moment + grace : until);
  until = std::max(until, now + pause_);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::microseconds(until - now),
                    [this] { return stopping_ || (pause_ == 0 && (missed_ || !news_.empty())); });
}

} // namespace diffo::server
