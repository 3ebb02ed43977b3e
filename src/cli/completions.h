#pragma once

#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): it is the library's name
class App;
} // namespace CLI

namespace diffo::cli {

/// Prints a script by which a shell (bash, zsh, fish) completes the commands below `root`, their
/// options and the words that these take. It is made of the same tree that parses arguments.
int completions(const CLI::App& root, const std::string& shell);

} // namespace diffo::cli
