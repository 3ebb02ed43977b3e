#pragma once

#include "base/guarded.h"
#include "graph/watchers.h"
#include "store/disk.h"
#include "store/embedded_store.h"
#include "store/errands.h"
#include "store/folder.h"
#include "store/images.h"
#include "store/loaded_state.h"
#include "store/reaper.h"
#include "store/recent_changes.h"
#include "store/side_tables.h"
#include "store/tip.h"
#include "store/transaction.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
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

  /// Decides ahead, unless asked otherwise, and hands what is to be written to the writer.
  void transact(TransactionRef transaction);

  /// A transaction, or something to be done on the writer between batches.
  struct Job {
    TransactionRef transaction;
    std::function<void()> between;
  };
  /// Refused jobs are given back with the reason.
  std::optional<Error> submit(Job& job);
  /// Runs a function on the writer while nothing is pending; false when the store has stopped.
  bool run_between_batches(std::function<void()> work);

  [[nodiscard]] std::shared_ptr<const StateRevision> newest();
  /// The newest, or the one of that sequence while somebody holds it, else nothing.
  [[nodiscard]] std::shared_ptr<const StateRevision>
  pinned(std::optional<graph::Sequence> sequence);
  [[nodiscard]] std::string read_only_reason();
  [[nodiscard]] SealedPrefix sealed() { return *sealed_.lock(); }
  Result<graph::Tenant> add_tenant(std::string_view name);
  Result<void> begin_behind(graph::Sequence sequence);

  const EmbeddedOptions options;
  Disk& disk() { return *disk_; }
  /// The newest; lives as long as the store.
  [[nodiscard]] const graph::Schema& schema() const;
  /// Writes that ride on the next batch, or go at the stop.
  void write_aside(const std::function<void(DiskBatch&)>& put);
  void note_seen(const graph::KeyView& record, const Seen& seen);
  Result<std::vector<Seen>> seen(const graph::KeyView& record) const;
  void save_cursor(std::string_view consumer, graph::Sequence sequence);
  void forget_cursor(std::string_view consumer);
  Guarded<std::map<std::string, graph::Sequence>> cursors;
  /// How the record was after a commit; set before it starts.
  std::function<Result<graph::RecordRef>(const graph::KeyView&, graph::Sequence)> version_at;
  /// What watchers are told of at once of what was there already.
  static constexpr std::size_t most_at_once = 256;
  /// Some commits from that one on; set before it starts.
  std::function<Result<std::vector<DeltaRef>>(graph::Sequence)> deltas_from;

  graph::Watchers watchers{options.log};
  /// Of the tip; only on the writer.
  [[nodiscard]] Head head() const { return tip_ ? tip_->head() : Head{}; }
  Guarded<std::vector<std::string>> tenants;
  graph::Statistics counted();

private:
  struct Pending {
    TransactionRef transaction;
    Result<Applied> outcome;
  };
  struct Queue {
    std::deque<Job> jobs;
    bool stopping = false;
  };

  void run();
  bool take(Job& job);
  Result<graph::ChangeSet> decide(Transaction& transaction,
                                  const std::shared_ptr<const StateRevision>& revision,
                                  graph::Recorder* recorder) const;
  Result<Prepared> prepare(graph::ChangeSet& wanted, const StateRevision& revision);
  Result<void> write_image(const graph::Change& change, PreparedChange& prepared);
  bool still_stands(Transaction::Decided& decided);
  [[nodiscard]] static bool is_large(const Transaction& transaction);
  bool begin_answer(Transaction& transaction);
  Result<graph::Commit> repeat(const KeptAnswer& kept) const;
  void finish(Transaction& transaction, Result<graph::Commit> commit);
  void decide_ahead(const TransactionRef& transaction);
  void enqueue(const TransactionRef& transaction);

  // embedded_amend.cpp
  Result<std::optional<graph::Since>> committed_since(graph::Sequence sequence,
                                                      graph::Sequence upto);
  Result<void> catch_up(KeysAside& aside);
  Result<void> amend(Transaction& transaction, const std::shared_ptr<const StateRevision>& revision,
                     const graph::Since& since) const;
  Result<void> amend_and_prepare(Transaction& transaction,
                                 const std::shared_ptr<const StateRevision>& revision,
                                 const graph::Since& since);
  Result<bool> bring_close(Transaction& transaction);
  void amend_aside(const TransactionRef& transaction);
  std::optional<Result<Applied>> settle_amended(const TransactionRef& transaction);

  void process(const TransactionRef& transaction);
  std::optional<Result<Applied>> settle(const TransactionRef& transaction);
  std::optional<Result<Applied>> settle_at_tip(const TransactionRef& transaction);
  Result<Applied> apply(const Transaction& transaction, graph::ChangeSet wanted, Prepared prepared);
  bool wait_for_reservation(const TransactionRef& transaction, const graph::ChangeSet& wanted);
  void reserve_and_decide_again(const TransactionRef& transaction);
  void decide_again();
  void release(Transaction& transaction);
  void refuse_waiting();

  void commit_batch();
  void hand_out();
  void answer();
  Error give_up_batch(const Error& error, ErrorCode outcome);
  void fail_batch(const Error& error, ErrorCode outcome);
  void break_batch(const std::string& reason);
  Result<void> reload();
  void publish();
  void keep_former(const std::shared_ptr<const StateRevision>& revision);
  void adopt(LoadedState loaded);
  void try_again();
  Result<void> recover();
  void take_aside();
  void trim_journal();
  void drop_images(std::span<const ImageNumber> images);

  std::optional<LockFile> lock_;
  std::unique_ptr<Disk> disk_;
  Images images_;
  std::optional<AcknowledgedMark> mark_; ///< none: only read
  /// All that ever held, the newest last: what is told outside of a revision refers to them.
  mutable Guarded<std::vector<std::shared_ptr<const graph::Schema>>> schemas_;
  std::unique_ptr<IdentityTable> identities_;
  std::shared_ptr<Reaper> reaper_ = Reaper::start();
  std::unique_ptr<Tip> tip_; ///< none after a failed write, until the disk takes writes again
  std::chrono::steady_clock::time_point next_try_;
  Guarded<std::shared_ptr<const StateRevision>> newest_;
  /// Former ones that somebody may hold. They are not kept by this.
  Guarded<std::map<graph::Sequence, std::weak_ptr<const StateRevision>>> former_;
  std::size_t most_former_ = 64; ///< of the writer: how many there are before it looks
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
  /// Sightings that are not durable yet: those aside, and those of the batch.
  struct Noted {
    using Sightings = std::map<graph::Key, std::vector<Seen>, std::less<>>;
    Sightings aside;
    Sightings in_batch;
  };
  mutable Guarded<Noted> noted_;      ///< taken before aside_
  std::atomic<bool> has_seen_{false}; ///< something is in the table `seen`
  DiskBatch batch_;
  std::vector<Pending> pending_;
  std::vector<DeltaRef> batch_deltas_; ///< of the batch
  std::unique_ptr<RecentChanges> recent_;
  /// Records reserved by a large transaction, and who waits for it.
  std::map<std::string, std::vector<TransactionRef>> reserved_;
  std::vector<TransactionRef> again_;        ///< large, to be decided again after the batch
  std::deque<TransactionRef> resumed_;       ///< waited, and go on before the queue
  Guarded<std::set<std::string>> answering_; ///< idempotency keys whose first request is on its way
  Errands errands_;                          ///< decides large transactions again
  std::thread thread_;
  std::atomic<std::uint64_t> transactions_{0}, commits_{0}, batches_{0}, conflicts_{0},
      identity_count_{0}, identity_bytes_{0};
};

} // namespace diffo::store
