#include "base/file.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "model/model.h"
#include "outstanding/report.h"
#include "terms/vectors.h"

#include <diffo/expectation.h>

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

Result<outstanding::Report> report_of(const OutstandingCommand& command) {
  if (command.expected == "-" && command.actual == "-")
    return Error{ErrorCode::invalid, "only one of the two documents can be standard input"};
  const std::string expected = TRY(read_input(command.expected));
  const std::string actual = TRY(read_input(command.actual));
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  const bool tree = command.format == "tree" || (command.format == "auto" && terminal);
  const bool color = command.color == "always" || (command.color == "auto" && terminal);
  outstanding::ReportRequest request;
  request.expected = expected;
  request.shapes = &model::inventory_model().document_shapes();
  request.actual = actual;
  request.profile = outstanding::profile_of(command.profile);
  request.explain = command.explain ? outstanding::Explain::yes : outstanding::Explain::no;
  if (tree)
    request.form = color ? outstanding::ReportForm::coloured_tree : outstanding::ReportForm::tree;
  request.now = {SystemClock().now().microseconds};
  return outstanding::report(request);
}

} // namespace

int outstanding(const OutstandingCommand& command) {
  const auto made = report_of(command);
  if (!made)
    return report(made.error());
  std::fputs(made->text.c_str(), stdout);
  return made->outstanding ? exit_found : exit_ok;
}

int outstanding_vectors(const std::string& file) {
  const auto text = read_input(file);
  if (!text)
    return report(text.error());
  const auto counts = terms::run_vectors(*text, std::cout);
  if (!counts)
    return report(counts.error());
  std::cout.flush();
  return counts->failed > 0 ? exit_found : exit_ok;
}

} // namespace diffo::cli
