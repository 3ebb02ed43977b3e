#pragma once

#include "base/guarded.h"
#include "store/disk.h"
#include "store/embedded_store.h"
#include "store/folder.h"
#include "store/loaded_state.h"
#include "store/reaper.h"
#include "store/tip.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace diffo::store {

/// The running store: the queue, the writer thread and what it owns. Locks: none is taken while
/// another is held, but any while stopping.
struct EmbeddedStore::Core {
public:
  static Result<std::unique_ptr<Core>> open(EmbeddedOptions options);
  static Result<std::unique_ptr<Core>> open_for_reading(EmbeddedOptions options);
  /// Without a mark it takes no writes.
  Core(EmbeddedOptions options, std::optional<LockFile> lock, std::unique_ptr<Disk> disk,
       std::optional<AcknowledgedMark> mark, LoadedState loaded);
  ~Core();
  void start();
  void stop();

  using Done = std::function<void(Result<graph::Commit>)>;
  /// A transaction, or something to be done on the writer between batches.
  struct Job {
    graph::Context context;
    graph::Decide decide;
    Done done;
    std::function<void()> between;
  };
  /// Refused jobs are given back with the reason.
  std::optional<Error> submit(Job& job);
  /// Runs a function on the writer while nothing is pending; false when the store has stopped.
  bool run_between_batches(std::function<void()> work);

  [[nodiscard]] std::shared_ptr<const StateRevision> newest();
  [[nodiscard]] std::string read_only_reason();
  [[nodiscard]] SealedPrefix sealed() { return *sealed_.lock(); }
  Result<graph::Tenant> add_tenant(std::string_view name);

  const EmbeddedOptions options;
  std::shared_ptr<ClaimTable> claims() { return *claims_.lock(); }
  Disk& disk() { return *disk_; }
  [[nodiscard]] const graph::Schema& schema() const { return *schema_; }
  /// Writes that ride on the next batch, or go at the stop.
  void write_aside(const std::function<void(DiskBatch&)>& put);
  void note_seen(const graph::KeyView& record, const Seen& seen);
  void save_cursor(std::string_view consumer, graph::Sequence sequence);
  Guarded<std::map<std::string, graph::Sequence>> cursors;
  /// Of the tip; only on the writer.
  [[nodiscard]] Head head() const { return tip_ ? tip_->head() : Head{}; }
  Guarded<std::vector<std::string>> tenants;
  EmbeddedStatistics counted();

private:
  struct Pending {
    Done done;
    Result<Applied> outcome;
  };
  struct Queue {
    std::deque<Job> jobs;
    bool stopping = false;
  };

  void run();
  bool take(Job& job);
  void process(Job& job);
  Result<Applied> decide(Job& job);
  void commit_batch();
  void answer();
  void fail_batch(const Error& error);
  void publish();
  void adopt(LoadedState loaded);
  void try_again();
  Result<void> recover();
  void take_aside();
  void trim_journal();

  std::optional<LockFile> lock_;
  std::unique_ptr<Disk> disk_;
  std::optional<AcknowledgedMark> mark_; ///< none: only read
  std::shared_ptr<const graph::Schema>
      schema_; ///< the one it was opened with; revisions refer to it
  std::unique_ptr<IdentityTable> identities_;
  Guarded<std::shared_ptr<ClaimTable>> claims_; ///< shared with readers while it is replaced
  std::shared_ptr<Reaper> reaper_ = Reaper::start();
  std::unique_ptr<Tip> tip_; ///< none after a failed write, until the disk takes writes again
  std::chrono::steady_clock::time_point next_try_;
  Guarded<std::shared_ptr<const StateRevision>> newest_;
  Guarded<std::string> read_only_reason_;
  Guarded<SealedPrefix> sealed_;
  /// When the retention was looked at last: sequence and bytes of the head. The sequence is 0 while
  /// there is more to drop.
  graph::Sequence trimmed_at_ = 0;
  std::uint64_t trimmed_at_bytes_ = 0;

  std::mutex stop_mutex_;
  std::mutex queue_mutex_;
  std::condition_variable queue_wake_;
  Queue queue_; ///< under queue_mutex_
  Guarded<DiskBatch> aside_;
  std::atomic<bool> has_seen_{false}; ///< something is in the table `seen`
  DiskBatch batch_;
  std::vector<Pending> pending_;
  std::thread thread_;
  std::atomic<std::uint64_t> transactions_{0}, commits_{0}, batches_{0}, identity_count_{0},
      identity_bytes_{0};
};

} // namespace diffo::store
