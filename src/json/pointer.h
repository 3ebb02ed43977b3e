#pragma once

#include <diffo/json.h>

#include <optional>
#include <string_view>

namespace diffo::json {

/// The index a reference token names in an array (RFC 6901 §4): digits without leading zeros.
std::optional<std::size_t> array_index(std::string_view token);

/// The member or item of that token, or null pointer.
const Value* step_into(const Value& value, std::string_view token);

} // namespace diffo::json
