#pragma once

#include "outstanding/compiled.h"

#include <vector>

namespace diffo::outstanding {

/// Expectation::leaves_of().
std::vector<Leaf> leaves_of(const Compiled& compiled, const Evaluation& evaluation);

} // namespace diffo::outstanding
