#include "base/text.h"
#include "base/url_text.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/leaf_table.h"
#include "cli/place.h"
#include "cli/reader.h"
#include "cli/task_text.h"

#include <cstdio>

namespace diffo::cli {
namespace {

constexpr const char* tasks_path = "/diffo/v1/tasks";

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
}

std::string line_of(const json::Value& document, const Output& output,
                    std::string (*text_of)(const json::Value&)) {
  return output.is_text ? text_of(document) : json_line(document) + '\n';
}

std::string hold_text(const json::Value& hold) {
  const json::Value* held = hold.find("held");
  if (held == nullptr || !held->is_boolean() || !held->boolean())
    return "tasks are not held back\n";
  std::string text = "tasks are held back";
  for (const char* name : {"by", "at", "until", "reason"})
    if (const std::string_view said = hold.text_of(name); !said.empty())
      text += std::string(", ") + name + ' ' + printable(said);
  return text + '\n';
}

Result<void> list(const TasksCommand& command, const Output& output) {
  std::string query;
  for (const auto& [name, text] : {std::pair("state", &command.state),
                                   {"target", &command.target},
                                   {"executor", &command.executor}})
    if (!text->empty())
      query += std::string(query.empty() ? "" : "&") + name + '=' + *text;
  Reader reader = TRY(Reader::make(command.server));
  return reader.for_each_row(
      tasks_path, encoded_query(query), [&](const json::Value& row) -> Result<void> {
        if (!row.is_object())
          return Error{ErrorCode::malformed, "the server's answer is no list of tasks"};
        print(line_of(row, output, task_text));
        return {};
      });
}

Result<void> switch_hold(const TasksCommand& command, const Output& output) {
  http::ClientRequest request;
  request.target = std::string(tasks_path) + "/hold";
  request.method = command.action == "hold" ? "POST" : "DELETE";
  if (command.action == "hold") {
    json::Object body;
    for (const auto& [name, text] :
         {std::pair("reason", &command.reason), {"until", &command.until}})
      if (!text->empty())
        body.append(name, *text);
    request.body = json::to_text(body);
  }
  print(line_of(TRY(asked_object(command.server, std::move(request))), output, hold_text));
  return {};
}

/// What is said of an action that it has nothing to do with would be believed to count.
Result<void> check_words(const TasksCommand& command) {
  const bool lists = command.action == "list";
  const bool holds = command.action == "hold";
  if ((lists || holds || command.action == "resume") && !command.ids.empty())
    return Error{ErrorCode::invalid, command.action + " is of all tasks: it takes no id"};
  if (!holds && (!command.reason.empty() || !command.until.empty()))
    return Error{ErrorCode::invalid, "--reason and --until are of hold"};
  if (!lists && (!command.state.empty() || !command.target.empty() || !command.executor.empty()))
    return Error{ErrorCode::invalid, "--state, --target and --executor are of list"};
  return {};
}

Result<void> act(const TasksCommand& command, const Output& output) {
  if (command.action == "list")
    return list(command, output);
  if (command.action == "hold" || command.action == "resume")
    return switch_hold(command, output);
  if (command.ids.empty())
    return Error{ErrorCode::invalid, "name the tasks by their ids"};
  const bool shows = command.action == "show";
  for (const std::string& id : command.ids) {
    http::ClientRequest request;
    request.target = std::string(tasks_path) + '/';
    append_percent_encoded(request.target, id);
    if (!shows) {
      request.method = "POST";
      request.target += '/' + command.action;
    }
    const json::Value task = TRY(asked_object(command.server, std::move(request)));
    print(line_of(task, output, shows ? task_details : task_text));
  }
  return {};
}

} // namespace

int tasks(const TasksCommand& command) {
  const Output output = Output::of(command.format);
  const auto fits = check_words(command);
  const auto done = fits ? act(command, output) : fits;
  return done ? static_cast<int>(exit_ok) : report(done.error());
}

int plan(const PlanCommand& command) {
  http::ClientRequest request;
  const std::string query = encoded_query(command.filter);
  request.target = "/diffo/v1/plan" + (query.empty() ? "" : '?' + query);
  const auto planned = asked_object(command.server, std::move(request));
  if (!planned)
    return report(planned.error());
  print(Output::of(command.format).is_text ? plan_text(*planned) : json_line(*planned) + '\n');
  return exit_ok;
}

} // namespace diffo::cli
