#include "tmf/event.h"

#include "base/sha256.h"
#include "base/time.h"
#include "base/uuid.h"
#include "model/schema.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace diffo::tmf {
namespace {

using model::Api;
using model::Version;

struct TypeWord {
  EventType type;
  std::string_view word;
};

constexpr std::array<TypeWord, 5> type_words{{
    {EventType::create, "Create"},
    {EventType::attribute_value_change, "AttributeValueChange"},
    {EventType::state_change, "StateChange"},
    {EventType::operating_status_change, "OperatingStatusChange"},
    {EventType::deletion, "Delete"},
}};

std::string_view word_of(EventType type) {
  return type_words[static_cast<std::size_t>(type)].word;
}

/// The attributes whose change is a change of state (tmf.md §1.5).
constexpr std::array<std::string_view, 2> states_of_service{"state", "internalState"};
constexpr std::array<std::string_view, 5> states_of_resource{
    "administrativeState", "operationalState", "usageState", "resourceStatus", "lifecycleState"};
constexpr std::array<std::string_view, 2> operating_status{"operatingStatus",
                                                           "internalOperatingStatus"};

bool has(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

EventType type_of_change(std::string_view attribute, Api api, Version version) {
  const std::span<const std::string_view> states =
      api == Api::service ? std::span<const std::string_view>(states_of_service)
                          : std::span<const std::string_view>(states_of_resource);
  if (has(states, attribute))
    return EventType::state_change;
  if (api == Api::service && version == Version::v5 && has(operating_status, attribute))
    return EventType::operating_status_change;
  return EventType::attribute_value_change;
}

/// Whether the record is one that those who follow an inventory see.
bool is_actual(const graph::RecordRef& record) {
  return record && record->which() == graph::Which::actual;
}

/// The same for one commit, record and type, whenever and for whomever it is made (RFC 9562 §5.8).
std::string event_id(const graph::Delta& commit, const graph::Key& key, EventType type) {
  std::string bytes = "diffo event ";
  bytes += std::to_string(commit.sequence) + ' ' + std::to_string(commit.time) + ' ' +
           std::to_string(key.tenant) + ' ' + std::to_string(key.family) + ' ';
  bytes.append(word_of(type)).append(" ").append(key.id);
  const Sha256 hash = sha256(bytes);
  Uuid id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x80U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id.text();
}

/// What differs between two documents at their first level, by the event that tells of it.
struct Differences {
  std::vector<std::string_view> changed;
  json::Object before; ///< those of them that were there
};

using DifferencesByType = std::array<Differences, type_words.size()>;

DifferencesByType differences(const json::Object& before, const json::Object& after, Api api,
                              Version version) {
  DifferencesByType all;
  const auto of = [&](std::string_view attribute) -> Differences& {
    return all[static_cast<std::size_t>(type_of_change(attribute, api, version))];
  };
  for (const json::Member& member : after) {
    const json::Value* was = before.find(member.name);
    if (was != nullptr && *was == member.value)
      continue;
    Differences& one = of(member.name);
    one.changed.push_back(member.name);
    if (was != nullptr)
      one.before.append(member.name, *was);
  }
  for (const json::Member& member : before) {
    if (after.contains(member.name))
      continue;
    Differences& one = of(member.name);
    one.changed.push_back(member.name);
    one.before.append(member.name, member.value);
  }
  return all;
}

/// What an envelope is made of.
struct Happening {
  const graph::Delta& commit;
  const graph::Key& key;
  Api api;
  Version version;
};

json::Object reference_of(std::string_view type, std::string_view id, std::string_view href) {
  json::Object reference{{"@type", "EntityRef"}, {"@referredType", type}, {"id", id}};
  if (!href.empty())
    reference.append("href", href);
  return reference;
}

Event event_of(const Happening& happening, EventType type, json::Value entity,
               const Differences* differences) {
  const bool v5 = happening.version == Version::v5;
  const bool service = happening.api == Api::service;
  const std::string name = event_name(happening.api, type);
  const std::string time = text_of(Timestamp{happening.commit.time});
  json::Object document;
  const std::string id = event_id(happening.commit, happening.key, type);
  if (v5) {
    document.append("@type", name);
    document.append("id", id);
  }
  document.append("eventId", id);
  document.append("eventTime", time);
  document.append("eventType", name);
  if (!happening.commit.cause.empty())
    document.append("correlationId", happening.commit.cause);
  document.append("domain", service ? "serviceInventory" : "resourceInventory");
  document.append("title", name);
  document.append(v5 ? "timeOccurred" : "timeOcurred", time); // sic: tmf.md §1.5
  document.append("@sequence", static_cast<std::int64_t>(happening.commit.sequence));
  if (v5) {
    document.append(
        "source", reference_of(entity.text_of("@type"), happening.key.id, entity.text_of("href")));
    document.append("reportingSystem", reference_of("System", "diffo", {}));
  }
  json::Object payload{{service ? "service" : "resource", std::move(entity)}};
  if (differences != nullptr) {
    std::string path;
    json::Array changed;
    for (const std::string_view attribute : differences->changed) {
      path.append(path.empty() ? "" : ",").append(attribute);
      changed.emplace_back(attribute);
    }
    if (!v5 && type == EventType::attribute_value_change)
      document.append("fieldPath", std::move(path));
    payload.append("@changed", std::move(changed));
    payload.append("@before", differences->before);
  }
  document.append("event", std::move(payload));
  return {type, std::move(document)};
}

} // namespace

std::string event_name(Api api, EventType type) {
  std::string name = api == Api::service ? "Service" : "Resource";
  return name.append(word_of(type)).append("Event");
}

std::string listener_name(Api api, EventType type) {
  std::string name = event_name(api, type);
  name.front() = api == Api::service ? 's' : 'r';
  return name;
}

std::vector<EventType> event_types(Api api, Version version) {
  std::vector<EventType> types;
  for (const TypeWord& one : type_words)
    if (one.type != EventType::operating_status_change ||
        (api == Api::service && version == Version::v5))
      types.push_back(one.type);
  return types;
}

std::optional<EventType> event_type_of(std::string_view name, Api api, Version version) {
  for (const EventType type : event_types(api, version))
    if (event_name(api, type) == name)
      return type;
  return std::nullopt;
}

std::vector<Event> events_of(const graph::Delta& commit, const graph::Delta::Change& change,
                             Api api, Version version, const EmitContext& context) {
  std::vector<Event> events;
  if (change.key.family != model::family_of(api))
    return events;
  const Happening happening{commit, change.key, api, version};
  const bool was = is_actual(change.before);
  const bool is = is_actual(change.after);
  if (!was && !is)
    return events;
  json::Value entity = document_of(is ? *change.after : *change.before, version, context);
  if (was != is) {
    events.push_back(event_of(happening, is ? EventType::create : EventType::deletion,
                              std::move(entity), nullptr));
    return events;
  }
  const json::Value before = document_of(*change.before, version, context);
  const DifferencesByType all = differences(before.object(), entity.object(), api, version);
  for (const EventType type : {EventType::state_change, EventType::operating_status_change,
                               EventType::attribute_value_change})
    if (const Differences& one = all[static_cast<std::size_t>(type)]; !one.changed.empty())
      events.push_back(event_of(happening, type, entity, &one));
  return events;
}

} // namespace diffo::tmf
