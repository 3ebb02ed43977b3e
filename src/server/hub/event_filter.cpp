#include "server/hub/event_filter.h"

#include "base/text.h"
#include "base/url_text.h"
#include "query/fields.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

/// What stays of an event whatever `fields` names.
constexpr std::array<std::string_view, 6> always{"eventId",   "eventTime", "eventType",
                                                 "@sequence", "id",        "@type"};

Error in_query(Error error) {
  if (!error.path.empty())
    error.message = error.path + ": " + error.message;
  error.path = "/query";
  return error;
}

Error unknown_type(std::string_view name, const tmf::EventScope& scope) {
  std::string message = "there is no eventType " + shortened(name, 64) + " here; there are";
  for (const tmf::EventKind& kind : tmf::event_kinds(scope))
    message.append(message.ends_with("are") ? " " : ", ")
        .append(tmf::event_name(kind, scope.version));
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
  if (query.starts_with('?'))
    query.remove_prefix(1);
  EventFilter filter;
  auto parts = parts_of(query, scope, strange);
  if (!parts)
    return in_query(std::move(parts).error());
  auto conditions = query::JsonFilter::parse(parts->conditions);
  if (!conditions)
    return in_query(std::move(conditions).error());
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
                                         const tmf::EventScope& scope) {
  EventFilters all;
  all.filters_.push_back(TRY(EventFilter::parse(query, scope)));
  for (const std::string_view one : of_topic)
    all.filters_.push_back(TRY(EventFilter::parse(one, scope, EventFilter::Strange::never)));
  return all;
}

bool EventFilters::take(const tmf::EventKind& kind, const json::Value& event) const {
  return std::all_of(filters_.begin(), filters_.end(),
                     [&](const EventFilter& one) { return one.takes(kind) && one.takes(event); });
}

bool EventFilters::narrow() const {
  return std::any_of(filters_.begin(), filters_.end(),
                     [](const EventFilter& one) { return one.narrows(); });
}

void EventFilters::narrow(json::Value& event) const {
  for (const EventFilter& one : filters_)
    if (one.narrows())
      one.narrow(event);
}

} // namespace diffo::server
