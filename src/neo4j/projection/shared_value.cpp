#include "neo4j/projection/shared_value.h"

#include "base/dates.h"
#include "base/time.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace diffo::neo4j {
namespace {

using json::Kind;
using json::Value;

constexpr std::int64_t per_second = 1'000'000;
constexpr std::string_view utc = "Etc/UTC";

Value canonical(const Value& value) {
  if (const json::Array* items = value.if_array()) {
    json::Array sorted;
    for (const Value& item : *items)
      sorted.push_back(canonical(item));
    return sorted;
  }
  const json::Object* object = value.if_object();
  if (object == nullptr)
    return value;
  std::vector<const json::Member*> members;
  for (const json::Member& member : *object)
    if (!member.value.is_null())
      members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const json::Member* a, const json::Member* b) { return a->name < b->name; });
  json::Object sorted;
  for (const json::Member* member : members)
    sorted.append(member->name, canonical(member->value));
  return sorted;
}

/// What the type of a scalar is called; empty for others.
std::string_view scalar_type(const Value& value) {
  switch (value.kind()) {
  case Kind::string:
    return "string";
  case Kind::boolean:
    return "boolean";
  case Kind::integer:
    return "integer";
  case Kind::real:
    return "float";
  case Kind::number:
    return value.number_text().find_first_of(".eE") == std::string::npos ? "integer" : "float";
  case Kind::null:
  case Kind::array:
  case Kind::object:
    break;
  }
  return {};
}

bool is_scalar(const Value& value) {
  return !scalar_type(value).empty();
}

template <typename Moment> std::int64_t moment(const Moment& value) {
  return value.seconds * per_second + value.nanoseconds / 1000;
}

} // namespace

bolt::Value instant_value(std::int64_t microseconds) {
  std::int64_t seconds = microseconds / per_second;
  std::int64_t rest = microseconds % per_second;
  if (rest < 0) {
    rest += per_second;
    --seconds;
  }
  return bolt::ZonedDateTime{.seconds = seconds,
                             .nanoseconds = static_cast<std::int32_t>(rest * 1000),
                             .zone = std::string(utc)};
}

std::optional<std::int64_t> microseconds_of(const bolt::Value& value) {
  if (const auto* zoned = value.get_if<bolt::ZonedDateTime>();
      zoned != nullptr && !zoned->seconds_are_local)
    return moment(*zoned);
  if (const auto* offset = value.get_if<bolt::DateTime>())
    return moment(*offset);
  if (const auto* local = value.get_if<bolt::LocalDateTime>())
    return moment(*local);
  return std::nullopt;
}

std::string canonical_text(const Value& value) {
  return json::to_text(canonical(value));
}

std::optional<bolt::Value> encode(const Value& value, graph::PropertyEncoding encoding) {
  using graph::PropertyEncoding;
  switch (encoding) {
  case PropertyEncoding::text:
    if (const std::string* text = value.if_string())
      return bolt::Value(*text);
    break;
  case PropertyEncoding::boolean:
    if (const bool* truth = value.if_boolean())
      return bolt::Value(*truth);
    break;
  case PropertyEncoding::integer:
    if (const std::int64_t* integer = value.if_integer())
      return bolt::Value(*integer);
    break;
  case PropertyEncoding::real:
    if (value.is_number() && std::isfinite(value.as_double()))
      return bolt::Value(value.as_double());
    break;
  case PropertyEncoding::instant:
    if (const std::string* text = value.if_string())
      if (const auto instants = parse_instants(*text))
        return instant_value(instants->from);
    break;
  case PropertyEncoding::json_text:
    if (!value.is_null())
      return bolt::Value(canonical_text(value));
    break;
  case PropertyEncoding::tagged:
    break;
  }
  return std::nullopt;
}

std::optional<std::string> tagged_text(const Value& value, std::string_view schema) {
  if (value.is_object() && !schema.empty())
    return canonical_text(json::Object{
        {"type", "dynamic"}, {"value", json::Object{{"type", schema}, {"value", value}}}});
  const std::string_view type = scalar_type(value);
  if (type.empty())
    return std::nullopt;
  json::Object inner{{"type", type}};
  inner.set(type, value);
  return canonical_text(json::Object{{"type", type}, {"value", std::move(inner)}});
}

std::optional<Tagged> read_tagged(std::string_view text) {
  const auto read = json::read(text);
  if (!read)
    return std::nullopt;
  const std::string_view type = read->text_of("type");
  const Value* inner = read->find("value");
  if (type.empty() || inner == nullptr)
    return std::nullopt;
  if (type == "dynamic") {
    const Value* value = inner->find("value");
    if (value == nullptr)
      return std::nullopt;
    return Tagged{*value, std::string(inner->text_of("type"))};
  }
  const Value* value = inner->find(type);
  return value == nullptr ? std::nullopt : std::optional(Tagged{*value, {}});
}

std::string property_of_name(std::string_view name) {
  std::string property;
  bool begins = false;
  for (const char c : name) {
    if (c == '_' && !property.empty())
      begins = true;
    else
      property += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = begins && c == '_';
  }
  return property;
}

std::string name_of_property(std::string_view property) {
  std::string name;
  for (const char c : property)
    if (c >= 'A' && c <= 'Z' && !name.empty())
      (name += '_') += static_cast<char>(c - 'A' + 'a');
    else
      name += c;
  return name;
}

bolt::Value untyped_value(const Value& value) {
  switch (value.kind()) {
  case Kind::null:
    return {};
  case Kind::boolean:
    return value.boolean();
  case Kind::integer:
    return value.integer();
  case Kind::real:
    return value.real();
  case Kind::number:
    return value.as_double();
  case Kind::string:
    return value.string();
  case Kind::object:
    return canonical_text(value);
  case Kind::array:
    break;
  }
  // The database keeps lists of one type alone.
  const json::Array& items = value.array();
  const bool same = std::all_of(items.begin(), items.end(), [&items](const Value& item) {
    return is_scalar(item) && item.kind() == items.front().kind();
  });
  bolt::List list;
  for (const Value& item : items)
    list.push_back(same ? untyped_value(item) : bolt::Value(canonical_text(item)));
  return list;
}

bool is_plain(const bolt::Value& value) {
  switch (value.kind()) {
  case bolt::Kind::boolean:
  case bolt::Kind::integer:
  case bolt::Kind::string:
    return true;
  case bolt::Kind::real:
    return std::isfinite(value.get<double>());
  case bolt::Kind::list: {
    const bolt::List& items = value.get<bolt::List>();
    return std::all_of(items.begin(), items.end(), [&items](const bolt::Value& item) {
      return item.kind() != bolt::Kind::list && item.kind() == items.front().kind() &&
             is_plain(item);
    });
  }
  default:
    return false;
  }
}

Value json_of(const bolt::Value& value) {
  if (const bool* truth = value.get_if<bool>())
    return *truth;
  if (const std::int64_t* integer = value.get_if<std::int64_t>())
    return *integer;
  if (const double* real = value.get_if<double>())
    return *real;
  if (const std::string* text = value.get_if<std::string>())
    return *text;
  if (const bolt::List* list = value.get_if<bolt::List>()) {
    json::Array items;
    for (const bolt::Value& item : *list)
      items.push_back(json_of(item));
    return items;
  }
  if (const bolt::Map* map = value.get_if<bolt::Map>()) {
    json::Object members;
    for (const bolt::Entry& entry : *map)
      members.set(entry.key, json_of(entry.value));
    return members;
  }
  if (const auto microseconds = microseconds_of(value))
    return *microseconds % 1000 == 0 ? text_of(Timestamp{*microseconds})
                                     : text_of_microseconds(Timestamp{*microseconds});
  return value.is_null() ? Value() : Value(bolt::to_text(value));
}

} // namespace diffo::neo4j
