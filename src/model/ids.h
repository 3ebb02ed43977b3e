#pragma once

#include <string_view>

namespace diffo::model {

/// Whether a reference with this id leads to something: 1–255 bytes without control characters. It
/// may name what no id here can be, since what is referred to may live elsewhere.
bool can_be_target(std::string_view id);

} // namespace diffo::model
