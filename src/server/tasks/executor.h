#pragma once

#include "base/cancellation.h"
#include "http/router.h"
#include "loop/task_record.h"
#include "server/tasks/task_settings.h"

#include <diffo/json.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

/// How tasks reach the network (wire.md §7.3).
namespace diffo::server {

/// One attempt to carry a task out. Whoever gets the same task and number again gets a repetition:
/// what came of the first is not known here.
struct Attempt {
  loop::Task task;
  json::Value document; ///< the task as it is shown
  std::uint64_t number = 1;

  /// What names it to an executor: the task's id and the number.
  [[nodiscard]] std::string key() const { return task.id + '-' + std::to_string(number); }
};

/// What came of an attempt.
struct Outcome {
  enum class Kind : std::uint8_t {
    done,     ///< as the executor says; the actual must show it
    accepted, ///< it will be told, or can be asked
    again,    ///< not now: another attempt may do
    failed,   ///< and will
  };
  Kind kind = Kind::done;
  std::string reason{};
  std::string follow{}; ///< of accepted: what follow() is asked with; empty: we are told
};

/// What an executor said, as a reason: cut, and without bytes that are no text.
std::string reason_of(std::string_view said);

/// Whoever carries tasks out. Thread rule: any thread; calls wait, within the executor's timeout,
/// or until the cancellation.
class Executor {
public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  virtual Outcome run(const Attempt& attempt, const Cancellation& cancellation) = 0;
  /// Asks how far an accepted task is; `accepted` again: not yet.
  virtual Outcome follow(const Attempt& attempt, const Cancellation& cancellation);
};

/// Commits the change to our own record, through the surfaces that everybody uses.
std::unique_ptr<Executor> self_executor(http::Router& router);
std::unique_ptr<Executor> http_executor(const ExecutorSettings& settings);
std::unique_ptr<Executor> tmf640_executor(const ExecutorSettings& settings, http::Router& router);
std::unique_ptr<Executor> tmf641_executor(const ExecutorSettings& settings, http::Router& router);
std::unique_ptr<Executor> command_executor(const ExecutorSettings& settings);

using Executors = std::map<std::string, std::unique_ptr<Executor>>;
/// Those of the settings, and `self`. The router must outlive them.
Executors executors_of(const TaskSettings& settings, http::Router& router);

} // namespace diffo::server
