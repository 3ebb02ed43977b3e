#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/event_reader.h"
#include "cli/exit_codes.h"
#include "cli/leaf_table.h"
#include "cli/place.h"
#include "cli/reader.h"
#include "cli/task_text.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace diffo::cli {
namespace {

/// So often a stream that broke off is opened again, and with such a pause, before it is given up.
constexpr int most_attempts = 10;
constexpr std::chrono::seconds between_attempts{1};
constexpr std::size_t largest_refusal = std::size_t{1} << 20U;

/// One line for each event.
class Lines {
public:
  explicit Lines(const std::string& format) : output_(Output::of(format)) {}

  Result<void> print(std::string_view name, std::string_view data) {
    const auto read = json::read(data, {.max_bytes = std::size_t{16} << 20U, .max_depth = 128});
    if (!read || !read->is_object())
      return Error{ErrorCode::malformed, "the server's answer is no stream of events"};
    any_ = true;
    const std::string line = output_.is_text ? text_of(name, *read) : json_of(name, *read);
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size() || std::fflush(stdout) != 0)
      return system_error("writing", "standard output");
    return {};
  }

  [[nodiscard]] bool any() const { return any_; }

private:
  static std::string json_of(std::string_view name, const json::Value& data) {
    json::Object line{{"event", name}};
    for (const json::Member& member : data.object())
      if (member.name != "event")
        line.append(member.name, member.value);
    return json_line(line) + '\n';
  }

  static std::string member_of(const json::Value& data, std::string_view name) {
    const json::Value* member = data.find(name);
    return member == nullptr ? std::string() : printable(json::to_text(*member));
  }

  [[nodiscard]] std::string painted(const std::string& word) const {
    const char* colour = word == "opened" || word == "outstanding" ? "\x1b[31m"
                         : word == "closed" || word == "met"       ? "\x1b[32m"
                         : word == "changed"                       ? "\x1b[33m"
                                                                   : "\x1b[1m";
    std::string shown = printable(word);
    shown.resize(std::max<std::size_t>(shown.size(), 11), ' ');
    return output_.paint == Paint::coloured ? colour + shown + "\x1b[0m " : shown + ' ';
  }

  [[nodiscard]] std::string text_of(std::string_view name, const json::Value& data) const {
    if (name == "leaf")
      return leaf_text(data);
    if (name == "residue") {
      const json::Value* open = data.find("outstanding");
      const bool is_open = open != nullptr && open->is_boolean() && open->boolean();
      return painted(is_open ? "outstanding" : "met") + printable(target_of(data)) + "  of " +
             printable(data.text_of("expectation")) + '\n';
    }
    if (name == "decision") {
      const std::string_view reason = data.text_of("reason");
      return painted("decision") + printable(data.text_of("id")) + "  " +
             printable(data.text_of("decision")) +
             (reason.empty() ? std::string() : ": " + printable(reason)) + '\n';
    }
    if (name == "task")
      return painted("task") + task_text(data);
    if (name == "change")
      return painted("commit") + member_of(data, "sequence") + "  " +
             printable(data.text_of("cause")) + '\n';
    if (name == "current")
      return painted("current") + "that was all: " + member_of(data, "leaves") + " at revision " +
             member_of(data, "sequence") + '\n';
    if (name == "gap")
      return painted("gap") + "what stands at revision " + member_of(data, "sequence") +
             " follows\n";
    return painted(std::string(name)) + printable(json::to_text(data)) + '\n';
  }

  [[nodiscard]] std::string leaf_text(const json::Value& leaf) const {
    std::string line = painted(std::string(leaf.text_of("change"))) + printable(target_of(leaf)) +
                       "  " + printable(leaf.text_of("address"));
    if (const std::string expected = member_of(leaf, "expected"); !expected.empty())
      line += "  expected " + expected;
    if (const std::string actual = member_of(leaf, "actual"); !actual.empty())
      line += ", actual " + actual;
    if (const std::string decision = decision_text(leaf); !decision.empty())
      line += "  (" + printable(decision) + ')';
    return line + '\n';
  }

  Output output_;
  bool any_ = false;
};

/// Reads until the stream ends. Errors: how it broke off.
Result<void> follow_once(http::Client& client, const std::string& target, EventReader& events) {
  http::ClientRequest request; // by GET
  request.target = target;
  request.headers = {{"Accept", "text/event-stream"}};
  if (!events.last_id().empty())
    request.headers.emplace_back("Last-Event-ID", events.last_id());
  http::ClientAnswer refused;
  request.download = [&](int status, std::string_view piece) -> Result<void> {
    if (status == 200)
      return events.feed(piece);
    refused.body += piece;
    return refused.body.size() <= largest_refusal
               ? Result<void>()
               : Error{ErrorCode::too_large, "the server refuses at too great length"};
  };
  events.begin_anew();
  const http::ClientAnswer answer = TRY(client.send(request));
  if (answer.status == 200)
    return {};
  refused.status = answer.status;
  Error error = error_of(refused);
  if (answer.status == 503) // it has just been started
    error.code = ErrorCode::unavailable;
  return error;
}

bool may_come_back(const Error& error) {
  return error.code == ErrorCode::unavailable || error.code == ErrorCode::io ||
         error.code == ErrorCode::timeout;
}

/// Follows for as long as there is a server, also one that has been started again.
Result<void> follow(const WatchCommand& command) {
  http::Client client = TRY(client_of({.server = command.server, .data = {}}, true));
  std::string target = "/diffo/v1/stream?events=" + encoded_query(command.events);
  if (!command.filter.empty())
    target += '&' + encoded_query(command.filter);
  Lines lines(command.format);
  int told = 0;
  EventReader events([&](std::string_view name, std::string_view data) {
    ++told;
    return lines.print(name, data);
  });
  for (int attempt = 1;; ++attempt) {
    told = 0;
    auto read = follow_once(client, target, events);
    if (read && !lines.any())
      return Error{ErrorCode::malformed, "the server's answer is no stream of events"};
    if (!lines.any() || (!read && !may_come_back(read.error())))
      return read;
    if (told > 0)
      attempt = 1;
    if (attempt > most_attempts)
      return read ? Error{ErrorCode::unavailable, "the stream has ended"} : read.error();
    std::this_thread::sleep_for(between_attempts);
  }
}

} // namespace

int watch(const WatchCommand& command) {
  const auto done = follow(command);
  return done ? exit_ok : report(done.error());
}

} // namespace diffo::cli
