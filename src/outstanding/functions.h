#pragma once

#include <diffo/difference.h>

namespace diffo::outstanding {

/// Adds the functions of outstanding.md §5 and §6.
void add_standard_functions(Rules& rules);

/// What an actual says to a one-argument function of outstanding.md §5: whether it is satisfied;
/// not_found for a name that is none of them.
Result<bool> satisfies(std::string_view function, const Term& actual, Instant now);

/// Whether there is a one-argument function of that name.
bool is_standard_function(std::string_view name);

/// -1, 0 or 1: how two durations compare when added to now.
Result<int> compare_durations(const Duration& left, const Duration& right, Instant now);

} // namespace diffo::outstanding
