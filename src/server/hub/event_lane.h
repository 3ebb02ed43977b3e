#pragma once

#include "server/hub/callback.h"
#include "server/hub/event_filter.h"
#include "server/hub/event_maker.h"
#include "server/hub/subscription.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace diffo::server {

/// What one subscriber is still to be told: commits that were read ahead, events that were made of
/// them, and how far all of that has been taken.
///
/// Events are told in the order of their commits; of one entity never two at once, so that each
/// entity's come in order whoever else's fails. The cursor is the last commit of which, and of all
/// before it, everything was taken. Thread rule: one thread.
class EventLane {
public:
  static constexpr std::size_t most_pending = 128;
  static constexpr std::size_t most_pending_bytes = std::size_t{4} << 20U;

  /// An event that was not taken yet.
  struct Pending {
    enum class State : std::uint8_t { waiting, away, taken };
    graph::Sequence sequence = 0;
    std::string entity; ///< its id
    tmf::EventKind kind;
    std::shared_ptr<const std::string> body;
    State state = State::waiting;
  };

  /// Errors: those of reading its queries and its callback, which were good once.
  static Result<EventLane> make(graph::Key key, Subscription subscription, graph::Sequence behind);

  [[nodiscard]] const graph::Key& key() const { return key_; }
  [[nodiscard]] const Subscription& subscription() const { return subscription_; }
  [[nodiscard]] const Callback& callback() const { return callback_; }
  /// Parks, resumes or tells of gaps; what is told to whom does not change.
  void set_subscription(Subscription subscription) { subscription_ = std::move(subscription); }

  /// The commit to be read next.
  [[nodiscard]] graph::Sequence wanted() const { return next_ + page_.size(); }
  /// Whether nothing is left of what was read.
  [[nodiscard]] bool is_read() const { return page_.empty(); }
  /// Whether all events that were made were taken.
  [[nodiscard]] bool is_told() const { return pending_.empty(); }
  /// Commits from wanted() on, without a gap.
  void read(std::vector<graph::DeltaRef> commits);
  /// Makes events of what was read, as far as there is room.
  void fill(EventMaker& maker);

  /// The number of the next event that may be sent, when no more than so many are away.
  [[nodiscard]] std::optional<std::uint64_t> sendable(std::size_t most_away) const;
  [[nodiscard]] const Pending& event(std::uint64_t number) const {
    return pending_[number - first_];
  }
  void send(std::uint64_t number);
  void take(std::uint64_t number);
  void fail(std::uint64_t number);
  [[nodiscard]] std::size_t away() const { return away_; }
  [[nodiscard]] graph::Sequence cursor() const;
  /// Goes on with that commit, forward or back. Nothing may be away.
  void restart(graph::Sequence from);

private:
  EventLane(graph::Key key, Subscription subscription, Callback callback, EventFilters filters)
      : key_(std::move(key)), subscription_(std::move(subscription)),
        callback_(std::move(callback)), filters_(std::move(filters)) {}
  void make_events(const graph::Delta& commit, EventMaker& maker);
  [[nodiscard]] bool has_room() const {
    return pending_.size() < most_pending && pending_bytes_ < most_pending_bytes;
  }

  graph::Key key_;
  Subscription subscription_;
  Callback callback_;
  EventFilters filters_;
  std::deque<graph::DeltaRef> page_; ///< the first has the sequence next_
  graph::Sequence next_ = 1;
  std::size_t change_ = 0; ///< of the first of the page, to be looked at next
  std::deque<Pending> pending_;
  std::uint64_t first_ = 0; ///< the number of the first
  std::size_t pending_bytes_ = 0;
  std::size_t away_ = 0;
};

} // namespace diffo::server
