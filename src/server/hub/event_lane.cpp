#include "server/hub/event_lane.h"

#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace diffo::server {

using State = EventLane::Pending::State;

Result<EventLane> EventLane::make(graph::Key key, Subscription subscription,
                                  graph::Sequence behind) {
  Callback callback = TRY(Callback::parse(subscription.callback));
  EventFilters filters = TRY(EventFilters::parse(
      subscription.query, {subscription.header_query, subscription.content_query},
      subscription.scope(), EventFilter::Strange::kept));
  EventLane lane(std::move(key), std::move(subscription), std::move(callback), std::move(filters));
  lane.next_ = behind + 1;
  return lane;
}

void EventLane::read(std::vector<graph::DeltaRef> commits) {
  std::move(commits.begin(), commits.end(), std::back_inserter(page_));
}

void EventLane::fill(EventMaker& maker) {
  while (!page_.empty() && has_room()) {
    const graph::DeltaRef commit = page_.front();
    make_events(*commit, maker);
    if (change_ < commit->changes.size())
      return;
    page_.pop_front();
    change_ = 0;
    ++next_;
  }
}

/// A commit may have more changes than there is room for: what is left of it is made later.
void EventLane::make_events(const graph::Delta& commit, EventMaker& maker) {
  const tmf::EventScope scope = subscription_.scope();
  for (; change_ < commit.changes.size() && has_room(); ++change_) {
    const graph::Key& changed = commit.changes[change_].key;
    if (changed.tenant != key_.tenant || !scope.has(changed.family))
      continue;
    const MadeEvents events = maker.events_of(commit, change_, subscription_);
    for (const MadeEvent& event : *events) {
      if (!filters_.take(event.kind, event.document))
        continue;
      std::shared_ptr<const std::string> body = event.body;
      if (filters_.narrows()) {
        json::Value narrow = event.document;
        filters_.narrow(narrow);
        body = std::make_shared<const std::string>(json::to_text(narrow));
      }
      pending_bytes_ += body->size();
      pending_.push_back({commit.sequence, changed.id, event.kind, std::move(body)});
    }
  }
}

std::optional<std::uint64_t> EventLane::sendable(std::size_t most_away) const {
  if (away_ >= most_away)
    return std::nullopt;
  std::set<std::string_view> busy;
  std::uint64_t number = first_;
  for (const Pending& event : pending_) {
    if (event.state == State::waiting && !busy.contains(event.entity))
      return number;
    if (event.state != State::taken)
      busy.insert(event.entity);
    ++number;
  }
  return std::nullopt;
}

void EventLane::send(std::uint64_t number) {
  pending_[number - first_].state = State::away;
  ++away_;
}

void EventLane::take(std::uint64_t number) {
  pending_[number - first_].state = State::taken;
  --away_;
  while (!pending_.empty() && pending_.front().state == State::taken) {
    pending_bytes_ -= pending_.front().body->size();
    pending_.pop_front();
    ++first_;
  }
}

void EventLane::fail(std::uint64_t number) {
  pending_[number - first_].state = State::waiting;
  --away_;
}

graph::Sequence EventLane::cursor() const {
  return (pending_.empty() ? next_ : pending_.front().sequence) - 1;
}

void EventLane::restart(graph::Sequence from) {
  first_ += pending_.size();
  pending_.clear();
  pending_bytes_ = 0;
  page_.clear();
  change_ = 0;
  next_ = from;
}

} // namespace diffo::server
