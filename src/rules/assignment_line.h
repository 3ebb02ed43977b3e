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

/// Settles such a line where it is stored: it hands out, which the policy of whom it is handed out
/// of must allow. One that is not there yet says nothing. Errors: forbidden.
Settle settlement_of(graph::Context context, Settled assignment);

} // namespace diffo::rules
