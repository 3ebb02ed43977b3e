#pragma once

#include <diffo/bolt_value.h>
#include <diffo/json.h>

namespace diffo::bolt {

/// A value as JSON. Integers stay integers and floats stay floats, digit for digit; what JSON has
/// no word for becomes text or an object: temporal values ISO 8601, bytes Base64, points `{"srid",
/// "x", "y"}`, nodes `{"id", "elementId", "labels", "properties"}`, and NaN and the infinities the
/// texts "NaN", "Infinity", "-Infinity".
json::Value to_json(const Value& value);

/// JSON as a value to send: integers within 64 bits stay integers, all other numbers become floats.
Value from_json(const json::Value& value);

} // namespace diffo::bolt
