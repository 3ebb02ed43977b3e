#pragma once

#include "graph/delta.h"
#include "graph/schema.h"
#include "loop/standing_residues.h"
#include "loop/task_record.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace diffo::server {

/// A task that is not finished, as it was stored last.
struct ActiveTask {
  loop::Task task;
  graph::Sequence sequence = 0; ///< of its record
};

/// What was tried at a leaf lately.
struct LeafPast {
  std::uint64_t done = 0;  ///< tasks that closed it
  std::uint64_t tried = 0; ///< tasks that were begun and did not
  /// Somebody did not want it closed, or its executor refused, while it is as it was then.
  std::set<loop::Fingerprint> refused;
};

/// All tasks that matter, told of by the commits of the store. Invariants: active() holds the tasks
/// whose state is not final, each found by its targets, its leaves and, queued, in the order in
/// which they were made; past_of() knows the finished ones that the store still has. Thread rule:
/// one thread.
class TaskBoard {
public:
  /// Takes a task as it is stored. Older versions than the one that is known are ignored. Errors:
  /// those of reading the record.
  Result<void> put(const graph::Record& record, const graph::Schema& schema);
  /// A record of a task is gone.
  void erase(const graph::Key& key);
  void clear();

  [[nodiscard]] const std::map<graph::Key, ActiveTask>& active() const { return active_; }
  [[nodiscard]] ActiveTask* find(const graph::Key& key);
  [[nodiscard]] const std::set<graph::Key>& at(const graph::Key& target) const;
  /// The active task that is to close the leaf.
  [[nodiscard]] const graph::Key* of_leaf(const loop::LeafId& leaf) const;
  /// By when they were made.
  [[nodiscard]] const std::set<std::pair<std::int64_t, graph::Key>>& queued() const {
    return queued_;
  }
  /// How many are in that state.
  [[nodiscard]] std::size_t running() const { return running_; }
  [[nodiscard]] LeafPast past_of(const loop::LeafId& leaf, std::int64_t since) const;
  /// Finished ones, by when that was.
  [[nodiscard]] const std::set<std::pair<std::int64_t, graph::Key>>& finished() const {
    return finished_;
  }

private:
  /// What a finished task says of one of its leaves.
  struct Ended {
    graph::Key task;
    std::int64_t at = 0;
    loop::TaskState state = loop::TaskState::done;
    bool begun = false;
    bool refused = false;
    loop::Fingerprint fingerprint = 0;
  };
  struct Finished {
    std::int64_t at = 0;
    std::vector<loop::LeafId> leaves;
  };

  void add(const graph::Key& key, ActiveTask task);
  void drop_active(const graph::Key& key);
  void drop_finished(const graph::Key& key);

  std::map<graph::Key, ActiveTask> active_;
  std::map<graph::Key, std::set<graph::Key>> at_target_;
  std::map<loop::LeafId, graph::Key> of_leaf_;
  std::set<std::pair<std::int64_t, graph::Key>> queued_;
  std::size_t running_ = 0;
  std::map<graph::Key, Finished> ended_;
  std::map<loop::LeafId, std::vector<Ended>> past_;
  std::set<std::pair<std::int64_t, graph::Key>> finished_;
};

/// How a task's leaves are now.
struct LeavesNow {
  std::size_t closed = 0; ///< nothing is outstanding there, or it is approved
  std::size_t as_planned = 0;
  std::size_t different = 0; ///< something else is there now, or somebody refuses it
  bool gone = false;         ///< the target does not exist any more

  [[nodiscard]] bool all_closed() const { return as_planned == 0 && different == 0 && !gone; }
  [[nodiscard]] bool all_as_planned() const { return closed == 0 && different == 0 && !gone; }
};
LeavesNow leaves_now(const loop::Task& task, const loop::Standing& standing);

} // namespace diffo::server
