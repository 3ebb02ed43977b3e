#pragma once

#include "rules/assignments.h"
#include "rules/instances.h"

#include <diffo/json.h>

/// Assignments in an export, for an import to make them again.
namespace diffo::rules {

/// The `@type` by which a line is known as one.
inline constexpr std::string_view assignment_line_type = "DiffoAssignment";

/// The line. `blocks`: the pool hands out blocks.
json::Value assignment_line(const Assigned& assigned, bool blocks);

/// The record of a line with the claims that it means. Errors: invalid, with a JSON pointer.
Result<Settled> read_assignment_line(const json::Value& line, const graph::Context& context,
                                     const graph::Schema& schema);

} // namespace diffo::rules
