#pragma once

#include <span>
#include <string_view>

namespace diffo::mapping {

/// A file of the folder `mappings`, as it stands there: YAML.
struct ShippedMapping {
  std::string_view name;
  std::string_view text;
};

/// In the order of their names.
std::span<const ShippedMapping> shipped_mappings();

} // namespace diffo::mapping
