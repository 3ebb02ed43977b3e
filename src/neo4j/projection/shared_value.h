#pragma once

#include "graph/schema.h"

#include <diffo/bolt_value.h>
#include <diffo/json.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Values as the shared graph has them (neo4j.md §1.4).
namespace diffo::neo4j {

/// Texts beyond this cannot stand in an index of the database.
inline constexpr std::size_t max_indexed_bytes = 4000;

/// A moment in microseconds since 1970, in the one zone that others can read.
bolt::Value instant_value(std::int64_t microseconds);
/// The moment that a date-time of any form says; nothing for other values.
std::optional<std::int64_t> microseconds_of(const bolt::Value& value);

/// JSON text with the members of objects in alphabetical order and without those that are null.
std::string canonical_text(const json::Value& value);

/// The property for a value; nothing: it has no such form. Not for tagged ones.
std::optional<bolt::Value> encode(const json::Value& value, graph::PropertyEncoding encoding);

/// The text that names the type of a value. `schema`: what others call the type of an object, which
/// has no such text without it.
std::optional<std::string> tagged_text(const json::Value& value, std::string_view schema);

/// What such a text says: a value and, of an object, the name of its type.
struct Tagged {
  json::Value value;
  std::string schema;
};
std::optional<Tagged> read_tagged(std::string_view text);

/// The property for an attribute that others declare: `gpu_cores` is `gpuCores`; and the reverse.
std::string property_of_name(std::string_view name);
std::string name_of_property(std::string_view property);

/// A property of a kind that nobody told us of: numbers, truths and texts as they are, the rest as
/// JSON text or a list of such.
bolt::Value untyped_value(const json::Value& value);
/// Whether untyped_value(json_of(value)) is the value again.
bool is_plain(const bolt::Value& value);
/// The reverse, as the reference's JSON shows it: temporal values as ISO 8601 texts.
json::Value json_of(const bolt::Value& value);

} // namespace diffo::neo4j
