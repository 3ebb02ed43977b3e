#pragma once

#include "outstanding/functions.h"

#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace diffo::outstanding {

/// When the verdict of a clock function of outstanding.md §5 on this actual next changes; nothing
/// when it never does.
std::optional<Timestamp> next_function_flip(std::string_view function, const Subject& actual,
                                            Timestamp now);

/// When a verdict on these durations next changes. Durations with years or months compare
/// differently on different days (outstanding.md §4.8); looked for within about two years.
std::optional<Timestamp> next_duration_flip(std::span<const Duration> durations, Timestamp now,
                                            const std::function<bool(Timestamp)>& verdict);

} // namespace diffo::outstanding
