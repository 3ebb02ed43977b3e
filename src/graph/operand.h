#pragma once

#include "json/operand.h"

namespace diffo::graph {

using json::Compare;
using json::Operand;

} // namespace diffo::graph
