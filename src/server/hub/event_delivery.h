#pragma once

#include "base/guarded.h"
#include "http/parallel_client.h"
#include "server/hub/event_lane.h"
#include "server/hub/event_maker.h"
#include "server/hub/hub_settings.h"
#include "server/hub/recent_commits.h"
#include "server/services.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace diffo::server {

/// How far a subscriber has come, for whoever operates the server. Times in microseconds since
/// 1970.
struct DeliveryState {
  graph::Sequence cursor = 0;  ///< the last commit of which everything was taken
  std::uint64_t delivered = 0; ///< events, since the server began
  std::optional<std::int64_t> delivered_at;
  std::uint64_t failures = 0; ///< in a row
  std::optional<std::int64_t> failing_since;
  std::optional<std::int64_t> retry_at;
  std::string error; ///< of the last failure
  std::optional<std::int64_t> failed_at;
};

/// Sends events to those who subscribed (wire.md §10).
///
/// Commits come from the store's journal: the newest through memory, older ones are read again, so
/// that nothing which is committed goes untold, whatever ends when. How far each subscriber has
/// come is his cursor in the store; what was sent since it was last durable is sent again after a
/// crash. One thread of its own makes events and has many of them under way at once, those of a
/// subscriber who hangs among them; it waits for none. Thread rule: any thread.
class EventDelivery {
public:
  /// All together, so that sockets are left for clients.
  static constexpr std::size_t most_under_way = 128;
  static constexpr std::size_t most_bytes_under_way = std::size_t{128} << 20U;

  EventDelivery(Services& services, HubSettings settings);
  EventDelivery(const EventDelivery&) = delete;
  EventDelivery& operator=(const EventDelivery&) = delete;
  ~EventDelivery() { stop(); }

  /// Reads which subscriptions there are and follows the journal. Once. Errors: of the store.
  Result<void> start();
  /// Breaks off what is under way, which is sent again after the next start.
  void stop();

  [[nodiscard]] const HubSettings& settings() const { return settings_; }
  /// Nothing for what is no subscription (yet).
  [[nodiscard]] std::optional<DeliveryState> state_of(const graph::Key& key);
  [[nodiscard]] graph::Sequence newest() const { return newest_; }
  /// Whether it can be told from that commit on. Errors: gone, invalid for what is not committed
  /// yet.
  [[nodiscard]] Result<void> check_start(graph::Sequence from) const;
  /// Tells a subscriber again, from that commit on; durable when it returns. Waits: never on a
  /// thread of the store. Errors: not_found, gone, invalid for what is not committed yet,
  /// unavailable.
  Result<void> resend(const graph::Key& key, graph::Sequence from);

private:
  using Moment = std::chrono::steady_clock::time_point;
  /// A subscriber, and how it goes with him.
  struct Subscriber {
    EventLane lane;
    graph::Sequence record = 0; ///< the version of the record that is known
    DeliveryState state{};
    Moment retry_at{};
    Moment failing_since{};
    Moment saved_at{};
    graph::Sequence saved = 0;
    std::optional<graph::Sequence> restart{}; ///< asked for, when nothing is away any more
    bool changing = false;                    ///< its record is being written
    Moment change_at{};                       ///< not again before
  };
  using Subscribers = std::map<graph::Key, Subscriber>;

  void take(std::span<const graph::DeltaRef> commits);
  void post(std::function<void()> command);

  Result<void> load();
  void run();
  void round();
  void absorb(const graph::DeltaRef& commit);
  void put(const graph::Record& record);
  void erase(const graph::Key& key);

  bool serve(Subscriber& subscriber);
  bool read(Subscriber& subscriber);
  void note_gap(Subscriber& subscriber);
  bool begin(Subscriber& subscriber, std::uint64_t number);
  void end(Subscriber& subscriber, std::uint64_t number, const Result<http::ClientAnswer>& answer,
           const std::string& said);
  static void recover(Subscriber& subscriber);
  void fail(Subscriber& subscriber, std::uint64_t number, std::string reason);
  void park(Subscriber& subscriber);
  void change(const graph::Key& key, std::string cause,
              std::function<Result<void>(Subscription&)> edit, std::function<void()> done);
  void save(Subscriber& subscriber, Moment now);
  void keep_cursors(Moment now);
  void show(const Subscriber& subscriber);
  void count(Moment now);
  [[nodiscard]] std::chrono::milliseconds longest_wait() const;

  Services& services_;
  const HubSettings settings_;
  Counter delivered_, failed_;
  Gauge lag_;
  http::ParallelClient client_;
  std::unique_ptr<graph::Watch> watch_;
  std::thread thread_;
  std::atomic<graph::Sequence> newest_ = 0;
  Guarded<std::map<graph::Key, DeliveryState>> shown_;

  std::mutex mutex_; // guards the next five
  RecentCommits committed_;
  bool missed_ = false; ///< more was committed at once than is kept
  std::vector<std::function<void()>> commands_;
  bool followed_ = false; ///< somebody wants to know of commits
  bool stopping_ = false;

  // Of the thread.
  EventMaker maker_;
  RecentCommits recent_;
  RecentCommits older_; ///< read again for one who is behind; others are not far from him
  Moment older_read_at_{};
  Subscribers subscribers_;
  std::size_t bytes_under_way_ = 0;
  bool is_busy_ = false; ///< there was more to do than one round does
  Moment counted_at_{};
  Moment kept_at_{};
  bool unkept_ = false; ///< cursors were saved that may not be durable
  std::minstd_rand jitter_;
};

} // namespace diffo::server
