#pragma once

#include <diffo/difference.h>

namespace diffo::terms {

/// Adds the functions of outstanding.md §5 and §6.
void add_standard_functions(Rules& rules);

} // namespace diffo::terms
