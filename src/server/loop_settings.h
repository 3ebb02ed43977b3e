#pragma once

#include "rules/precedence.h"
#include "server/tasks/task_settings.h"

#include <diffo/result.h>

#include <string_view>
#include <vector>

namespace diffo::server {

/// How the loop is run here: what `diffo serve --loop FILE` reads (docs/guide/loop.md).
struct LoopSettings {
  TaskSettings tasks;
  std::vector<rules::SourceRule> sources; ///< of observations, the strongest first
};

/// Reads a text of YAML or JSON. Errors: invalid, naming file and place.
Result<LoopSettings> read_loop_settings(std::string_view file, std::string_view text);

} // namespace diffo::server
