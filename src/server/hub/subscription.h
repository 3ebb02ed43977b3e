#pragma once

#include "base/secret.h"
#include "graph/change.h"
#include "graph/schema.h"
#include "tmf/event.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Subscriptions to events as records of the graph (wire.md §10).
namespace diffo::server {

/// Commits that a subscriber was not told of, because their entries were not kept so long.
struct EventGap {
  graph::Sequence from = 0;
  graph::Sequence to = 0; ///< included
  friend bool operator==(const EventGap&, const EventGap&) = default;
};

/// Who is told of what.
struct Subscription {
  std::string id;
  std::uint16_t publication = 638; ///< the number of the interface that it was made at
  model::Version version = model::Version::v4;
  std::string callback;
  std::string query;
  std::string topic;        ///< the id of the topic that it is of (TMF688); empty: of none
  std::string header_query; ///< of that topic, which never change
  std::string content_query;
  bool listener = false; ///< events go to `<callback>/listener/<eventName>`
  Secret secret;         ///< empty: events are not signed
  std::string base; ///< of the API where it was made, "http://host/tmf-api/…/v4": hrefs in events
  std::string by;   ///< who made it; empty: nobody known
  std::int64_t at = 0; ///< when, microseconds since 1970
  /// What was committed up to there is not told; none: the commit that made the record is the last.
  std::optional<graph::Sequence> behind;
  graph::Sequence written = 0;        ///< by which commit; of what is stored
  std::optional<std::int64_t> parked; ///< since when nothing is sent, microseconds since 1970
  std::string reason;                 ///< of that
  std::vector<EventGap> gaps;         ///< the newest are kept

  /// What it may be told of: a topic has the events of all interfaces.
  [[nodiscard]] tmf::EventScope scope() const;
  /// Its path below that of the interface.
  [[nodiscard]] std::string path() const;
};
inline constexpr std::size_t most_gaps = 16;

/// Reads what somebody wants to subscribe to, of what may be told there; id, interface, topic, base
/// and who asks are not his to say. Errors: invalid with the pointer of the member, for a query
/// that cannot be read, too.
Result<Subscription> requested_subscription(const json::Value& document,
                                            const tmf::EventScope& scope);
/// The first sequence that he wants to be told of. Errors: invalid.
Result<std::optional<graph::Sequence>> requested_start(const json::Value& document);

graph::RecordDraft subscription_draft(const Subscription& subscription, graph::Tenant tenant);
/// Errors: corrupt.
Result<Subscription> stored_subscription(const graph::Record& record, const graph::Schema& schema);

/// What is stored, for whoever may read the journal: without the secret.
json::Value shown_subscription(const graph::Record& record, const graph::Schema& schema);

/// Changes a stored subscription and nothing else. Errors: not_found, those of `edit`.
graph::Decide change_of_subscription(graph::Key key,
                                     std::function<Result<void>(Subscription&)> edit);

/// What holds the right to be the only one with this callback, query, topic, API and version.
graph::ClaimName claim_of(const Subscription& subscription, graph::Tenant tenant);
/// Whose place in the journal is that of a subscription.
std::string consumer_of(const graph::Key& subscription);

/// As the API shows it in its version: never with the secret. `base` begins its href.
json::Value subscription_document(const Subscription& subscription, std::string_view base);

/// Where the subscriptions of an interface are, or those of a topic: "/hub", "/topic/ID/hub".
std::string hub_path(std::string_view topic);
/// The origin of an interface's base: "http://host".
std::string origin_of_base(std::string_view base);
std::string_view name_of(model::Version version);

} // namespace diffo::server
