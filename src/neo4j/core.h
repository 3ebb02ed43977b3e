#pragma once

#include "base/guarded.h"
#include "graph/amending_rule.h"
#include "graph/watchers.h"
#include "neo4j/batch.h"
#include "neo4j/fetched_revision.h"
#include "neo4j/neo4j_store.h"
#include "neo4j/past.h"
#include "neo4j/pools.h"
#include "neo4j/recent_deltas.h"
#include "neo4j/tip.h"
#include "neo4j/workers.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

namespace diffo::neo4j {

/// What readers see: the newest commit that is in the database and known to be.
struct Published {
  graph::Sequence sequence = 0;
  std::shared_ptr<const graph::Schema> schema;
};

/// A transaction on its way. Thread rule: one thread after the other.
struct Transaction {
  graph::Context context;
  graph::FetchPlan plan;
  graph::Decide decide;
  graph::Deciding deciding;
  std::function<void(Result<graph::Commit>)> done;
  std::string answer_name{};        ///< of its idempotency key; empty: none
  std::uint64_t unknowns = 0;       ///< Core's, before the answer was looked up
  std::vector<FlightRef> flights{}; ///< of what it has read
  /// What was decided ahead, with what it rests on.
  struct Decided {
    graph::ChangeSet wanted;
    graph::Footprint footprint;
    Published at;
  };
  std::optional<Decided> decided{};
  bool is_ready = false; ///< of a lane: decided ahead, or answered

  /// The rule, where it brings itself up to what has changed since; else nothing.
  [[nodiscard]] const graph::AmendingRule* amending() const {
    return decide.target<graph::AmendingRule>();
  }
};
using TransactionRef = std::shared_ptr<Transaction>;

/// The running store.
///
/// A transaction is decided ahead, on a worker, from one flight. The committer applies it when
/// nothing it has read was touched since; else it decides it again at the tip from the same flight,
/// put forward with what was decided since, so that this costs no further flight unless it reads
/// more; what can be amended it amends instead. What is applied is known to RecentDeltas from then
/// on; it is published, told and answered when its batch is in the database. Locks: none is taken
/// while another is held, but for Pools.
struct Neo4jStore::Core {
  static Result<std::unique_ptr<Core>> open(Neo4jOptions options);
  Core(Neo4jOptions given, std::unique_ptr<Database> opened, Published newest, Head head);
  ~Core() { stop(); }
  Result<void> load(const bolt::Record& head);
  void start();
  void stop();

  Result<graph::Subgraph> read(const graph::Pin& pin, const graph::FetchPlan& plan,
                               graph::Recorder* recorder);
  void transact(const TransactionRef& transaction);
  /// Runs work on the committer after the batch under way; false when the store has stopped.
  bool run_between_batches(std::function<void()> work);
  /// Between two batches.
  Result<OwnNodes> own_nodes();
  /// Lets the committer write what waits aside, soon, and find out what it does not know.
  void wake();
  Result<std::unique_ptr<graph::Watch>> watch(graph::Sequence from,
                                              graph::Watchers::Enqueue enqueue);
  Result<std::vector<graph::DeltaRef>> deltas(graph::Sequence from, std::size_t limit);
  [[nodiscard]] Published published() const { return *published_.lock(); }
  [[nodiscard]] std::string read_only_reason() const { return *read_only_reason_.lock(); }
  /// Why the database cannot be reached; looks again, for it may be that nobody else does.
  std::string away();
  [[nodiscard]] const graph::Schema& schema() const { return *schemas_.lock()->back(); }
  Result<graph::Tenant> tenant(std::string_view name);
  [[nodiscard]] std::vector<std::string> tenants() const { return *tenants_.lock(); }
  Result<void> begin_behind(graph::Sequence sequence);

  const Neo4jOptions options;
  const std::int64_t last_commit_at; ///< when the store was opened
  std::unique_ptr<Database> database;
  Workers workers;
  mutable Guarded<std::map<std::string, graph::Sequence, std::less<>>> cursors;
  mutable Guarded<Aside> aside; ///< rides on the next batch
  std::atomic<graph::Sequence> oldest{1};
  std::atomic<bool> looks{false}; ///< for a database that was away
  std::atomic<std::uint64_t> transactions{0}, commits{0}, batches{0};
  /// How often nobody could tell what became of a batch: kept answers may have come since.
  std::atomic<std::uint64_t> unknowns{0};

private:
  struct Job {
    TransactionRef transaction;
    std::function<void()> between;
  };
  struct Queue {
    std::deque<Job> jobs;
    bool is_woken = false;
    bool stopping = false;
  };
  struct Pending {
    TransactionRef transaction;
    Result<Applied> outcome;
  };

  [[nodiscard]] graph::Unplanned unplanned() const {
    return options.unplanned == graph::Unplanned::fail ? graph::Unplanned::fail
                                                       : graph::Unplanned::refuse;
  }
  std::shared_ptr<FetchedRevision> revision_at(const Published& at,
                                               const std::vector<FlightRef>& flights);
  Result<FlightRef> fly(const graph::FetchPlan& plan, const Manner& manner);
  Result<graph::Subgraph> read_past(graph::Sequence at, const graph::FetchPlan& plan,
                                    graph::Recorder* recorder);
  Result<graph::ChangeSet> decide(Transaction& transaction, bool at_tip, graph::Recorder* recorder,
                                  Published& at);
  bool begin_answer(Transaction& transaction);
  bool is_unanswered(Transaction& transaction);
  void decide_ahead(const TransactionRef& transaction);
  void finish(Transaction& transaction, Result<graph::Commit> commit);
  void enqueue(const TransactionRef& transaction);
  void leave_lane(const TransactionRef& transaction);

  void run();
  void process(const TransactionRef& transaction);
  Result<Applied> settle(Transaction& transaction);
  bool still_stands(const Transaction& transaction) const;
  std::optional<Result<void>> amend(Transaction& transaction);
  Result<Applied> apply(Transaction& transaction, graph::ChangeSet wanted);
  Result<void> make_new_keys(const graph::Schema& before, const graph::Schema& after);
  void commit_batch();
  void show_hidden(const Head& head);
  Result<void> write();
  Result<std::vector<bolt::EagerResult>> lock_head();
  Result<void> resolve_unknown(bool is_late);
  void publish_batch();
  void fail_batch(const Error& error);
  void answer_pending(const std::optional<Error>& failure);
  void trim();
  void shorten_journal(std::int64_t now);

  RecentDeltas recent_;
  Pools pools_{recent_};
  mutable Guarded<Published> published_;
  mutable Guarded<std::vector<std::shared_ptr<const graph::Schema>>> schemas_;
  mutable Guarded<std::string> read_only_reason_;
  Guarded<std::set<std::string>> answering_;
  /// Those that are being decided ahead, in the order they came; the front is not ready.
  Guarded<std::map<std::uint64_t, std::deque<TransactionRef>>> lanes_;
  mutable Guarded<std::vector<std::string>> tenants_;
  graph::Watchers watchers_{options.log};

  /// Held by the committer from before a batch goes out until it is published; by readers whose
  /// flights met a commit too often.
  std::shared_mutex gate_;

  std::mutex queue_mutex_;
  std::condition_variable queue_wake_;
  Queue queue_; ///< under queue_mutex_
  std::mutex stop_mutex_;

  // Of the committer.
  Tip tip_;
  Head written_; ///< what the database holds, as far as is known
  Batch batch_;
  std::vector<Pending> pending_;
  std::int64_t attempt_ = 0; ///< Batch::attempt of what is written next
  bool unknown_ = false;     ///< batch_ may be in the database or not
  bool fenced_ = false;      ///< another process writes
  /// Nodes of ours in the shared graph, had nobody else erased any; nothing: not counted yet, or
  /// the outcome of a commit was not known.
  std::optional<std::int64_t> own_nodes_;
  /// Roots may be hidden that could be shown (hidden_roots.h).
  bool has_hidden_ = true;
  graph::Sequence trimmed_at_ = 0;
  std::thread thread_;
};

} // namespace diffo::neo4j
