#include "model/kinds.h"
#include "server/hub/event_delivery.h"

#include <algorithm>
#include <set>
#include <utility>

/// Which subscriptions there are, and how far each has come.
namespace diffo::server {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds between_saves{100};
/// So often cursors are made durable where no commit takes them along.
constexpr milliseconds between_keeps{5000};

} // namespace

Result<void> EventDelivery::load() {
  std::set<graph::Key> there;
  graph::Query query;
  query.families = {model::family_subscription};
  do {
    graph::FetchPlan plan;
    plan.queries.push_back(query);
    graph::Subgraph subgraph = TRY(graph::read_and_wait(services_.store, {}, std::move(plan)));
    graph::Page page = TRY(subgraph.page(0));
    for (const graph::RecordRef& record : page.records) {
      there.insert(record->key());
      put(*record);
    }
    query.after = std::move(page.next);
  } while (query.after);
  std::vector<graph::Key> gone;
  for (const auto& [key, subscriber] : subscribers_)
    if (!there.contains(key))
      gone.push_back(key);
  for (const graph::Key& key : gone)
    erase(key);
  const std::lock_guard held(mutex_);
  followed_ = followed_ || !subscribers_.empty();
  return {};
}

void EventDelivery::absorb(const graph::DeltaRef& commit) {
  for (const graph::Delta::Change& change : commit->changes) {
    if (change.key.family != model::family_subscription)
      continue;
    if (change.after)
      put(*change.after);
    else
      erase(change.key);
  }
  recent_.add(commit);
}

void EventDelivery::put(const graph::Record& record) {
  auto stored = stored_subscription(record, services_.store.schema());
  if (!stored)
    return services_.log.error("a subscription cannot be read",
                               {{"reason", stored.error().text()}});
  const graph::Key key = record.key();
  if (const auto known = subscribers_.find(key); known != subscribers_.end()) {
    Subscriber& subscriber = known->second;
    if (subscriber.record >= record.sequence())
      return;
    const bool resumes = subscriber.lane.subscription().parked && !stored->parked;
    subscriber.record = record.sequence();
    subscriber.lane.set_subscription(*std::move(stored));
    if (resumes)
      recover(subscriber);
    return show(subscriber);
  }
  const graph::Sequence begins = stored->behind.value_or(record.sequence());
  const graph::Sequence behind =
      std::min(services_.store.cursor(consumer_of(key)).value_or(begins), newest_.load());
  auto lane = EventLane::make(key, *std::move(stored), behind);
  if (!lane)
    return services_.log.error("a subscription cannot be followed",
                               {{"subscription", key.id}, {"reason", lane.error().text()}});
  const auto [place, fresh] =
      subscribers_.emplace(key, Subscriber{.lane = *std::move(lane), .record = record.sequence()});
  place->second.saved = behind;
  place->second.state.cursor = behind;
  show(place->second);
}

void EventDelivery::erase(const graph::Key& key) {
  if (subscribers_.erase(key) == 0)
    return;
  services_.store.forget_cursor(consumer_of(key));
  shown_.lock()->erase(key);
}

void EventDelivery::save(Subscriber& subscriber, Moment now) {
  const graph::Sequence cursor = subscriber.lane.cursor();
  if (subscriber.restart || cursor == subscriber.saved || now - subscriber.saved_at < between_saves)
    return;
  subscriber.saved = cursor;
  subscriber.saved_at = now;
  subscriber.state.cursor = cursor;
  services_.store.save_cursor(consumer_of(subscriber.lane.key()), cursor);
  unkept_ = true;
  show(subscriber);
}

/// What nobody's commit takes along is synced now and then, so that after a crash few events are
/// sent again. On a worker: the sync is waited for.
void EventDelivery::keep_cursors(Moment now) {
  if (!unkept_ || now - kept_at_ < between_keeps)
    return;
  unkept_ = false;
  kept_at_ = now;
  (void)services_.bulk.post([&store = services_.store] { (void)store.keep_seen(); });
}

void EventDelivery::show(const Subscriber& subscriber) {
  shown_.lock()->insert_or_assign(subscriber.lane.key(), subscriber.state);
}

void EventDelivery::count(Moment now) {
  counted_at_ = now;
  graph::Sequence lag = 0;
  for (const auto& [key, subscriber] : subscribers_)
    if (!subscriber.lane.subscription().parked)
      lag = std::max(lag, newest_ - std::min(newest_.load(), subscriber.lane.cursor()));
  lag_.set(static_cast<double>(lag));
}

} // namespace diffo::server
