#pragma once

#include "graph/change.h"
#include "loop/decision_record.h"

#include <diffo/expectation.h>
#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Tasks as records of the graph (wire.md §7.3).
namespace diffo::loop {

/// What becomes of a task. The first five are not final.
///
///     proposed ─▶ queued ─▶ running ─▶ verifying ─▶ done
///         │         │ ▲        │           │
///         │         │ └────────┴───────────┘ again, after a failed attempt
///         ▼         ▼          ▼           ▼
///     cancelled  cancelled   failed       held ─▶ queued, when somebody releases it
enum class TaskState : std::uint8_t {
  proposed,  ///< waits for somebody to approve it
  queued,    ///< waits for its turn
  running,   ///< its executor has it
  verifying, ///< done, as its executor says: the actual must show it
  held,      ///< waits for somebody to look at it; the reason says why
  done,
  failed,
  cancelled,
};
std::string_view name_of(TaskState state);
std::optional<TaskState> task_state_of(std::string_view name);
inline bool is_final(TaskState state) {
  return state > TaskState::held;
}

/// A change of one instance that closes leaves.
struct Task {
  std::string id;
  TaskState state = TaskState::queued;
  graph::Key target;    ///< see selector_of() where it is not known which instance it will be
  std::string kind;     ///< of the target, for whoever carries it out
  std::string name;     ///< of the target
  bool creates = false; ///< the target does not exist
  outstanding::Profile profile =
      outstanding::Profile::v5; ///< v5 or v4: whose documents it speaks of
  json::Value change;           ///< `{set, absent}`, as an observation says it (change_document.h)
  json::Value patch;            ///< the operations of a JSON Patch, each behind a test
  std::vector<DecidedLeaf> because; ///< the leaves that it closes, as they were: its precondition
  std::string executor;             ///< empty: nobody is chosen
  std::vector<std::string> after;   ///< ids of tasks that are to be done before
  std::string decision;             ///< the push that made it, else empty
  std::string by;                   ///< who made it; empty: nobody known
  std::string reason;               ///< of its state; of an attempt that failed
  std::int64_t at = 0;              ///< when it was made, microseconds since 1970
  std::int64_t changed = 0;         ///< when it came into its state
  std::uint64_t spent = 0;          ///< of the attempts, those before it was released
  std::uint64_t attempts = 0;       ///< that were begun
  bool rejected = false; ///< of cancelled: somebody said so, and it is not to be made again
  std::string follow;    ///< of accepted: where the executor can be asked how far it is
  bool accepted = false; ///< of running: the executor has said that it will tell
  std::optional<std::int64_t> not_before; ///< of queued: the next attempt
  std::optional<std::int64_t> until;      ///< of running and verifying: then the attempt has failed
};

graph::RecordDraft task_draft(const Task& task, graph::Tenant tenant);
/// Errors: corrupt.
Result<Task> stored_task(const graph::Record& record, const graph::Schema& schema);
/// As it is shown, and as executors get it; `origin` begins its references.
json::Value task_document(const Task& task, const graph::Schema& schema, std::string_view origin);

} // namespace diffo::loop
