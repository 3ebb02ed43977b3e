#pragma once

#include "outstanding/compiled.h"

namespace diffo::outstanding {

/// Fulfils the equality leaves of an expectation in a document.
void apply(const Compiled& compiled, json::Value& actual);

} // namespace diffo::outstanding
