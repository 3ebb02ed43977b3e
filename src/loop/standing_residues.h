#pragma once

#include "base/log.h"
#include "base/time.h"
#include "graph/store.h"
#include "loop/residue_keeper.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace diffo::loop {

/// What stood outstanding at one revision and one moment. Whatever mentions residues reads that
/// revision, so that it fits together. Thread rule: immutable, any thread.
struct Standing {
  graph::Sequence sequence = 0;
  Timestamp at{};
  std::shared_ptr<const ResidueIndex> index;
  /// Expectations that are new and of which not all targets have been looked at; what stands of
  /// them does not count yet.
  std::shared_ptr<const std::set<graph::Key>> establishing;
  std::shared_ptr<const graph::Subgraph> pinned; ///< as long as it is there the revision is
  std::uint64_t evaluations = 0;                 ///< of targets, since the keeping began
  std::uint64_t sightings = 0;                   ///< so many that were told are in it
};
using StandingRef = std::shared_ptr<const Standing>;

/// What was published, and what led to it from what was published before.
struct Publication {
  StandingRef before; ///< nothing: this is the first
  StandingRef now;
  /// Targets of which something else stands; those of expectations that are no longer, or newly,
  /// being established are not told.
  std::vector<graph::Key> targets;
  std::vector<graph::DeltaRef> commits; ///< between the two revisions
  /// What stands was found out anew: what is different, and what was committed, is not told.
  bool anew = false;
};

/// Keeps what is outstanding true on a thread of its own: it follows the commits of the store and
/// the clock, publishes what stands, and goes on after a restart from what it saved. Thread rule:
/// any thread.
class StandingResidues {
public:
  struct Options {
    graph::Store& store;
    const Clock& clock;
    const Log& log;
    std::filesystem::path file; ///< empty: nothing is saved
    /// The circumstances of what it writes by itself.
    std::function<graph::Context(std::string cause)> context;
  };
  /// How long a request waits for the revision that was the newest when it came.
  static constexpr std::chrono::seconds longest_wait{2};

  explicit StandingResidues(Options options);
  StandingResidues(const StandingResidues&) = delete;
  StandingResidues& operator=(const StandingResidues&) = delete;
  ~StandingResidues() { stop(); }

  void start();
  /// Saves what stands, then ends the thread; whoever waits is answered. Before the store stops.
  void stop();

  /// What stands at that revision or a later one; after longest_wait what is known by then, and an
  /// empty reference while it is found out for the first time. `done` is called on the calling
  /// thread or on that of the residues, and must be quick.
  void when(graph::Sequence wanted, std::function<void(StandingRef)> done);
  /// The same, with all that is expected of an instance then, met or not.
  using Expectations = Result<std::vector<graph::Key>>;
  void when(graph::Sequence wanted, graph::Key about,
            std::function<void(StandingRef, Expectations)> done);
  [[nodiscard]] StandingRef newest() const;
  /// Tells that somebody has seen these, which the store has noted already. Whoever asks from then
  /// on what stands gets it with that. Cheap where nobody expects anything to be seen.
  void saw(std::span<const graph::Key> targets);
  /// When the program was not there to look.
  [[nodiscard]] Downtime downtime() const { return down_; }

  using Listener = std::function<void(const Publication&)>;
  /// Tells of every publication behind the newest one, which is returned. The listener is called on
  /// the thread of the residues, must be quick, and must live until stop().
  StandingRef listen(Listener listener);

private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Waiter {
    graph::Sequence wanted;
    std::uint64_t sightings; ///< so many must be in it
    Moment until;
    std::function<void(StandingRef)> done;
  };

  void run();
  void make_keeper();
  void take_sightings(Timestamp now);
  bool begin();
  void resume_or_begin(graph::Sequence newest);
  void wait_for_work();
  void work();
  Result<void> round();
  [[nodiscard]] std::vector<graph::DeltaRef> take_up_to(graph::Sequence sequence);
  void publish(std::shared_ptr<const graph::Subgraph> pinned, Timestamp now,
               ResidueKeeper::Round& round, std::vector<graph::DeltaRef> commits);
  void answer_waiters();
  void answer_questions();
  void write_falls(std::vector<ResidueKeeper::Fallen> fallen);
  void save(bool at_the_end);

  Options options_;
  std::atomic<bool> asks_sightings_{false}; ///< the keeper does
  Downtime down_;                           ///< since it was made
  std::unique_ptr<ResidueKeeper> keeper_;
  std::unique_ptr<graph::Watch> watch_;
  graph::Sequence taken_ = 0; ///< what happened up to here is in the keeper
  graph::Sequence saved_ = 0;
  std::uint64_t taken_sightings_ = 0; ///< of the thread; the keeper has been told so many
  bool unsaved_ = false;              ///< something stands otherwise than it was saved
  Moment saved_at_{};
  bool anew_ = false; ///< what has become different since the last publication is not known

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<graph::DeltaRef> told_; ///< under the mutex, like the rest
  graph::Sequence last_told_ = 0;
  std::vector<Waiter> waiters_;
  struct Question {
    graph::Key about;
    std::function<void(StandingRef, Expectations)> done;
  };
  std::vector<Question> questions_; ///< of those whose revision is there
  StandingRef newest_;
  std::vector<std::shared_ptr<const Listener>> listeners_;
  std::vector<graph::Key> seen_; ///< that the keeper has not been told
  bool seen_all_ = false;        ///< there were too many
  std::uint64_t sightings_ = 0;  ///< told
  bool stopping_ = false;

  std::thread thread_;
};

} // namespace diffo::loop
