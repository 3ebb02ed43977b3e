#pragma once

#include "json/json_path_tree.h"
#include "json/operand.h"

#include <diffo/json.h>

/// How the comparisons of a JSONPath compare; a null pointer is what is not there.
namespace diffo::json::path {

/// RFC 9535 §2.3.5.2.2: what is not there equals only what is not there.
bool compares(const Value* left, Comparison comparison, const Value* right);

/// NOTE: RFC 9535 §2.3.5.2.2 with what TMF630 Part 6's examples expect (Dialect::tmf630).
/// `operand`: the right side, where it is the same for all that is compared with it.
bool compares_loosely(const Value* left, Comparison comparison, const Value* right,
                      const json::Operand* operand);

} // namespace diffo::json::path
