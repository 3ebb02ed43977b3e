#pragma once

#include <cstdint>

namespace diffo::model {

/// The two inventories.
enum class Api : std::uint8_t { service, resource };
/// The two wire forms.
enum class Version : std::uint8_t { v4, v5 };

} // namespace diffo::model
