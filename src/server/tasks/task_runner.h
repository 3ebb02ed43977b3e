#pragma once

#include "base/cancellation.h"
#include "http/router.h"
#include "loop/standing_residues.h"
#include "server/services.h"
#include "server/tasks/executor.h"
#include "server/tasks/planner.h"
#include "server/tasks/task_board.h"
#include "server/tasks/task_settings.h"
#include "server/worker.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace diffo::server {

/// Who made a task that nobody asked for.
inline constexpr const char* made_by_loop = "the loop";

/// The claim that holds all tasks of a tenant back while somebody has it.
graph::ClaimName hold_switch(graph::Tenant tenant);

/// Makes tasks of what is outstanding where expectations say so, and sees every task through: it
/// begins those whose turn has come, hands them to their executors, and looks in what stands
/// whether the network shows it (wire.md §7.3).
///
/// Invariants: a task's state is what the store has; each step is a commit that is refused when the
/// record is not as it was; an attempt is counted in the store before its executor hears of it, so
/// that after a restart it is told again under the same number, and never a second one. At most one
/// task is about a leaf (a claim), and of one target at most one is with an executor.
///
/// Thread rule: any thread.
class TaskRunner {
public:
  TaskRunner(Services& services, TaskSettings settings, http::Router& router);
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;
  ~TaskRunner() { stop(); }

  [[nodiscard]] const TaskSettings& settings() const { return settings_; }

  /// Refuses so many tasks, by which so many others are replaced, where that would be more than are
  /// to wait (`bounds.waiting`), as far as is known: of what was queued a moment ago nothing is.
  /// Errors: conflict.
  [[nodiscard]] Result<void> check_room(std::size_t added, std::size_t replaced) const;

  /// Once; `origin` begins the references in what executors get.
  void start(std::string origin);
  /// Breaks off what executors do, and ends. Before the residues and the store stop.
  void stop();
  /// Something has happened of which no commit tells: tasks are no longer held back.
  void look_again();

private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Told {
    graph::Key task;
    std::uint64_t attempt = 0;
    Outcome outcome;
  };
  /// A task as it is to be; written only where its record still is as it was.
  struct Step {
    graph::Key key;
    graph::Sequence sequence = 0;
    loop::Task task;
    bool begins = false; ///< not while tasks are held back
  };

  void take(const loop::Publication& publication);
  void run();
  void round(std::deque<loop::Publication> publications, std::deque<Told> told);

  // What there is.
  void absorb(const loop::Publication& publication);
  void absorb(const graph::Delta& commit, const graph::Schema& schema);
  static bool concerns(const loop::Task& task, const graph::Key& expectation);
  [[nodiscard]] bool is_unwanted(const loop::Task& task) const;
  [[nodiscard]] bool is_expected(const loop::Task& task) const;
  Result<void> load();
  void note_expectation(const graph::Record& record, const graph::Schema& schema);
  void unsettle_those_of(const graph::Key& expectation);
  void look_where_it_stands(const std::set<graph::Key>& expectations);

  // Steps.
  void settle();
  void settle(const graph::Key& key, const ActiveTask& active);
  bool hear(const Told& told);
  void retry(const graph::Key& key, const ActiveTask& active, std::string reason);
  void step(const graph::Key& key, const ActiveTask& active, loop::TaskState state,
            std::string reason);
  void add_step(const graph::Key& key, const ActiveTask& active, loop::Task task);
  void write_steps();
  Result<void> write(const std::vector<Step>& steps, graph::Tenant tenant);
  void begin();
  [[nodiscard]] bool may_begin(const ActiveTask& active) const;
  void send(const graph::Key& key, const ActiveTask& active, bool follows);
  void renew(loop::Task& task) const;
  [[nodiscard]] bool is_held_back() const;
  void prune();

  // Making tasks.
  void derive();
  [[nodiscard]] std::vector<ResidueRows::Row>
  rows_to_close(const loop::TargetResiduesRef& residues) const;
  Result<void> make(const std::vector<graph::Key>& targets);
  Result<std::vector<loop::Task>> tasks_for(const std::vector<ResidueRows::Row>& rows,
                                            graph::Tenant tenant);
  void judge(PlannedTask& planned) const;
  Result<void> create(std::vector<loop::Task> tasks, graph::Tenant tenant);

  Services& services_;
  TaskSettings settings_;
  Executors executors_;
  std::string origin_;
  CancellationSource cancellation_;
  std::unique_ptr<Worker> workers_;
  std::unique_ptr<Worker> followers_; ///< who asks for accepted tasks holds up nobody else
  std::thread thread_;
  std::atomic<std::size_t> unfinished_ = 0; ///< tasks, after the last round

  std::mutex mutex_; // guards the next five
  std::condition_variable changed_;
  std::deque<loop::Publication> published_;
  std::deque<Told> told_;
  bool look_ = false;
  bool stopping_ = false;

  // Of the runner's thread.
  loop::StandingRef standing_;
  bool loaded_ = false;
  TaskBoard board_;
  std::map<graph::Key, loop::Mode> acting_; ///< expectations that make tasks by themselves
  std::deque<Told> heard_;                  ///< of what executors told, what is to be looked at
  std::set<graph::Key> looked_at_;          ///< targets of which something is different
  std::set<graph::Key> postponed_;          ///< of which no task could be made
  std::set<graph::Key> unsettled_;          ///< tasks likewise
  std::vector<Step> steps_;                 ///< to be written
  std::map<graph::Key, Moment> follow_at_;
  std::set<graph::Key> away_; ///< tasks that an executor has now
  Moment ticked_{};
  Moment postponed_until_{};
};

/// The change that makes tasks, each with the claims of its leaves; their ids are theirs already.
/// Errors: those of encoding.
Result<void> add_tasks(const std::vector<loop::Task>& tasks, graph::Tenant tenant,
                       const graph::Schema& schema, graph::ChangeSet& change);
/// The change that writes a task as it has become now, microseconds since 1970; a finished one lets
/// its leaves go.
Result<void> add_task_step(loop::Task task, std::int64_t now, graph::Tenant tenant,
                           const graph::Schema& schema, graph::ChangeSet& change);
/// Gives a plan's tasks ids and the order that these name, and says who made them.
std::vector<loop::Task> made_tasks(std::vector<PlannedTask> planned, const graph::Context& context,
                                   const std::string& decision);

} // namespace diffo::server
