#pragma once

#include <diffo/term.h>

#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace diffo::outstanding {

/// When the verdict of a clock function of outstanding.md §5 on this actual next changes; nothing
/// when it never does.
std::optional<Instant> next_function_flip(std::string_view function, const Term& actual,
                                          Instant now);

/// When a verdict on these durations next changes. Durations with years or months compare
/// differently on different days (outstanding.md §4.8); looked for within about two years.
std::optional<Instant> next_duration_flip(std::span<const Duration> durations, Instant now,
                                          const std::function<bool(Instant)>& verdict);

} // namespace diffo::outstanding
