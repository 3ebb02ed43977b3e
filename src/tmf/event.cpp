#include "tmf/event.h"

#include "base/sha256.h"
#include "base/time.h"
#include "base/uuid.h"
#include "model/model.h"
#include "model/schema.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace diffo::tmf {
namespace {

using model::Api;
using model::Version;

/// Of an event's id: those that say which commit it was.
constexpr std::size_t sequence_bytes = 6;

struct TypeWord {
  std::string_view word;
  EventType type;
};

/// What the names of events have between that of the collection and `Event`.
constexpr std::array<TypeWord, 7> type_words{{
    {"Create", EventType::create},
    {"AttributeValueChange", EventType::attribute_value_change},
    {"Change", EventType::attribute_value_change},
    {"StateChange", EventType::state_change},
    {"StatusChange", EventType::state_change},
    {"OperatingStatusChange", EventType::operating_status_change},
    {"Delete", EventType::deletion},
}};
constexpr std::size_t type_count = 5;

constexpr const TypeWord* find_word(std::string_view word) {
  for (const TypeWord& one : type_words)
    if (one.word == word)
      return &one;
  return nullptr;
}

/// The first of some words, which is then no more among them.
constexpr std::string_view take_word(std::string_view& words) {
  const std::size_t end = std::min(words.find(' '), words.size());
  const std::string_view word = words.substr(0, end);
  words.remove_prefix(std::min(end + 1, words.size()));
  return word;
}

constexpr bool knows_all(std::string_view words) {
  while (!words.empty())
    if (find_word(take_word(words)) == nullptr)
      return false;
  return true;
}
static_assert(std::all_of(model::apis.begin(), model::apis.end(), [](const model::ApiRow& row) {
  return knows_all(row.events_v4) && knows_all(row.events_v5);
}));

EventType type_of(std::string_view word) {
  return find_word(word)->type;
}

std::string_view events_in(Api api, Version version) {
  const model::ApiRow& row = model::row_of(api);
  return version == Version::v4 ? row.events_v4 : row.events_v5;
}

/// Empty: the version has none.
std::string_view word_of(EventKind kind, Version version) {
  for (std::string_view words = events_in(kind.api, version); !words.empty();)
    if (const std::string_view word = take_word(words); type_of(word) == kind.type)
      return word;
  return {};
}

/// Which event tells that an attribute has changed (tmf.md §1.5).
EventType type_of_change(const model::Attribute* attribute, Api api, Version version) {
  const model::Tells tells = attribute != nullptr ? attribute->tells : model::Tells::value;
  const EventType type = tells == model::Tells::state ? EventType::state_change
                         : tells == model::Tells::operating_status
                             ? EventType::operating_status_change
                             : EventType::attribute_value_change;
  return word_of({api, type}, version).empty() ? EventType::attribute_value_change : type;
}

/// Whether the record is one that those who follow an inventory see.
bool is_actual(const graph::RecordRef& record) {
  return record && record->which() == graph::Which::actual;
}

/// The same for one commit, record and type, whenever and for whomever it is made: a UUID that
/// begins with the sequence of the commit (RFC 9562 §5.8).
std::string event_id(const graph::Delta& commit, const graph::Key& key, EventType type) {
  std::string bytes = "diffo event ";
  bytes += std::to_string(commit.sequence) + ' ' + std::to_string(commit.time) + ' ' +
           std::to_string(key.tenant) + ' ' + std::to_string(key.family) + ' ' +
           std::to_string(static_cast<unsigned>(type)) + ' ' + key.id;
  const Sha256 hash = sha256(bytes);
  Uuid id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  for (std::size_t at = 0; at < sequence_bytes; ++at)
    id.bytes[at] = static_cast<std::uint8_t>(commit.sequence >> (8 * (sequence_bytes - 1 - at)));
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x80U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id.text();
}

/// What differs between two documents at their first level, by the event that tells of it.
struct Differences {
  std::vector<std::string_view> changed;
  json::Object before;  ///< those of them that were there
  bool is_said = false; ///< something differs beside the moment of the change
};

using DifferencesByType = std::array<Differences, type_count>;

DifferencesByType differences(const json::Object& before, const json::Object& after, Api api,
                              Version version, const model::Model& model) {
  DifferencesByType all;
  const auto note = [&](std::string_view name, const json::Value* was) {
    const model::Attribute* attribute = model.first_level(api, name);
    Differences& one = all[static_cast<std::size_t>(type_of_change(attribute, api, version))];
    one.changed.push_back(name);
    one.is_said = one.is_said || attribute == nullptr || !attribute->stamped;
    if (was != nullptr)
      one.before.append(std::string(name), *was);
  };
  for (const json::Member& member : after)
    if (const json::Value* was = before.find(member.name); was == nullptr || *was != member.value)
      note(member.name, was);
  for (const json::Member& member : before)
    if (!after.contains(member.name))
      note(member.name, &member.value);
  return all;
}

/// What an envelope is made of.
struct Happening {
  const graph::Delta& commit;
  const graph::Key& key;
  Api api;
  Version version;
};

std::string_view domain_of(Api api) {
  const std::string_view names = model::publication_of(api).names;
  return names.substr(0, names.find(' '));
}

json::Object reference_of(std::string_view type, std::string_view id, std::string_view href) {
  json::Object reference{{"@type", "EntityRef"}, {"@referredType", type}, {"id", id}};
  if (!href.empty())
    reference.append("href", href);
  return reference;
}

Event event_of(const Happening& happening, EventType type, json::Value entity,
               const Differences* differences) {
  const bool v5 = happening.version == Version::v5;
  const EventKind kind{happening.api, type};
  const std::string name = event_name(kind, happening.version);
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
  document.append("domain", domain_of(happening.api));
  document.append("title", name);
  document.append(v5 ? "timeOccurred" : "timeOcurred", time); // sic: tmf.md §1.5
  document.append("@sequence", static_cast<std::int64_t>(happening.commit.sequence));
  if (v5) {
    document.append(
        "source", reference_of(entity.text_of("@type"), happening.key.id, entity.text_of("href")));
    document.append("reportingSystem", reference_of("System", "diffo", {}));
  }
  json::Object payload{{std::string(model::collection_of(happening.api)), std::move(entity)}};
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
  return {kind, std::move(document)};
}

/// Where the API of an entity is served.
EmitContext context_of(const EventScope& scope, Api api, const EmitContext& context) {
  EmitContext own = context;
  if (scope.publication == EventScope::all)
    own.api_base = context.origin + base_path_of(api, scope.version);
  return own;
}

/// Those of a record that stays.
std::vector<Event> changes_of(const Happening& happening, const graph::Delta::Change& change,
                              const EmitContext& context) {
  const json::Value before = document_of(*change.before, happening.version, context);
  const json::Value after = document_of(*change.after, happening.version, context);
  const DifferencesByType all = differences(before.object(), after.object(), happening.api,
                                            happening.version, model::model_of(context.schema));
  std::vector<Event> events;
  for (const EventType type : {EventType::state_change, EventType::operating_status_change,
                               EventType::attribute_value_change}) {
    const Differences& one = all[static_cast<std::size_t>(type)];
    // That it was changed goes without saying where another event tells of a change.
    if (!one.changed.empty() && (one.is_said || events.empty()))
      events.push_back(event_of(happening, type, after, &one));
  }
  return events;
}

} // namespace

std::span<const std::string_view> envelope_members(Version version) {
  static constexpr std::array<std::string_view, 12> in_v4{
      "eventId",     "eventTime", "eventType",   "correlationId", "domain", "title",
      "description", "priority",  "timeOcurred", "fieldPath",     "event",  "@sequence"};
  static constexpr std::array<std::string_view, 20> in_v5{"eventId",
                                                          "eventTime",
                                                          "eventType",
                                                          "correlationId",
                                                          "domain",
                                                          "title",
                                                          "description",
                                                          "priority",
                                                          "timeOccurred",
                                                          "source",
                                                          "reportingSystem",
                                                          "relatedParty",
                                                          "analyticCharacteristic",
                                                          "event",
                                                          "id",
                                                          "href",
                                                          "@type",
                                                          "@baseType",
                                                          "@schemaLocation",
                                                          "@sequence"};
  return version == Version::v4 ? std::span<const std::string_view>(in_v4)
                                : std::span<const std::string_view>(in_v5);
}

bool EventScope::has(graph::Family family) const {
  return std::any_of(model::apis.begin(), model::apis.end(), [&](const model::ApiRow& row) {
    return row.family == family && has(row.api);
  });
}

std::string event_name(EventKind kind, Version version) {
  std::string name = listener_name(kind, version);
  name.front() = static_cast<char>(name.front() - 'a' + 'A');
  return name;
}

std::string listener_name(EventKind kind, Version version) {
  std::string name(model::collection_of(kind.api));
  return name.append(word_of(kind, version)).append("Event");
}

std::vector<EventKind> event_kinds(const EventScope& scope) {
  std::vector<EventKind> kinds;
  for (const model::ApiRow& row : model::apis)
    if (scope.has(row.api))
      for (std::string_view words = events_in(row.api, scope.version); !words.empty();)
        kinds.push_back({row.api, type_of(take_word(words))});
  return kinds;
}

std::optional<EventKind> event_kind_of(std::string_view name, const EventScope& scope) {
  for (const EventKind kind : event_kinds(scope))
    if (event_name(kind, scope.version) == name)
      return kind;
  return std::nullopt;
}

std::vector<Event> events_of(const graph::Delta& commit, const graph::Delta::Change& change,
                             const EventScope& scope, const EmitContext& context) {
  const bool was = is_actual(change.before);
  const bool is = is_actual(change.after);
  if ((!was && !is) || !scope.has(change.key.family))
    return {};
  const graph::Record& record = is ? *change.after : *change.before;
  const Api api = model::api_of(record, context.schema);
  if (!scope.has(api))
    return {};
  const Happening happening{commit, change.key, api, scope.version};
  const EmitContext own = context_of(scope, api, context);
  if (was && is)
    return changes_of(happening, change, own);
  std::vector<Event> events;
  events.push_back(event_of(happening, is ? EventType::create : EventType::deletion,
                            document_of(record, scope.version, own), nullptr));
  return events;
}

std::optional<graph::Sequence> commit_of_event(std::string_view event_id) {
  const auto id = Uuid::parse(event_id);
  if (!id || (id->bytes[6] & 0xF0U) != 0x80U)
    return std::nullopt;
  graph::Sequence sequence = 0;
  for (std::size_t at = 0; at < sequence_bytes; ++at)
    sequence = sequence << 8U | id->bytes[at];
  return sequence;
}

} // namespace diffo::tmf
