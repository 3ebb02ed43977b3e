#pragma once

#include "model/model.h"

namespace diffo::testing {

inline constexpr graph::ElementKind checkpoint = 60;
inline constexpr graph::ElementKind backup_reference = 61;

/// A made-up model: the inventory's with rows more, and no mechanism more. A service also has
/// `tier`, of an enumeration and with an index, the list `checkpoint` of parts with the key `code`,
/// and the list `backup` of references.
const model::Model& added_model();

} // namespace diffo::testing
