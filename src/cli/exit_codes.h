#pragma once

#include <diffo/result.h>

namespace diffo::cli {

/// What the program's commands end with (docs/guide/command-line.md).
enum ExitCode : int {
  exit_ok = 0, ///< done, nothing to report
  exit_found =
      1, ///< done, and there is something: outstanding, a finding, a rejected line, a failed vector
  exit_trouble =
      2, ///< it could not be done: wrong usage, unreadable input, no such folder, port taken
};

/// Prints `diffo: …` to standard error and returns exit_trouble.
int report(const Error& error);

} // namespace diffo::cli
