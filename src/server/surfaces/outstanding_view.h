#pragma once

#include "loop/evaluate.h"

#include <diffo/json.h>

#include <string>

namespace diffo::server {

/// What is outstanding, as `/diffo/v1/…/outstanding` shows it. Every target stands in `targets`;
/// where the expectation is about one thing, its residue stands in `outstanding` too (null:
/// nothing). `subgraph` is what it was read from.
json::Value outstanding_view(const loop::ExpectationDocument& expectation, const std::string& id,
                             const loop::ExpectationResidue& residue,
                             const loop::EvaluateOptions& options, const graph::Subgraph& subgraph);

} // namespace diffo::server
