#pragma once

#include "base/secret.h"
#include "server/settings_reader.h"

#include <diffo/result.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Who runs tasks, and within which bounds (wire.md §7.3).
namespace diffo::server {

/// How a task reaches the network.
enum class ExecutorType : std::uint8_t {
  self,    ///< the change is made to our own record
  http,    ///< the task is posted to a URL
  tmf640,  ///< the service is activated or changed through TMF640
  tmf641,  ///< a service order is placed through TMF641
  command, ///< a program gets the task on its standard input
};

struct ExecutorSettings {
  ExecutorType type = ExecutorType::self;
  std::string url;                  ///< of http, tmf640 and tmf641
  Secret secret;                    ///< signs what is posted; empty: nothing is signed
  std::vector<std::string> command; ///< program and arguments
  /// For one attempt, microseconds.
  std::int64_t timeout = 10'000'000;
  /// So long whoever accepted a task may take, microseconds.
  std::int64_t accepted = 600'000'000;
};

/// Which executor runs a task: the first of these of which all that it says fits.
struct ExecutorChoice {
  std::string executor;
  std::string kind;        ///< of the target
  std::string family;      ///< service or resource
  std::string path;        ///< some leaf lies there
  std::string expectation; ///< its id or name
};

struct TaskBounds {
  std::uint64_t attempts = 3;
  std::uint64_t running = 8;         ///< at once, of all targets; of one target one
  std::uint64_t waiting = 10'000;    ///< of all that are not finished: beyond that none is made
  std::int64_t verify = 60'000'000;  ///< until the actual must show it
  std::int64_t back_off = 1'000'000; ///< after the first failed attempt; then doubled
  std::int64_t longest_back_off = 300'000'000; ///< up to that
  std::int64_t fight = 3'600'000'000;          ///< twice changed back within that is a fight
  std::uint64_t finished = 20'000;             ///< of tasks that ended so many are kept
};

/// Hours of the day, UTC, in which tasks are begun: minutes since midnight.
struct TaskWindow {
  int from = 0;
  int to = 0; ///< before `from`: on the next day
};

struct TaskSettings {
  std::map<std::string, ExecutorSettings> executors; ///< beside `self`, which there always is
  std::vector<ExecutorChoice> choose;
  TaskBounds bounds;
  std::optional<TaskWindow> window;
};

/// Reads the sections `executors`, `choose`, `bounds` and `window`. Errors: invalid.
Result<TaskSettings> read_task_settings(const SettingsMap& settings);

} // namespace diffo::server
