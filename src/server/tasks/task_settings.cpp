#include "server/tasks/task_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::array<std::string_view, 5> executor_types{"self", "http", "tmf640", "tmf641",
                                                         "command"};

Error invalid(std::string message, std::string path) {
  return {ErrorCode::invalid, std::move(message), std::move(path)};
}

Result<ExecutorSettings> read_executor(const json::Value& value, const std::string& path) {
  const SettingsMap map = TRY(
      SettingsMap::of(value, path, {"type", "url", "secret", "command", "timeout", "accepted"}));
  ExecutorSettings executor;
  std::string type;
  TRY(map.read("type", type));
  const auto* const found = std::find(executor_types.begin(), executor_types.end(), type);
  if (found == executor_types.end())
    return invalid("must be one of self, http, tmf640, tmf641, command", map.path_of("type"));
  executor.type = static_cast<ExecutorType>(found - executor_types.begin());
  std::string secret;
  TRY(map.read("secret", secret));
  executor.secret = Secret(std::move(secret));
  TRY(map.read("url", executor.url));
  TRY(map.read("command", executor.command));
  TRY(map.read_period("timeout", executor.timeout));
  TRY(map.read_period("accepted", executor.accepted));
  const bool posts = executor.type == ExecutorType::http || executor.type == ExecutorType::tmf640 ||
                     executor.type == ExecutorType::tmf641;
  const bool has_scheme =
      executor.url.starts_with("http://") || executor.url.starts_with("https://");
  if (posts != has_scheme || (!posts && !executor.url.empty()))
    return invalid(posts ? "must begin with http:// or https://" : "is not of this type",
                   map.path_of("url"));
  if ((executor.type == ExecutorType::command) == executor.command.empty())
    return invalid(executor.command.empty() ? "must be a list: the program and its arguments"
                                            : "is not of this type",
                   map.path_of("command"));
  if (executor.type == ExecutorType::command && !executor.command.front().starts_with('/'))
    return invalid("must begin with the absolute path of a program", map.path_of("command"));
  return executor;
}

Result<ExecutorChoice> read_choice(const json::Value& value, const std::string& path,
                                   const TaskSettings& settings) {
  const SettingsMap map =
      TRY(SettingsMap::of(value, path, {"executor", "kind", "family", "path", "expectation"}));
  ExecutorChoice choice;
  TRY(map.read("executor", choice.executor));
  TRY(map.read("kind", choice.kind));
  TRY(map.read("family", choice.family));
  TRY(map.read("path", choice.path));
  TRY(map.read("expectation", choice.expectation));
  if (choice.executor != "self" && !settings.executors.contains(choice.executor))
    return invalid("must be one of the executors, or self", map.path_of("executor"));
  if (!choice.family.empty() && choice.family != "service" && choice.family != "resource")
    return invalid("must be service or resource", map.path_of("family"));
  return choice;
}

Result<TaskBounds> read_bounds(const json::Value& value, const std::string& path) {
  const SettingsMap map = TRY(SettingsMap::of(value, path,
                                              {"attempts", "running", "waiting", "verify",
                                               "backOff", "longestBackOff", "fight", "finished"}));
  TaskBounds bounds;
  constexpr std::uint64_t most_attempts = 100;
  constexpr std::uint64_t most_running = 64;
  constexpr std::uint64_t most_tasks = 100'000;
  TRY(map.read_count("attempts", 1, most_attempts, bounds.attempts));
  TRY(map.read_count("running", 1, most_running, bounds.running));
  TRY(map.read_count("waiting", 1, most_tasks, bounds.waiting));
  TRY(map.read_count("finished", 100, most_tasks, bounds.finished));
  TRY(map.read_period("verify", bounds.verify));
  TRY(map.read_period("backOff", bounds.back_off));
  TRY(map.read_period("longestBackOff", bounds.longest_back_off));
  TRY(map.read_period("fight", bounds.fight));
  return bounds;
}

/// `22:30` as minutes since midnight.
std::optional<int> minutes_of(std::string_view text) {
  int hours = 0;
  int minutes = 0;
  if (text.size() != 5 || text[2] != ':')
    return std::nullopt;
  const auto first = std::from_chars(text.data(), text.data() + 2, hours);
  const auto second = std::from_chars(text.data() + 3, text.data() + 5, minutes);
  if (first.ec != std::errc() || first.ptr != text.data() + 2 || second.ec != std::errc() ||
      second.ptr != text.data() + 5 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
    return std::nullopt;
  return hours * 60 + minutes;
}

Result<TaskWindow> read_window(const json::Value& value, const std::string& path) {
  const SettingsMap map = TRY(SettingsMap::of(value, path, {"from", "to"}));
  TaskWindow window;
  for (const auto& [name, target] : {std::pair{"from", &window.from}, {"to", &window.to}}) {
    std::string text;
    TRY(map.read(name, text));
    const auto minutes = minutes_of(text);
    if (!minutes)
      return invalid("must be a time of the day (UTC) in quotes, such as \"22:30\"",
                     map.path_of(name));
    *target = *minutes;
  }
  return window;
}

} // namespace

Result<TaskSettings> read_task_settings(const SettingsMap& settings) {
  TaskSettings read;
  if (const json::Value* executors = settings.find("executors")) {
    const std::string path = settings.path_of("executors");
    if (!executors->is_object())
      return invalid("must be a map of executors by their names", path);
    for (const json::Member& member : executors->object()) {
      if (member.name == "self")
        return invalid("there is one of this name always", path + "/self");
      read.executors.emplace(member.name,
                             TRY(read_executor(member.value, path + '/' + member.name)));
    }
  }
  if (const json::Value* choose = settings.find("choose")) {
    const std::string path = settings.path_of("choose");
    if (!choose->is_array())
      return invalid("must be a list", path);
    for (std::size_t at = 0; at < choose->array().size(); ++at)
      read.choose.push_back(
          TRY(read_choice(choose->array()[at], path + '/' + std::to_string(at), read)));
  }
  if (const json::Value* bounds = settings.find("bounds"))
    read.bounds = TRY(read_bounds(*bounds, settings.path_of("bounds")));
  if (const json::Value* window = settings.find("window"))
    read.window = TRY(read_window(*window, settings.path_of("window")));
  return read;
}

} // namespace diffo::server
