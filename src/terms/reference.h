#pragma once

#include <diffo/difference.h>

namespace diffo::terms {

/// The standard functions with the functions and record types of outstanding.md §1.3 and §9: what
/// the vectors are written with.
const Rules& reference_rules();

} // namespace diffo::terms
