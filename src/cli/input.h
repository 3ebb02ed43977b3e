#pragma once

#include <diffo/result.h>

#include <string>

namespace diffo::cli {

/// All of a file, or of standard input for `-`; ErrorCode::too_large beyond 64 MiB.
Result<std::string> read_input(const std::string& file);

} // namespace diffo::cli
