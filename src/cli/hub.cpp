#include "base/text.h"
#include "base/url_text.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/leaf_table.h"
#include "cli/place.h"
#include "cli/reader.h"

#include <algorithm>
#include <cstdio>
#include <tuple>
#include <utility>

namespace diffo::cli {
namespace {

constexpr const char* hubs_path = "/diffo/v1/hubs";

std::string number_in(const json::Value& row, std::string_view name) {
  const json::Value* number = row.find(name);
  return number != nullptr && number->if_integer() != nullptr
             ? std::to_string(*number->if_integer())
             : "?";
}

/// One line: how it goes, whom it is about, how far he is, and what is wrong.
std::string hub_text(const json::Value& row) {
  constexpr std::size_t state_width = 8;
  std::string state = printable(row.text_of("state"));
  state.resize(std::max(state.size(), state_width), ' ');
  std::string line = state + "  " + printable(row.text_of("id")) + "  " +
                     printable(row.text_of("api")) + ' ' + printable(row.text_of("version")) +
                     "  " + printable(row.text_of("callback")) + "  cursor " +
                     number_in(row, "cursor") + ", lag " + number_in(row, "lag");
  const bool parked = row.text_of("state") == "parked";
  const bool failing = row.text_of("state") == "retrying";
  for (const auto& [shown, label, name] : {std::tuple(parked, "since", "parkedAt"),
                                           {parked, "because", "reason"},
                                           {failing, "since", "failingSince"},
                                           {failing, "because", "lastError"}})
    if (const std::string_view said = row.text_of(name); shown && !said.empty())
      line += std::string(", ") + label + ' ' + printable(said);
  if (const json::Value* gaps = row.find("gaps"); gaps != nullptr && gaps->is_array())
    for (const json::Value& gap : gaps->array())
      line += ", never told of " + number_in(gap, "from") + " to " + number_in(gap, "to");
  return line + '\n';
}

void print(const json::Value& row, const Output& output) {
  std::fputs((output.is_text ? hub_text(row) : json_line(row) + '\n').c_str(), stdout);
}

Result<void> list(const HubCommand& command, const Output& output) {
  const std::string query = command.state.empty() ? std::string() : "state=" + command.state;
  Reader reader = TRY(Reader::make(command.server));
  return reader.for_each_row(
      hubs_path, encoded_query(query), [&](const json::Value& row) -> Result<void> {
        if (!row.is_object())
          return Error{ErrorCode::malformed, "the server's answer is no list of subscriptions"};
        print(row, output);
        return {};
      });
}

/// What is said of an action that it has nothing to do with would be believed to count.
Result<void> check_words(const HubCommand& command) {
  const bool lists = command.action == "list";
  if (lists && !command.ids.empty())
    return Error{ErrorCode::invalid, "list is of all subscriptions: it takes no id"};
  if (!lists && command.ids.empty())
    return Error{ErrorCode::invalid, "name the subscriptions by their ids"};
  if (!lists && !command.state.empty())
    return Error{ErrorCode::invalid, "--state is of list"};
  if ((command.action == "resend") != command.from.has_value())
    return Error{ErrorCode::invalid, "--from is of resend, which needs it"};
  if (command.action != "park" && !command.reason.empty())
    return Error{ErrorCode::invalid, "--reason is of park"};
  return {};
}

Result<void> act(const HubCommand& command, const Output& output) {
  TRY(check_words(command));
  if (command.action == "list")
    return list(command, output);
  for (const std::string& id : command.ids) {
    http::ClientRequest request;
    request.target = std::string(hubs_path) + '/';
    append_percent_encoded(request.target, id);
    if (command.action != "show") {
      request.method = "POST";
      request.target += '/' + command.action;
    }
    if (command.action == "resend")
      request.body =
          json::to_text(json::Object{{"from", static_cast<std::int64_t>(*command.from)}});
    else if (!command.reason.empty())
      request.body = json::to_text(json::Object{{"reason", command.reason}});
    print(TRY(asked_object(command.server, std::move(request))), output);
  }
  return {};
}

} // namespace

int hub(const HubCommand& command) {
  const auto done = act(command, Output::of(command.format));
  return done ? static_cast<int>(exit_ok) : report(done.error());
}

} // namespace diffo::cli
