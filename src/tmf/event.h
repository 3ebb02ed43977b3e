#pragma once

#include "graph/delta.h"
#include "model/api.h"
#include "tmf/emit.h"

#include <diffo/json.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The events of TMF638, TMF639 and their neighbours (tmf.md §1.5, wire.md §10), as functions of a
/// commit.
namespace diffo::tmf {

enum class EventType : std::uint8_t {
  create,
  attribute_value_change,
  state_change,
  operating_status_change, ///< of services in v5 alone
  deletion,
};

/// What an event tells, and of what.
struct EventKind {
  model::Api api = model::Api::service;
  EventType type = EventType::create;
  friend auto operator<=>(const EventKind&, const EventKind&) = default;
};

/// What may be told at some place: the events of one published interface in one version, or those
/// of all interfaces.
struct EventScope {
  static constexpr std::uint16_t all = 0;
  std::uint16_t publication = all; ///< its number
  model::Version version = model::Version::v4;

  [[nodiscard]] bool has(model::Api api) const {
    return publication == all || model::row_of(api).publication == publication;
  }
  /// Whether it may have something to do with records of the family.
  [[nodiscard]] bool has(graph::Family family) const;
  friend bool operator==(const EventScope&, const EventScope&) = default;
};

/// `ServiceStateChangeEvent`: the eventType, and the `@type` of v5. Of a kind that the version has.
std::string event_name(EventKind kind, model::Version version);
/// `serviceStateChangeEvent`: the last segment of a listener's path.
std::string listener_name(EventKind kind, model::Version version);
/// All that there are.
std::vector<EventKind> event_kinds(const EventScope& scope);
/// The one of that name; nothing for any other text.
std::optional<EventKind> event_kind_of(std::string_view name, const EventScope& scope);

/// What events of a version may have at their first level (tmf.md §1.5), and what ours have beside.
std::span<const std::string_view> envelope_members(model::Version version);

/// One event: what happened, and its envelope.
struct Event {
  EventKind kind;
  json::Object document;
};

/// The events that one change of a commit raises there: none for what is not of the scope, what is
/// only expected, and what the version does not show. A change of a state and of something else
/// raises both. The payload has the entity as it became, of a deletion as it was; beside it
/// `@changed` names the attributes that differ and `@before` has those of them that were there. The
/// same commit gives the same events, ids included, whenever it is asked. Linear in the record
/// before and after. `context`: where the interface is served, or, in the scope of all, the origin
/// of this server.
std::vector<Event> events_of(const graph::Delta& commit, const graph::Delta::Change& change,
                             const EventScope& scope, const EmitContext& context);

/// Which commit made the event of that id; nothing for what is no id of ours.
std::optional<graph::Sequence> commit_of_event(std::string_view event_id);

} // namespace diffo::tmf
