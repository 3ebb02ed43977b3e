#include "base/file.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "outstanding/report.h"
#include "outstanding/vectors.h"

#include <diffo/expectation.h>
#include <diffo/json.h>

#include <array>
#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace diffo::cli {
namespace {

constexpr std::size_t largest_file = std::size_t{64} << 20;

Result<std::string> read_input(const std::string& file) {
  if (file != "-")
    return read_file(file, largest_file);
  std::string text;
  std::array<char, 65536> piece{};
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), stdin)) {
    text.append(piece.data(), count);
    if (text.size() > largest_file)
      return Error{ErrorCode::too_large, "standard input is larger than 64 MiB"};
  }
  return text;
}

Result<json::Value> read_document(const std::string& file) {
  auto document = json::read(TRY(read_input(file)), {.max_bytes = largest_file, .max_depth = 64});
  if (document)
    return document;
  Error error = std::move(document).error();
  error.path = file == "-" ? "standard input" : file;
  return error;
}

/// An expectation file holds what is expected, or the whole stored form with `expect` and its own profile.
Result<outstanding::Expectation> read_expectation(const OutstandingCommand& command) {
  json::Value document = TRY(read_document(command.expected));
  auto profile = outstanding::profile_of(command.profile);
  if (const json::Value* expect = document.find("expect")) {
    if (const std::string_view named = document.text_of("profile"); !named.empty())
      profile = outstanding::profile_of(named);
    json::Value inner = *expect;
    document = std::move(inner);
  }
  if (!profile)
    return Error{ErrorCode::invalid, "the profile must be v5, v4, diffo or reference"};
  return outstanding::Expectation::compile(std::move(document), *profile);
}

Result<outstanding::Evaluation> evaluate(const OutstandingCommand& command, outstanding::Instant now) {
  if (command.expected == "-" && command.actual == "-")
    return Error{ErrorCode::invalid, "only one of the two documents can be standard input"};
  const outstanding::Expectation expectation = TRY(read_expectation(command));
  const json::Value actual = TRY(read_document(command.actual));
  outstanding::EvaluationContext context;
  context.now = now;
  context.explain = outstanding::Explain::yes;
  return expectation.evaluate(&actual, context);
}

} // namespace

int outstanding(const OutstandingCommand& command) {
  const outstanding::Instant now{SystemClock().now().microseconds};
  const auto evaluation = evaluate(command, now);
  if (!evaluation)
    return report(evaluation.error());
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  const bool tree = command.format == "tree" || (command.format == "auto" && terminal);
  const bool color = command.color == "always" || (command.color == "auto" && terminal);
  if (tree) {
    std::fputs(outstanding::tree_report(*evaluation, {.explain = command.explain, .color = color, .now = now}).c_str(), stdout);
  } else {
    json::Value shown = evaluation->residue ? *evaluation->residue : json::Value();
    if (command.explain)
      shown = json::Object{{"outstanding", std::move(shown)}, {"explain", outstanding::explanation_json(*evaluation, now)}};
    std::printf("%s\n", json::to_pretty_text(shown).c_str());
  }
  return evaluation->outstanding() ? exit_found : exit_ok;
}

int outstanding_vectors(const std::string& file) {
  const auto text = read_input(file);
  if (!text)
    return report(text.error());
  const auto counts = outstanding::run_vectors(*text, std::cout);
  if (!counts)
    return report(counts.error());
  std::cout.flush();
  return counts->failed > 0 ? exit_found : exit_ok;
}

} // namespace diffo::cli
