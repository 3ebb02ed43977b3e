#pragma once

#include <diffo/json.h>

#include <cstddef>

namespace diffo::json {

/// What a value weighs against PatchLimits::max_copied, counted no further than the limit.
std::size_t weight_of(const Value& value, std::size_t limit);

/// How deep the value nests: 0 for a scalar.
std::size_t depth_of(const Value& value);

} // namespace diffo::json
