#pragma once

#include "graph/revision.h"

#include <string>

namespace diffo::tmf {

/// Appends the reference's own JSON of a generic record (provider.md §5–§7, §24).
void emit_diffo_profile(const graph::Record& record, const graph::Revision& revision, std::string& json);

} // namespace diffo::tmf
