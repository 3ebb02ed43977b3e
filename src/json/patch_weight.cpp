#include "json/patch_weight.h"

#include <algorithm>

namespace diffo::json {

std::size_t weight_of(const Value& value, std::size_t limit) {
  constexpr std::size_t bytes_per_value = 64;
  std::size_t weight = 1;
  if (const std::string* text = value.if_string())
    return weight + text->size() / bytes_per_value;
  if (value.kind() == Kind::number)
    return weight + value.number_text().size() / bytes_per_value;
  if (const Array* items = value.if_array()) {
    for (const Value& item : *items) {
      if (weight > limit)
        break;
      weight += weight_of(item, limit - weight);
    }
  } else if (const Object* members = value.if_object()) {
    for (const Member& member : *members) {
      if (weight > limit)
        break;
      weight += member.name.size() / bytes_per_value;
      weight += weight_of(member.value, weight > limit ? 0 : limit - weight);
    }
  }
  return weight;
}

std::size_t depth_of(const Value& value) {
  std::size_t deepest = 0;
  if (const Array* items = value.if_array()) {
    for (const Value& item : *items)
      deepest = std::max(deepest, depth_of(item));
    return deepest + 1;
  }
  if (const Object* members = value.if_object()) {
    for (const Member& member : *members)
      deepest = std::max(deepest, depth_of(member.value));
    return deepest + 1;
  }
  return 0;
}

} // namespace diffo::json
