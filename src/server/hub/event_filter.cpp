#include "server/hub/event_filter.h"

#include "base/text.h"
#include "base/url_text.h"
#include "query/entity_path.h"
#include "query/fields.h"
#include "query/list_parameters.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

using model::Version;

/// What stays of an event whatever `fields` names.
constexpr std::array<std::string_view, 6> always{"eventId",   "eventTime", "eventType",
                                                 "@sequence", "id",        "@type"};

Error in_query(Error error) {
  if (!error.path.empty())
    error.message = error.path + ": " + error.message;
  error.path = "/query";
  return error;
}

/// One more of those that a message lists behind "there are".
void list(std::string& message, std::string_view name) {
  message.append(message.ends_with("are") ? " " : ", ").append(name);
}

Error unknown_type(std::string_view name, const tmf::EventScope& scope) {
  std::string message = "there is no eventType " + shortened(name, 64) + " here; there are";
  for (const tmf::EventKind& kind : tmf::event_kinds(scope))
    list(message, tmf::event_name(kind, scope.version));
  return {ErrorCode::invalid, std::move(message), "eventType"};
}

/// The parameters of a query string that are ours, and the rest of it.
struct Parts {
  std::vector<std::string> fields;
  std::optional<std::set<tmf::EventKind>> kinds;
  std::string conditions;
};

Result<Parts> parts_of(std::string_view query, const tmf::EventScope& scope,
                       EventFilter::Strange strange) {
  Parts parts;
  for (const RawParameter& raw : split_query(query)) {
    const std::string name = TRY(decode_query_text(raw.name));
    if (name == "fields" && raw.has_value) {
      parts.fields.push_back(TRY(decode_query_text(raw.value)));
      continue;
    }
    constexpr std::array<std::string_view, 5> of_lists{"sort", "offset", "limit", "after",
                                                       "before"};
    if (std::find(of_lists.begin(), of_lists.end(), name) != of_lists.end())
      return Error{ErrorCode::invalid,
                   "is of lists; a query of events takes conditions only, and fields", name};
    if ((name == "eventType" || name == "eventType.eq") && raw.has_value) {
      const std::string value = TRY(decode_query_text(raw.value));
      for (const std::string& alternative : TRY(query::split_alternatives(value))) {
        const auto kind = tmf::event_kind_of(alternative, scope);
        if (!kind && strange == EventFilter::Strange::refused)
          return unknown_type(alternative, scope);
        if (!parts.kinds)
          parts.kinds.emplace();
        if (kind)
          parts.kinds->insert(*kind);
      }
    }
    parts.conditions.append(parts.conditions.empty() ? "" : "&").append(raw.name);
    if (raw.has_value)
      parts.conditions.append("=").append(raw.value);
  }
  return parts;
}

/// A condition on what no event has would keep all of them away, and nobody would know why.
Result<void> check_member(std::string_view name, Version version, EventFilter::Strange strange) {
  const auto has = [name](Version one) {
    const auto names = tmf::envelope_members(one);
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const bool of_others = strange == EventFilter::Strange::of_others;
  if (has(version) || (of_others && (has(Version::v5) || name == "timeReceived")))
    return {};
  std::string message = "no event has that; there are";
  for (const std::string_view one : tmf::envelope_members(version))
    list(message, one);
  return Error{ErrorCode::invalid, message + ", below which the entity is", shortened(name, 64)};
}

Result<void> check_members(std::string_view conditions, Version version,
                           EventFilter::Strange strange) {
  const query::ListParameters asked = TRY(query::parse_list_parameters(conditions));
  for (const query::ConditionText& condition : asked.conditions)
    TRY(check_member(condition.path.front(), version, strange));
  for (const std::string& text : asked.filters)
    if (const auto path = query::EntityPath::parse(text))
      if (const auto names = query::attributes_of(path->condition()))
        for (const std::string& name : *names)
          TRY(check_member(name, version, strange));
  return {};
}

/// A query may be a JSONPath by itself (tmf.md §1.5).
std::string as_conditions(std::string_view query) {
  if (query.starts_with('?') && !query.starts_with("?("))
    query.remove_prefix(1);
  if (!query.starts_with('$') && !query.starts_with('['))
    return std::string(query);
  std::string filter = "filter=";
  append_percent_encoded(filter, query);
  return filter;
}

Result<tmf::FieldSelection> selection_of(const std::vector<std::string>& fields,
                                         const tmf::EventScope& scope) {
  tmf::FieldSelection selection = TRY(query::parse_selection(fields, always));
  if (selection.shows_all())
    return selection;
  for (const model::ApiRow& row : model::apis)
    for (const char* member : {"id", "href", "@type"})
      if (scope.has(row.api))
        selection.add({"event", std::string(row.collection), member});
  return selection;
}

} // namespace

Result<EventFilter> EventFilter::parse(std::string_view query, const tmf::EventScope& scope,
                                       Strange strange) {
  if (query.size() > longest_event_query)
    return Error{ErrorCode::invalid, "is longer than 4096 bytes", "/query"};
  EventFilter filter;
  const std::string given = as_conditions(query);
  auto parts = parts_of(given, scope, strange);
  if (!parts)
    return in_query(std::move(parts).error());
  auto conditions = query::JsonFilter::parse(parts->conditions);
  if (!conditions)
    return in_query(std::move(conditions).error());
  if (strange != Strange::kept)
    if (auto checked = check_members(parts->conditions, scope.version, strange); !checked)
      return in_query(std::move(checked).error());
  auto fields = selection_of(parts->fields, scope);
  if (!fields)
    return in_query(std::move(fields).error());
  filter.filter_ = *std::move(conditions);
  filter.fields_ = *std::move(fields);
  if (parts->kinds) {
    filter.kinds_ = *std::move(parts->kinds);
  } else {
    const std::vector<tmf::EventKind> all = tmf::event_kinds(scope);
    filter.kinds_.insert(all.begin(), all.end());
  }
  return filter;
}

Result<EventFilters> EventFilters::parse(std::string_view query,
                                         std::initializer_list<std::string_view> of_topic,
                                         const tmf::EventScope& scope,
                                         EventFilter::Strange strange) {
  EventFilters all;
  all.filters_.push_back(TRY(EventFilter::parse(query, scope, strange)));
  for (const std::string_view one : of_topic)
    all.filters_.push_back(TRY(EventFilter::parse(one, scope, EventFilter::Strange::kept)));
  return all;
}

bool EventFilters::take(const tmf::EventKind& kind, const json::Value& event) const {
  return std::all_of(filters_.begin(), filters_.end(),
                     [&](const EventFilter& one) { return one.takes(kind) && one.takes(event); });
}

bool EventFilters::narrows() const {
  return std::any_of(filters_.begin(), filters_.end(),
                     [](const EventFilter& one) { return one.narrows(); });
}

void EventFilters::narrow(json::Value& event) const {
  for (const EventFilter& one : filters_)
    if (one.narrows())
      one.narrow(event);
}

} // namespace diffo::server
