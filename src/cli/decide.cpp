#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/leaf_table.h"
#include "cli/place.h"
#include "cli/reader.h"
#include "cli/task_text.h"

#include <cstdio>

namespace diffo::cli {
namespace {

json::Value leaf_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos)
    return text;
  return json::Object{{"id", text.substr(0, colon)}, {"fingerprint", text.substr(colon + 1)}};
}

json::Value document_of(const DecideCommand& command) {
  json::Object document{{"decision", command.decision}};
  if (!command.leaves.empty()) {
    json::Array leaves;
    for (const std::string& leaf : command.leaves)
      leaves.push_back(leaf_of(leaf));
    document.append("leaves", std::move(leaves));
  } else if (!command.expectation.empty()) {
    json::Object residue{{"expectation", command.expectation}};
    if (!command.target.empty())
      residue.append("target", command.target);
    document.append("residue", std::move(residue));
  } else {
    document.append("filter", encoded_query(command.filter));
  }
  for (const auto& [name, text] :
       {std::pair("reason", &command.reason), {"until", &command.until}, {"scope", &command.scope}})
    if (!text->empty())
      document.append(name, *text);
  if (command.dry_run)
    document.append("dryRun", true);
  return document;
}

Result<json::Value> decision_made(const DecideCommand& command) {
  http::Client client = TRY(client_of({.server = command.server, .data = {}}, false));
  http::ClientRequest request;
  request.method = "POST";
  request.target = "/diffo/v1/decisions";
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.body = json::to_text(document_of(command));
  const http::ClientAnswer answer = TRY(client.send(request));
  if (answer.status != (command.dry_run ? 200 : 201))
    return error_of(answer);
  auto decision = json::read(answer.body, {.max_bytes = std::size_t{64} << 20U, .max_depth = 128});
  const json::Value* leaves = decision ? decision->find("leaves") : nullptr;
  if (leaves == nullptr || !leaves->is_array())
    return Error{ErrorCode::malformed, "the server's answer is no decision"};
  return decision;
}

std::string text_of(const json::Value& decision, const DecideCommand& command) {
  const json::Array& leaves = decision.find("leaves")->array();
  std::string text = "would " + command.decision;
  if (!command.dry_run)
    text = command.decision == "adopt"  ? "adopted"
           : command.decision == "push" ? "pushed"
                                        : "approved";
  text += ' ' + std::to_string(leaves.size()) + (leaves.size() == 1 ? " leaf" : " leaves");
  if (!command.dry_run)
    text += ", decision " + printable(decision.text_of("id"));
  text += '\n';
  for (const json::Value& leaf : leaves)
    text += "  " + printable(target_of(leaf)) + "  " + printable(leaf.text_of("address")) + '\n';
  if (const json::Value* tasks = decision.find("tasks"); tasks != nullptr && tasks->is_array())
    for (const json::Value& task : tasks->array())
      text += (command.dry_run ? "task  " : "") + task_text(task);
  const json::Value* changed = decision.find("changed");
  if (changed == nullptr || !changed->is_array())
    return text;
  for (const json::Value& expectation : changed->array()) {
    const json::Value* expect = expectation.find("expect");
    text += (command.dry_run ? "expectation " : "changed expectation ") +
            printable(expectation.text_of("id")) + ": " +
            (expect != nullptr ? json_line(*expect) : std::string()) + '\n';
  }
  return text;
}

} // namespace

int decide(const DecideCommand& command) {
  const auto decision = decision_made(command);
  if (!decision)
    return report(decision.error());
  const std::string text = Output::of(command.format).is_text ? text_of(*decision, command)
                                                              : json_line(*decision) + '\n';
  std::fputs(text.c_str(), stdout);
  return exit_ok;
}

} // namespace diffo::cli
