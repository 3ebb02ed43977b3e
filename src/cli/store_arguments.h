#pragma once

#include <diffo/domain_model.h>
#include <diffo/hooks.h>

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>

namespace diffo::cli {

/// Chosen by parsing, run afterwards, so that nothing happens while arguments are still being read.
using Action = std::function<int()>;

/// What a program has of its own.
struct Own {
  hooks::SharedRegistry hooks{};
  std::optional<model::DomainModel> model{};
};

/// The commands on a store itself: serve, import, export, backup, check, journal, neo4j.
void add_store_commands(CLI::App& root, Own own, Action& action);

} // namespace diffo::cli
