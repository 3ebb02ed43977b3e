#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/input.h"
#include "cli/leaf_table.h"
#include "cli/observation_lines.h"
#include "cli/place.h"
#include "mapping/mapping.h"
#include "mapping/shipped.h"
#include "model/domain/yaml.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace diffo::cli {
namespace {

const mapping::ShippedMapping* shipped(std::string_view name) {
  const auto all = mapping::shipped_mappings();
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const auto& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string names_of_shipped() {
  std::string names;
  for (const mapping::ShippedMapping& one : mapping::shipped_mappings())
    names += (names.empty() ? "" : ", ") + std::string(one.name);
  return names;
}

Result<mapping::Mapping> mapping_of(std::string_view text, const std::string& where) {
  auto made = mapping::Mapping::of(TRY(model::yaml::read_one(where, text)));
  if (!made)
    return Error{made.error().code, where + ": " + made.error().text()};
  return made;
}

/// A shipped one by its name, else a file.
Result<mapping::Mapping> mapping_named(const std::string& name) {
  if (const mapping::ShippedMapping* found = shipped(name))
    return mapping_of(found->text, name);
  const auto text = read_input(name);
  if (!text && text.error().code == ErrorCode::not_found)
    return Error{ErrorCode::not_found, "there is no mapping " + name + " (" + names_of_shipped() +
                                           "), and no file of that name"};
  if (!text)
    return text.error();
  return mapping_of(*text, name);
}

Result<json::Object> parameters_of(const std::vector<std::string>& words) {
  json::Object given;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{ErrorCode::invalid, "a parameter is NAME=VALUE, not " + word};
    given.set(word.substr(0, equals), word.substr(equals + 1));
  }
  return given;
}

Result<std::vector<mapping::Document>> documents_of(const std::vector<std::string>& files) {
  std::vector<mapping::Document> documents;
  for (const std::string& file : files) {
    const std::string text = TRY(read_input(file));
    auto value = json::read(
        text, {.max_bytes = std::size_t{64} << 20U, .max_depth = 128, .max_values = 4'000'000});
    if (!value)
      return Error{value.error().code, file + ": " + value.error().message};
    documents.push_back({file, std::move(*value)});
  }
  return documents;
}

Result<void> print_lines(const NextLine& next) {
  while (const auto line = TRY(next()))
    if (std::fwrite(line->data(), 1, line->size(), stdout) != line->size() ||
        std::fputc('\n', stdout) == EOF)
      return Error{ErrorCode::io, "cannot write to standard output"};
  return std::fflush(stdout) == 0
             ? Result<void>()
             : Result<void>(Error{ErrorCode::io, "cannot write to standard output"});
}

Result<json::Value> send_lines(const std::string& server, const NextLine& next) {
  http::Client client = TRY(client_of({.server = server, .data = {}}, true));
  http::ClientRequest request;
  request.method = "POST";
  request.target = "/diffo/v1/observations";
  request.headers = {{"Content-Type", "application/x-ndjson"}, {"Accept", "application/json"}};
  std::string line;
  std::size_t sent = 0;
  request.upload = [&](std::span<char> into) -> Result<std::size_t> {
    if (sent == line.size()) {
      auto more = TRY(next());
      if (!more)
        return std::size_t{0};
      line = std::move(*more) + '\n';
      sent = 0;
    }
    const std::size_t count = std::min(into.size(), line.size() - sent);
    std::memcpy(into.data(), line.data() + sent, count);
    sent += count;
    return count;
  };
  const http::ClientAnswer answer = TRY(client.send(request));
  auto report =
      json::read(answer.body,
                 {.max_bytes = std::size_t{64} << 20U, .max_depth = 128, .max_values = 10'000'000});
  const json::Value* outcomes = report ? report->find("outcomes") : nullptr;
  if (outcomes == nullptr || !outcomes->is_array())
    return error_of(answer);
  return report;
}

long long count_of(const json::Value& report, const char* outcome) {
  const json::Value* count = report.find(outcome);
  return count != nullptr ? static_cast<long long>(count->as_double()) : 0;
}

bool is_false(const json::Value& report, const char* name) {
  const json::Value* value = report.find(name);
  return value != nullptr && value->is_boolean() && !value->boolean();
}

/// A line an outcome, but for those that need nobody's attention.
void append_outcomes(std::string& text, const json::Value& report) {
  const json::Value* outcomes = report.find("outcomes");
  if (outcomes == nullptr || !outcomes->is_array())
    return;
  for (const json::Value& item : outcomes->array()) {
    const std::string_view outcome = item.text_of("outcome");
    if (outcome == "unchanged" || outcome == "updated" || outcome == "created")
      continue;
    std::string shown = printable(outcome);
    shown.resize(std::max<std::size_t>(shown.size(), 11), ' ');
    text += shown;
    if (const json::Value* number = item.find("item"))
      text += " item " + json::to_text(*number);
    for (const char* name : {"id", "path", "reason"})
      if (const std::string_view more = item.text_of(name); !more.empty())
        text += "  " + printable(more);
    text += '\n';
  }
}

/// What it says of those that were not told of; empty where it was not to be complete.
std::string text_of_unseen(const json::Value& report) {
  const json::Value* complete = report.find("complete");
  if (complete == nullptr || !complete->is_object())
    return {};
  std::string text = "; of " + std::to_string(count_of(*complete, "instances")) + " " +
                     std::to_string(count_of(*complete, "unseen")) + " no longer seen";
  if (const long long already = count_of(*complete, "already"); already != 0)
    text += ", " + std::to_string(already) + " since before";
  if (const std::string_view note = complete->text_of("note"); !note.empty())
    text += "; " + printable(note);
  return text;
}

std::string text_of(const json::Value& report) {
  std::string text;
  append_outcomes(text, report);
  if (const json::Value* complete = report.find("complete"))
    append_outcomes(text, *complete);
  const char* separator = "";
  for (const char* outcome :
       {"created", "updated", "unchanged", "stale", "conflicting", "rejected"}) {
    text += separator + std::to_string(count_of(report, outcome)) + ' ' + outcome;
    separator = ", ";
  }
  if (is_false(report, "stored"))
    text += "; nothing was stored";
  if (const std::string_view note = report.text_of("note"); !note.empty())
    text += "; " + printable(note);
  return text + text_of_unseen(report) + '\n';
}

std::string lines_of(const json::Value& report) {
  std::string text;
  for (const json::Value& item : report.find("outcomes")->array())
    text += json_line(item) + '\n';
  json::Object rest = report.object();
  rest.erase("outcomes");
  return text + json_line(rest) + '\n';
}

/// Whether everything was taken.
Result<bool> observe_lines(const ObserveCommand& command, const NextLine& next) {
  if (command.dry_run) {
    TRY(print_lines(next));
    return true;
  }
  const json::Value report = TRY(send_lines(command.server, next));
  const std::string text = Output::of(command.format).is_text ? text_of(report) : lines_of(report);
  std::fputs(text.c_str(), stdout);
  const json::Value* complete = report.find("complete");
  return count_of(report, "rejected") + count_of(report, "conflicting") == 0 &&
         !is_false(report, "stored") && !is_false(report, "ended") &&
         (complete == nullptr ||
          (count_of(*complete, "rejected") == 0 && complete->text_of("note").empty()));
}

ObservationHead head_of(const ObserveCommand& command) {
  return {.source = command.source,
          .observed_at = command.observed_at,
          .complete = command.complete,
          .at_most = command.at_most,
          .is_atomic = command.atomic};
}

Result<bool> observe_mapped(const ObserveCommand& command) {
  const mapping::Mapping made = TRY(mapping_named(command.mapping));
  json::Object parameters = TRY(made.values_of(TRY(parameters_of(command.parameters))));
  json::Value head = TRY(head_of(command).over({}));
  const std::vector<mapping::Document> documents = TRY(documents_of(command.files));
  mapping::Run run(made, documents, std::move(parameters));
  MappedObservation lines(run, std::move(head));
  const auto all_taken = observe_lines(command, [&lines] { return lines.next(); });
  for (const mapping::Problem& problem : run.problems())
    std::fprintf(stderr, "%s: %s: %s: %s\n", printable(problem.document).c_str(),
                 printable(problem.rule).c_str(), printable(problem.path).c_str(),
                 printable(problem.message).c_str());
  if (run.problem_count() > 0)
    std::fprintf(stderr, "%zu could not be mapped\n", run.problem_count());
  if (!all_taken)
    return all_taken.error();
  if (run.item_count() == 0)
    std::fprintf(stderr, "diffo: no rule of the mapping finds anything\n");
  return *all_taken && run.problem_count() == 0 && run.item_count() > 0;
}

Result<bool> observe_file(const ObserveCommand& command) {
  if (command.files.size() != 1)
    return Error{ErrorCode::invalid, "an observation is one FILE; only a mapping takes several"};
  if (!command.parameters.empty())
    return Error{ErrorCode::invalid, "parameters are those of a mapping: --mapping NAME"};
  ObservationFile lines(TRY(StreamedInput::open(command.files[0])), head_of(command));
  return observe_lines(command, [&lines] { return lines.next(); });
}

} // namespace

int observe(const ObserveCommand& command) {
  const auto all_taken = command.mapping.empty() ? observe_file(command) : observe_mapped(command);
  if (!all_taken)
    return report(all_taken.error());
  return *all_taken ? exit_ok : exit_found;
}

int list_mappings() {
  for (const mapping::ShippedMapping& one : mapping::shipped_mappings()) {
    const auto made = mapping_of(one.text, std::string(one.name));
    if (!made)
      return report(made.error());
    std::printf("%s: %s\n", made->name().c_str(), made->description().c_str());
    for (const mapping::Parameter& parameter : made->parameters())
      std::printf("  --param %s=…  %s%s\n", parameter.name.c_str(), parameter.about.c_str(),
                  parameter.is_needed ? " (needed)" : "");
  }
  return exit_ok;
}

int show_mapping(const std::string& name) {
  const mapping::ShippedMapping* found = shipped(name);
  if (found == nullptr)
    return report(
        {ErrorCode::not_found, "there is no mapping " + name + " (" + names_of_shipped() + ")"});
  std::fwrite(found->text.data(), 1, found->text.size(), stdout);
  return exit_ok;
}

} // namespace diffo::cli
