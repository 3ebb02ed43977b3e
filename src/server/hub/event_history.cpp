#include "server/hub/event_history.h"

#include "base/text.h"
#include "server/next_page.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

constexpr std::size_t commits_at_once = 32;

/// Each commit is read by the newest schema, which reads all that is older: a model may have been
/// put since.
std::vector<tmf::Event> events_of(const graph::Delta& commit, std::size_t change,
                                  const graph::Store& store, const EventAudience& audience) {
  if (commit.changes[change].key.tenant != audience.tenant)
    return {};
  return tmf::events_of(commit, commit.changes[change], audience.events,
                        {.schema = store.schema(), .origin = audience.origin});
}

/// Goes over commits, and what is in them, in the order asked for.
class Walk {
public:
  Walk(const graph::Store& store, const EventAudience& audience, const EventFilters& filters,
       const EventRequest& request)
      : store_(store), audience_(audience), filters_(filters), request_(request) {}

  Result<EventPage> run() {
    page_.events = "[";
    graph::Sequence at = first();
    while (at != 0 && !full_) {
      const std::vector<graph::DeltaRef> commits = TRY(read(at));
      if (commits.empty())
        break;
      for (std::size_t one = 0; one < commits.size() && !full_; ++one)
        take(*commits[request_.newest_first ? commits.size() - 1 - one : one]);
      at = behind(commits);
    }
    page_.events += ']';
    return std::move(page_);
  }

private:
  [[nodiscard]] graph::Sequence newest() const { return store_.statistics().sequence; }

  /// The commit to begin with; 0: there is none.
  [[nodiscard]] graph::Sequence first() const {
    const graph::Sequence oldest = std::max<graph::Sequence>(store_.oldest_entry(), 1);
    graph::Sequence at = request_.after ? request_.after->sequence : request_.begin;
    if (request_.newest_first) {
      at = at == 0 ? newest() : std::min(at, newest());
      return at < oldest ? 0 : at;
    }
    at = std::max(at, oldest);
    return at > newest() ? 0 : at;
  }

  /// Those from there on, in the order of their sequences.
  Result<std::vector<graph::DeltaRef>> read(graph::Sequence at) {
    if (!request_.newest_first) {
      auto commits = store_.deltas(at, commits_at_once);
      if (!commits && commits.error().code == ErrorCode::gone) // dropped since we looked
        return store_.deltas(store_.oldest_entry(), commits_at_once);
      return commits;
    }
    graph::Sequence from = std::max(at - std::min<graph::Sequence>(at - 1, commits_at_once - 1),
                                    std::max<graph::Sequence>(store_.oldest_entry(), 1));
    while (from <= at) {
      auto commits = store_.deltas(from, at - from + 1);
      if (!commits && commits.error().code == ErrorCode::gone)
        break;
      if (!commits || commits->empty() || commits->back()->sequence >= at)
        return commits;
      from = commits->back()->sequence + 1; // they are large: the last are wanted
    }
    return std::vector<graph::DeltaRef>();
  }

  [[nodiscard]] graph::Sequence behind(const std::vector<graph::DeltaRef>& commits) const {
    if (request_.newest_first)
      return commits.front()->sequence - 1;
    const graph::Sequence next = commits.back()->sequence + 1;
    return next > newest() ? 0 : next;
  }

  void take(const graph::Delta& commit) {
    const std::size_t changes = commit.changes.size();
    for (std::size_t one = 0; one < changes && !full_; ++one) {
      const std::size_t change = request_.newest_first ? changes - 1 - one : one;
      std::vector<tmf::Event> events = events_of(commit, change, store_, audience_);
      for (std::size_t two = 0; two < events.size() && !full_; ++two) {
        const std::size_t event = request_.newest_first ? events.size() - 1 - two : two;
        const EventPlace place{commit.sequence, change, event};
        if (is_behind_cursor(place))
          take(place, std::move(events[event]));
      }
    }
    const bool begun = request_.after && request_.after->sequence == commit.sequence;
    if (!full_ && !begun && ++commits_ >= request_.most_commits)
      stop(request_.newest_first ? EventPlace{commit.sequence, 0, 0}
                                 : EventPlace{commit.sequence, changes, 0});
  }

  [[nodiscard]] bool is_behind_cursor(const EventPlace& place) const {
    if (!request_.after)
      return true;
    const auto order =
        std::tie(place.sequence, place.change, place.event) <=>
        std::tie(request_.after->sequence, request_.after->change, request_.after->event);
    return request_.newest_first ? order < 0 : order > 0;
  }

  void take(const EventPlace& place, tmf::Event event) {
    const tmf::EventKind kind = event.kind;
    json::Value document(std::move(event.document));
    if (!filters_.take(kind, document))
      return;
    if (page_.left_out < request_.offset) {
      ++page_.left_out;
      return;
    }
    if (page_.count == request_.limit || page_.events.size() >= most_page_bytes)
      return stop(last_);
    filters_.narrow(document);
    page_.events += page_.count++ == 0 ? "" : ",";
    json::write(document, page_.events);
    last_ = place;
  }

  void stop(const EventPlace& place) {
    full_ = true;
    page_.next = place;
  }

  const graph::Store& store_;
  const EventAudience& audience_;
  const EventFilters& filters_;
  const EventRequest& request_;
  EventPage page_;
  EventPlace last_;
  std::size_t commits_ = 0;
  bool full_ = false;
};

} // namespace

Result<EventPage> read_history(const graph::Store& store, const EventAudience& audience,
                               const EventFilters& filters, const EventRequest& request) {
  return Walk(store, audience, filters, request).run();
}

Result<json::Value> read_event(const graph::Store& store, const EventAudience& audience,
                               const EventFilters& filters, std::string_view id) {
  const Error unknown{ErrorCode::not_found, "there is no event " + shortened(id, 64) + " here"};
  const auto sequence = tmf::commit_of_event(id);
  if (!sequence || *sequence == 0 || *sequence > store.statistics().sequence)
    return unknown;
  const std::vector<graph::DeltaRef> commits = TRY(store.deltas(*sequence, 1));
  if (commits.empty() || commits.front()->sequence != *sequence)
    return unknown;
  const graph::Delta& commit = *commits.front();
  for (std::size_t change = 0; change < commit.changes.size(); ++change)
    for (tmf::Event& event : events_of(commit, change, store, audience)) {
      const json::Value* name = event.document.find("eventId");
      if (name == nullptr || name->string() != id)
        continue;
      const tmf::EventKind kind = event.kind;
      json::Value document(std::move(event.document));
      if (!filters.take(kind, document))
        return unknown;
      filters.narrow(document);
      return document;
    }
  return unknown;
}

} // namespace diffo::server
