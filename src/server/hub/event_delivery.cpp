#include "server/hub/event_delivery.h"

#include "base/failure.h"
#include "base/machine.h"
#include "model/kinds.h"
#include "server/signature.h"
#include "server/tasks/executor.h"

#include <algorithm>
#include <future>
#include <utility>

namespace diffo::server {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t most_read = 16; ///< commits at once, for one subscriber
/// Delivery takes what processors requests leave.
constexpr int niceness = 10;
constexpr milliseconds tick{1000};
constexpr std::size_t most_said = 512;

Counter deliveries(Metrics& metrics, const char* result) {
  return metrics.counter("diffo_hub_deliveries_total", "Attempts to send an event to a subscriber.",
                         {{"result", result}});
}

} // namespace

EventDelivery::EventDelivery(Services& services, HubSettings settings)
    : services_(services), settings_(std::move(settings)),
      delivered_(deliveries(services.metrics, "taken")),
      failed_(deliveries(services.metrics, "failed")),
      lag_(services.metrics.gauge("diffo_hub_lag_commits",
                                  "Commits that the last subscriber was not told of.")),
      client_(http::ParallelClient::make(most_under_way).value()),
      maker_([&services]() -> const graph::Schema& { return services.store.schema(); }),
      jitter_(std::random_device()()) {}

Result<void> EventDelivery::start() {
  newest_ = services_.store.statistics().sequence;
  // First followed, then read: what is told twice is known by its sequence.
  watch_ = TRY(services_.store.watch(
      newest_ + 1, [this](std::span<const graph::DeltaRef> commits) { take(commits); }));
  TRY(load());
  thread_ = std::thread([this] { run(); });
  return {};
}

void EventDelivery::stop() {
  watch_.reset();
  {
    const std::lock_guard held(mutex_);
    stopping_ = true;
  }
  client_.wake();
  if (thread_.joinable())
    thread_.join();
}

// ---- What others tell

/// By the store's writer. With no subscriber nothing is kept and nobody woken.
void EventDelivery::take(std::span<const graph::DeltaRef> commits) {
  {
    const std::lock_guard held(mutex_);
    for (const graph::DeltaRef& commit : commits) {
      followed_ = followed_ || std::any_of(commit->changes.begin(), commit->changes.end(),
                                           [](const graph::Delta::Change& change) {
                                             return change.key.family == model::family_subscription;
                                           });
      if (followed_ && !committed_.add(commit))
        missed_ = true;
    }
    newest_ = commits.back()->sequence;
    if (!followed_)
      return;
  }
  client_.wake();
}

void EventDelivery::post(std::function<void()> command) {
  {
    const std::lock_guard held(mutex_);
    commands_.push_back(std::move(command));
  }
  client_.wake();
}

std::optional<DeliveryState> EventDelivery::state_of(const graph::Key& key) {
  return shown_.with([&](const auto& all) -> std::optional<DeliveryState> {
    const auto found = all.find(key);
    return found != all.end() ? std::optional(found->second) : std::nullopt;
  });
}

Result<void> EventDelivery::check_start(graph::Sequence from) const {
  if (const graph::Sequence oldest = services_.store.oldest_entry(); from < oldest)
    return Error{ErrorCode::gone, "the entries of commits before " + std::to_string(oldest) +
                                      " are not kept any more"};
  if (from > newest_ + 1)
    return Error{ErrorCode::invalid, "the newest commit is " + std::to_string(newest_)};
  return {};
}

Result<void> EventDelivery::resend(const graph::Key& key, graph::Sequence from) {
  TRY(check_start(from));
  // Shared, for the command may come after we have given up.
  const auto known = std::make_shared<std::promise<bool>>();
  std::future<bool> answer = known->get_future();
  post([this, key, from, known] {
    const auto found = subscribers_.find(key);
    if (found != subscribers_.end()) {
      found->second.restart = from; // from here on the cursor is not saved
      found->second.state.cursor = from - 1;
      show(found->second);
    }
    known->set_value(found != subscribers_.end());
  });
  constexpr std::chrono::seconds patience{5};
  if (answer.wait_for(patience) != std::future_status::ready)
    return Error{ErrorCode::unavailable, "the delivery of events does not answer now"};
  if (!answer.get())
    return Error{ErrorCode::not_found, "there is no subscription " + key.id};
  services_.store.save_cursor(consumer_of(key), from - 1);
  return services_.store.keep_seen();
}

// ---- The thread

void EventDelivery::run() {
  name_thread("events");
  lower_priority(niceness);
  const FailureObserver tell = [this](std::string_view, const Error& failure) {
    services_.log.error("the delivery of events fails", {{"reason", failure.message}});
  };
  for (;;) {
    {
      const std::lock_guard held(mutex_);
      if (stopping_)
        break;
    }
    guarded(tell, "events", [&] { round(); });
    guarded(tell, "events", [&] { client_.move(longest_wait()); });
  }
  for (auto& [key, subscriber] : subscribers_)
    if (!subscriber.restart)
      services_.store.save_cursor(consumer_of(key), subscriber.lane.cursor());
}

milliseconds EventDelivery::longest_wait() const {
  if (is_busy_)
    return milliseconds(0);
  const Moment now = steady_clock::now();
  Moment until = now + tick;
  for (const auto& [key, subscriber] : subscribers_)
    if (subscriber.state.failures > 0 && !subscriber.lane.subscription().parked &&
        subscriber.retry_at > now)
      until = std::min(until, subscriber.retry_at);
  return std::chrono::ceil<milliseconds>(until - now);
}

void EventDelivery::round() {
  std::deque<graph::DeltaRef> committed;
  std::vector<std::function<void()>> commands;
  bool missed = false;
  {
    const std::lock_guard held(mutex_);
    committed = committed_.take_all();
    commands.swap(commands_);
    missed = std::exchange(missed_, false);
  }
  for (const graph::DeltaRef& commit : committed)
    absorb(commit);
  if (missed) // some of those may have been about subscriptions
    if (const auto loaded = load(); !loaded) {
      services_.log.warning("subscriptions cannot be read", {{"reason", loaded.error().text()}});
      const std::lock_guard held(mutex_);
      missed_ = true;
    }
  for (const std::function<void()>& command : commands)
    command();
  const Moment now = steady_clock::now();
  is_busy_ = false;
  for (auto& [key, subscriber] : subscribers_) {
    is_busy_ = serve(subscriber) || is_busy_;
    save(subscriber, now);
  }
  keep_cursors(now);
  if (now - older_read_at_ >= tick)
    older_.clear();
  if (now - counted_at_ >= tick)
    count(now);
  if (subscribers_.empty()) {
    recent_.clear();
    const std::lock_guard held(mutex_);
    followed_ = !committed_.is_empty();
  }
}

/// One turn of a subscriber: a bounded piece of work. True: there is more to do at once.
bool EventDelivery::serve(Subscriber& subscriber) {
  EventLane& lane = subscriber.lane;
  if (subscriber.restart && lane.away() == 0) {
    lane.restart(*std::exchange(subscriber.restart, std::nullopt));
    recover(subscriber);
    show(subscriber);
  }
  if (lane.subscription().parked || subscriber.restart)
    return false;
  const Moment now = steady_clock::now();
  const bool is_failing = subscriber.state.failures > 0;
  if (is_failing && now - subscriber.failing_since >= microseconds(settings_.bounds.park_after))
    park(subscriber);
  if (is_failing && now < subscriber.retry_at)
    return false;
  const bool has_more = read(subscriber);
  lane.fill(maker_);
  const std::size_t most_away = is_failing ? 1 : settings_.bounds.in_flight;
  while (client_.under_way() < most_under_way) {
    const auto number = lane.sendable(most_away);
    if (!number)
      return has_more && lane.is_read();
    if (!begin(subscriber, *number))
      return false;
  }
  return false;
}

/// Reads some commits where none are left. True: there are more.
bool EventDelivery::read(Subscriber& subscriber) {
  EventLane& lane = subscriber.lane;
  if (!lane.is_read() || lane.wanted() > newest_)
    return !lane.is_read();
  auto commits = recent_.from(lane.wanted(), most_read);
  if (commits.empty())
    commits = older_.from(lane.wanted(), most_read);
  if (commits.empty()) {
    if (steady_clock::now() < subscriber.change_at)
      return false;
    auto older = services_.store.deltas(lane.wanted(), most_read);
    if (!older && older.error().code == ErrorCode::gone) {
      note_gap(subscriber);
      return false;
    }
    if (!older) {
      subscriber.state.error = "the journal cannot be read: " + older.error().text();
      services_.log.error("events cannot be read", {{"reason", older.error().text()}});
      subscriber.change_at = steady_clock::now() + tick;
      return false;
    }
    commits = *std::move(older);
    if (commits.empty())
      return false;
    for (const graph::DeltaRef& commit : commits)
      older_.add(commit);
    older_read_at_ = steady_clock::now();
  }
  lane.read(std::move(commits));
  return lane.wanted() <= newest_;
}

/// Says what he is not told, then goes on with what is kept.
void EventDelivery::note_gap(Subscriber& subscriber) {
  const Moment now = steady_clock::now();
  if (subscriber.changing || !subscriber.lane.is_told())
    return;
  const graph::Sequence from = subscriber.lane.wanted();
  const graph::Sequence oldest = services_.store.oldest_entry();
  if (from >= oldest)
    return;
  subscriber.changing = true;
  subscriber.change_at = now + tick;
  const graph::Key key = subscriber.lane.key();
  services_.log.warning("a subscriber misses events that are not kept any more",
                        {{"subscription", key.id},
                         {"from", std::to_string(from)},
                         {"to", std::to_string(oldest - 1)}});
  change(
      key, "events are not kept any more",
      [from, oldest](Subscription& changed) -> Result<void> {
        const EventGap gap{from, oldest - 1};
        if (changed.gaps.empty() || changed.gaps.back() != gap)
          changed.gaps.push_back(gap);
        if (changed.gaps.size() > most_gaps)
          changed.gaps.erase(changed.gaps.begin());
        return {};
      },
      [this, key, from, oldest] {
        const auto found = subscribers_.find(key);
        if (found != subscribers_.end() && found->second.lane.wanted() == from &&
            found->second.lane.is_told())
          found->second.lane.restart(oldest);
      });
}

/// False: not now, nor others of his.
bool EventDelivery::begin(Subscriber& subscriber, std::uint64_t number) {
  EventLane& lane = subscriber.lane;
  const EventLane::Pending& event = lane.event(number);
  const std::size_t bytes = event.body->size();
  if (bytes_under_way_ > 0 && bytes_under_way_ + bytes > most_bytes_under_way)
    return false;
  const Subscription& subscription = lane.subscription();
  http::ClientRequest request;
  request.method = "POST";
  request.target = subscription.listener
                       ? lane.callback().target(
                             "/listener/" + tmf::listener_name(event.kind, subscription.version))
                       : lane.callback().target();
  request.body = *event.body;
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  sign(request, subscription.secret);
  // Shared: what he says of it is put together while the request is under way.
  const auto said = std::make_shared<std::string>();
  request.download = [said](int, std::string_view piece) -> Result<void> {
    said->append(piece.substr(0, most_said - std::min(said->size(), most_said)));
    return {};
  };
  http::ClientOptions options;
  options.base_url = lane.callback().server;
  options.timeout =
      std::chrono::duration_cast<milliseconds>(microseconds(settings_.bounds.timeout));
  options.connect_timeout = std::min(options.timeout, options.connect_timeout);
  options.may_connect = [this, host = lane.callback().host](std::string_view address) {
    return settings_.callbacks.may_connect(host, address);
  };
  const auto begun =
      client_.begin(std::move(options), std::move(request),
                    [this, key = lane.key(), at = subscription.at, number, bytes,
                     said](const Result<http::ClientAnswer>& answer) {
                      bytes_under_way_ -= bytes;
                      const auto found = subscribers_.find(key);
                      if (found != subscribers_.end() && found->second.lane.subscription().at == at)
                        end(found->second, number, answer, *said);
                    });
  lane.send(number);
  bytes_under_way_ += bytes;
  if (begun)
    return true;
  bytes_under_way_ -= bytes;
  fail(subscriber, number, begun.error().text());
  return false;
}

void EventDelivery::end(Subscriber& subscriber, std::uint64_t number,
                        const Result<http::ClientAnswer>& answer, const std::string& said) {
  if (!answer)
    return fail(subscriber, number, answer.error().text());
  if (answer->status < 200 || answer->status >= 300) {
    std::string reason = "answered " + std::to_string(answer->status);
    if (!said.empty())
      reason += ": " + reason_of(said);
    return fail(subscriber, number, std::move(reason));
  }
  delivered_.add();
  DeliveryState& state = subscriber.state;
  subscriber.lane.take(number);
  // What was away beside one that failed says nothing of that one.
  if (steady_clock::now() >= subscriber.retry_at)
    recover(subscriber);
  ++state.delivered;
  state.delivered_at = services_.clock.now().microseconds;
}

void EventDelivery::recover(Subscriber& subscriber) {
  subscriber.state.failures = 0;
  subscriber.state.failing_since.reset();
  subscriber.state.retry_at.reset();
  subscriber.retry_at = {};
}

/// What was not taken is sent again, when some time has passed, and before all that is behind it.
void EventDelivery::fail(Subscriber& subscriber, std::uint64_t number, std::string reason) {
  failed_.add();
  subscriber.lane.fail(number);
  DeliveryState& state = subscriber.state;
  const Moment now = steady_clock::now();
  const std::int64_t at = services_.clock.now().microseconds;
  state.error = std::move(reason);
  state.failed_at = at;
  if (now >= subscriber.retry_at) { // of several that were away at once the first counts
    if (state.failures++ == 0) {
      state.failing_since = at;
      subscriber.failing_since = now;
    }
    constexpr std::uint64_t most_doublings = 20;
    const std::uint64_t doublings = std::min(state.failures - 1, most_doublings);
    const std::int64_t pause = std::min(settings_.bounds.longest_back_off,
                                        settings_.bounds.back_off * (std::int64_t{1} << doublings));
    // Between half of it and all, so that those who failed together do not come back together.
    const std::int64_t wait =
        pause / 2 +
        static_cast<std::int64_t>(jitter_() % static_cast<std::uint64_t>(pause / 2 + 1));
    subscriber.retry_at = now + microseconds(wait);
    state.retry_at = at + wait;
  }
  show(subscriber);
}

void EventDelivery::park(Subscriber& subscriber) {
  const Moment now = steady_clock::now();
  if (subscriber.changing || now < subscriber.change_at)
    return;
  subscriber.changing = true;
  subscriber.change_at = now + tick;
  const graph::Key& key = subscriber.lane.key();
  services_.log.warning("a subscriber is parked", {{"subscription", key.id},
                                                   {"callback", subscriber.lane.callback().server},
                                                   {"reason", subscriber.state.error}});
  change(
      key, "hub " + key.id + " parked",
      [at = services_.clock.now().microseconds,
       reason = "nothing was taken for too long: " +
                subscriber.state.error](Subscription& changed) -> Result<void> {
        if (!changed.parked) {
          changed.parked = at;
          changed.reason = reason;
        }
        return {};
      },
      [] {});
}

/// Changes a record; `done` is called here when that is committed.
void EventDelivery::change(const graph::Key& key, std::string cause,
                           std::function<Result<void>(Subscription&)> edit,
                           std::function<void()> done) {
  services_.store.transact(
      services_.own_context(key.tenant, std::move(cause)), {.records = {key}},
      change_of_subscription(key, std::move(edit)), {},
      [this, key, done = std::move(done)](const Result<graph::Commit>& commit) {
        std::string reason = commit ? std::string() : commit.error().text();
        post([this, key, done, reason = std::move(reason)] {
          if (reason.empty())
            done();
          else
            services_.log.warning("a subscription cannot be written yet", {{"reason", reason}});
          if (const auto found = subscribers_.find(key); found != subscribers_.end())
            found->second.changing = false;
        });
      });
}

} // namespace diffo::server
