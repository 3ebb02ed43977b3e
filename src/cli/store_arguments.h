#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace diffo::cli {

/// Chosen by parsing, run afterwards, so that nothing happens while arguments are still being read.
using Action = std::function<int()>;

/// The commands on a store itself: serve, import, export, backup, check, journal, neo4j.
void add_store_commands(CLI::App& root, Action& action);

} // namespace diffo::cli
