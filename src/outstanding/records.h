#pragma once

#include <diffo/difference.h>

namespace diffo::outstanding {

/// Adds the record types of outstanding.md §1.3 and §9.
void add_reference_records(Rules& rules);
/// Adds the named functions of outstanding.md §1.3 and §9.4.
void add_reference_functions(Rules& rules);

} // namespace diffo::outstanding
