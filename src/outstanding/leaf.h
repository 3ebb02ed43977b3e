#pragma once

#include "outstanding/compiled.h"

#include <string>
#include <vector>

namespace diffo::outstanding {

/// How a value of a key stands in the brackets of an address (wire.md §7.1).
std::string key_text(const json::Value& value);

/// Expectation::leaves_of().
std::vector<Leaf> leaves_of(const Compiled& compiled, const Evaluation& evaluation);

} // namespace diffo::outstanding
