#include "server/hub/event_filter.h"

#include "base/text.h"
#include "base/url_text.h"
#include "query/fields.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

using model::Api;
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

Error unknown_type(std::string_view name, Api api, Version version) {
  std::string message = "there is no eventType " + shortened(name, 64) + " here; there are";
  for (const tmf::EventType type : tmf::event_types(api, version))
    message.append(message.ends_with("are") ? " " : ", ").append(tmf::event_name(api, type));
  return {ErrorCode::invalid, std::move(message), "eventType"};
}

/// The parameters of a query string that are ours, and the rest of it.
struct Parts {
  std::vector<std::string> fields;
  std::optional<std::set<tmf::EventType>> types;
  std::string conditions;
};

Result<Parts> parts_of(std::string_view query, Api api, Version version) {
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
        const auto type = tmf::event_type_of(alternative, api, version);
        if (!type)
          return unknown_type(alternative, api, version);
        if (!parts.types)
          parts.types.emplace();
        parts.types->insert(*type);
      }
    }
    parts.conditions.append(parts.conditions.empty() ? "" : "&").append(raw.name);
    if (raw.has_value)
      parts.conditions.append("=").append(raw.value);
  }
  return parts;
}

Result<tmf::FieldSelection> selection_of(const std::vector<std::string>& fields, Api api) {
  tmf::FieldSelection selection = TRY(query::parse_selection(fields, always));
  if (selection.shows_all())
    return selection;
  for (const char* member : {"id", "href", "@type"})
    selection.add({"event", api == Api::service ? "service" : "resource", member});
  return selection;
}

} // namespace

Result<EventFilter> EventFilter::parse(std::string_view query, Api api, Version version) {
  if (query.size() > longest_event_query)
    return Error{ErrorCode::invalid, "is longer than 4096 bytes", "/query"};
  if (query.starts_with('?'))
    query.remove_prefix(1);
  EventFilter filter;
  auto parts = parts_of(query, api, version);
  if (!parts)
    return in_query(std::move(parts).error());
  auto conditions = query::JsonFilter::parse(parts->conditions);
  if (!conditions)
    return in_query(std::move(conditions).error());
  auto fields = selection_of(parts->fields, api);
  if (!fields)
    return in_query(std::move(fields).error());
  filter.filter_ = *std::move(conditions);
  filter.fields_ = *std::move(fields);
  const std::vector<tmf::EventType> all = tmf::event_types(api, version);
  filter.types_ =
      parts->types ? *std::move(parts->types) : std::set<tmf::EventType>(all.begin(), all.end());
  return filter;
}

} // namespace diffo::server
