#pragma once

#include "graph/record.h"
#include "graph/schema.h"

namespace diffo::tmf {

/// Whether two records say the same: everything but identity, times, versions and part numbers. The
/// moment a service was created counts as its `serviceDate` when none was given; of one that is not
/// stored yet and has none, any will do.
bool same_content(const graph::Record& left, const graph::Record& right,
                  const graph::Schema& schema);

/// Whether two elements say the same, part numbers and uuids aside, and the order of members and of
/// children of different kinds.
bool equal_elements(const graph::Element& left, const graph::Element& right);

} // namespace diffo::tmf
