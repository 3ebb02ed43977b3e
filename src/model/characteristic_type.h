#pragma once

#include <diffo/json.h>

#include <string_view>

namespace diffo::model {

/// The `@type` that v5 asks of a characteristic with such a value.
std::string_view characteristic_type(const json::Value& value);

} // namespace diffo::model
