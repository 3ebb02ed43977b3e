#pragma once

#include <diffo/domain_model.h>
#include <diffo/hooks.h>

#include <optional>

/// The whole program `diffo`, for those who have functions or kinds of their own in C++. It is
/// linked as `diffo::program` (docs/guide/hooks.md).
///
///     int main(int argc, char** argv) {
///       diffo::Program program;
///       program.hooks.calculation("total_ports", total_ports);
///       return diffo::run_program(argc, argv, std::move(program));
///     }
namespace diffo {

/// What a program has beside the one that comes with Diffo.
struct Program {
  hooks::Registry hooks{};
  /// Kinds that `serve` puts in the place of those of the store, where no --model is given.
  std::optional<model::DomainModel> model{};
};

/// Does what the arguments say and returns the exit code: 0 done; 1 done, and there is something to
/// report; 2 it could not be done. Thread rule: once, on the thread of main.
int run_program(int argc, const char* const* argv, Program program = {});

} // namespace diffo
