#include "base/time.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/input.h"
#include "model/model.h"
#include "outstanding/report.h"
#include "terms/vectors.h"

#include <diffo/expectation.h>

#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace diffo::cli {
namespace {

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
