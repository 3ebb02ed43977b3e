#pragma once

#include "graph/delta.h"
#include "model/api.h"
#include "tmf/emit.h"

#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The events of TMF638 and TMF639 (tmf.md §1.5, wire.md §10), as functions of a commit.
namespace diffo::tmf {

enum class EventType : std::uint8_t {
  create,
  attribute_value_change,
  state_change,
  operating_status_change, ///< of services in v5 alone
  deletion,
};

/// `ServiceStateChangeEvent`: the eventType, and the `@type` of v5.
std::string event_name(model::Api api, EventType type);
/// `serviceStateChangeEvent`: the last segment of a listener's path.
std::string listener_name(model::Api api, EventType type);
/// All that an API has in a version.
std::vector<EventType> event_types(model::Api api, model::Version version);
/// The one of that name; nothing for any other text.
std::optional<EventType> event_type_of(std::string_view name, model::Api api,
                                       model::Version version);

/// One event: what happened, and its envelope.
struct Event {
  EventType type = EventType::create;
  json::Object document;
};

/// The events that one change of a commit raises among those who see the API in that version: none
/// for what is not of the API, what is only expected, and what the version does not show. A change
/// of a state and of something else raises both. The payload has the entity as it became, of a
/// deletion as it was; beside it `@changed` names the attributes that differ and `@before` has
/// those of them that were there. The same commit gives the same events, ids included, whenever it
/// is asked. Linear in the record before and after.
std::vector<Event> events_of(const graph::Delta& commit, const graph::Delta::Change& change,
                             model::Api api, model::Version version, const EmitContext& context);

} // namespace diffo::tmf
