#pragma once

#include <diffo/json.h>

#include <string_view>

/// Paths as models write them: `card`, `card.family`, `ports.size`.
namespace diffo::model {

/// `card` of `card.family`.
std::string_view head_of(std::string_view path);
/// `family` of `card.family`; empty where there is only a head.
std::string_view tail_of(std::string_view path);

/// The member of a value at a path; the value itself at an empty one, null where there is none. A
/// range of numbers, which has a `first` and a `last`, has a `size`.
json::Value member_of(const json::Value& value, std::string_view path);

} // namespace diffo::model
