#pragma once

#include "graph/store.h"
#include "server/hub/event_filter.h"
#include "tmf/event.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The events of commits that are kept, for whoever asks later (TMF688). Nothing is kept for it:
/// they are made of the journal, and are those that subscribers were sent. For threads that may
/// wait.
namespace diffo::server {

/// Who asks, for what, and where from.
struct EventAudience {
  graph::Tenant tenant = 0;
  tmf::EventScope events;
  std::string origin; ///< of links
};

/// Between two events, in the order in which they are told.
struct EventPlace {
  graph::Sequence sequence = 0; ///< that of the event before
  std::size_t change = 0;       ///< of the commit
  std::size_t event = 0;        ///< of the change
};

/// No request looks at more commits; one that finds fewer events meanwhile is told where to go on.
inline constexpr std::size_t most_commits_looked_at = 10'000;

/// One page.
struct EventRequest {
  bool newest_first = false;
  std::optional<EventPlace> after{}; ///< none: from the first that is kept, or the newest
  graph::Sequence begin = 0;         ///< of commits nothing needs to be told on that side of it
  std::uint64_t offset = 0;          ///< so many that the filters take are left out
  std::uint64_t limit = 0;
  std::size_t most_commits = most_commits_looked_at;
};

struct EventPage {
  std::string events = "[]"; ///< a JSON array
  std::uint64_t count = 0;
  std::uint64_t left_out = 0;
  std::optional<EventPlace> next; ///< there may be more behind; none: there is no more
};

/// Errors: of the store.
Result<EventPage> read_history(const graph::Store& store, const EventAudience& audience,
                               const EventFilters& filters, const EventRequest& request);

/// Errors: not_found for an event that there is not or that the filters do not take; gone for one
/// whose commit is not kept any more; of the store.
Result<json::Value> read_event(const graph::Store& store, const EventAudience& audience,
                               const EventFilters& filters, std::string_view id);

} // namespace diffo::server
