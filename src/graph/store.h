#pragma once

#include "graph/change.h"
#include "graph/delta.h"
#include "graph/journal.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::graph {

/// What a store cannot do is answered `unsupported` with this in mind.
struct Capabilities {
  bool branches = false;
  bool time_travel = false;
  bool backup = false;
  bool check = false;
  bool replace_schema = false;
};

/// A copy that was made.
struct BackupReport {
  std::filesystem::path folder;
  /// Tables are links to the store's own (both lie on one file system): they take no room, and
  /// damage to one is damage to both.
  bool shares_tables = false;
};

/// What a store can tell about itself; what one cannot count is 0.
struct Statistics {
  std::uint64_t records = 0;
  std::uint64_t record_bytes = 0; ///< in memory
  std::uint64_t identities = 0;
  std::uint64_t identity_bytes = 0;
  std::uint64_t keys = 0;      ///< of indexes and reverse edges
  std::uint64_t key_bytes = 0; ///< estimated
  std::uint64_t claims = 0;
  std::uint64_t transactions = 0; ///< decided, good or not
  std::uint64_t commits = 0;      ///< change sets made durable
  std::uint64_t batches = 0;      ///< synced writes
  std::uint64_t queued = 0;
  Sequence sequence = 0;
  Sequence sealed_sequence = 0; ///< the last one dropped from the journal
};

/// Receives what a check finds: a sentence and where.
using FindingSink = std::function<void(const Error& finding)>;

/// A record between two commits that changed it.
struct Version {
  Sequence sequence = 0; ///< of the commit that made it so
  RecordRef record;      ///< empty: erased
};

/// A source saw a record as it is.
struct Sighting {
  std::string source;
  std::int64_t at = 0; ///< microseconds since 1970
  friend bool operator==(const Sighting&, const Sighting&) = default;
};

/// Ends a watch when it goes; the store outlives it.
class Watch {
public:
  Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  virtual ~Watch() = default;
};

/// Where records live. Reads pin a revision and wait for nobody; writes are decided at the tip,
/// grouped, made durable together, published, and only then acknowledged. Thread rule: any thread.
class Store {
public:
  static constexpr std::size_t most_delta_bytes = std::size_t{16} << 20U;
  static constexpr std::size_t most_delta_changes = 4096;

  virtual ~Store() = default;

  [[nodiscard]] virtual Capabilities capabilities() const = 0;
  /// The newest; lives as long as the store, and reads whatever was written under an older one.
  [[nodiscard]] virtual const Schema& schema() const = 0;

  /// The only way to read records: reads what the plan states and gives `done` the pinned piece;
  /// embedded at once, on the calling thread, elsewhere after one flight. With a recorder, which
  /// must outlive the subgraph, what is read there leaves its footprint. A revision can be pinned
  /// by its sequence while there is a subgraph of it; of other past ones a store may know records
  /// alone. Errors: invalid (not committed yet), gone (behind the retention), unsupported for a
  /// branch or for what the store does not know of a past revision.
  virtual void read(Pin pin, FetchPlan plan, Recorder* recorder,
                    std::function<void(Result<Subgraph>)> done) = 0;

  /// Decides and commits what the rule wants. `done` is called once, when the commit is durable and
  /// published, or with the reason why not: on a thread of the store, or, when nothing was to be
  /// written, on the calling thread. It must be quick.
  /// Errors of `decide` come back as they are; conflict: a claim is held; not_found: a change of
  /// another tenant's record; unavailable: read-only, with the reason, overloaded, or too
  /// contended; outcome_unknown: the change may be there after a restart; too_large: asked for more
  /// data too often.
  virtual void transact(Context context, FetchPlan plan, Decide decide, Deciding deciding,
                        std::function<void(Result<Commit>)> done) = 0;

  /// The number of a tenant's name; made durable before it is used. The empty name is 0.
  [[nodiscard]] virtual Result<Tenant> tenant(std::string_view name) = 0;
  /// Their names by number, the first one empty.
  [[nodiscard]] virtual std::vector<std::string> tenants() const = 0;

  /// Journal entries from that sequence on, in order, at most `limit`. Errors: gone, when entries
  /// from there on are behind the retention: whoever follows the journal has a gap and must begin
  /// anew.
  [[nodiscard]] virtual Result<std::vector<JournalEntry>> journal(Sequence from,
                                                                  std::size_t limit) const = 0;
  /// The first entry that is kept, or would be the next.
  [[nodiscard]] virtual Sequence oldest_entry() const = 0;
  /// The last commit up to that time, microseconds since 1970. Errors: gone.
  [[nodiscard]] virtual Result<Sequence> sequence_at(std::int64_t time) const = 0;
  /// Versions of a record before that sequence (0: from the newest on), newest first, at most
  /// `limit`: as far back as they are kept.
  [[nodiscard]] virtual Result<std::vector<Version>> history(const KeyView& key, Sequence before,
                                                             std::size_t limit) const = 0;

  /// Notes when a source saw a record as it is: no commit, no sequence, no journal, no new version
  /// of the record. What is older than what is noted of the source changes nothing. Durable with
  /// the next batch, at the stop, or by keep_seen().
  virtual void note_seen(const KeyView& record, std::string_view source, std::int64_t at) = 0;
  /// Makes durable what has been noted, and saved as cursors; waits, so never on a thread of the
  /// store. Errors: unavailable.
  [[nodiscard]] virtual Result<void> keep_seen() = 0;
  /// Which sources saw the record last when, in the order of their names; nothing for one that is
  /// gone. Errors: io, corrupt.
  [[nodiscard]] virtual Result<std::vector<Sighting>> seen(const KeyView& record) const = 0;

  /// What commits from that sequence on changed, in order, at most `limit`, for whoever follows at
  /// a pace of his own. Fewer, but one at least, where they are large: behind most_delta_bytes or
  /// most_delta_changes comes no further one. Errors: as of journal().
  [[nodiscard]] virtual Result<std::vector<DeltaRef>> deltas(Sequence from,
                                                             std::size_t limit) const = 0;

  /// Notes how far a consumer of the journal has come. Durable with the next batch, at the stop, or
  /// by keep_seen(): after a crash a consumer sees some entries again.
  virtual void save_cursor(std::string_view consumer, Sequence sequence) = 0;
  /// Nothing for a consumer that never saved its place.
  [[nodiscard]] virtual std::optional<Sequence> cursor(std::string_view consumer) const = 0;
  /// The consumer is gone for good.
  virtual void forget_cursor(std::string_view consumer) = 0;

  /// Tells of every commit from that sequence on, once, in order, when it is durable and published:
  /// first on the calling thread of those that were there already, then by the writer, batch by
  /// batch. `enqueue` must only enqueue, and must not end the watch. Whoever saves its cursor goes
  /// on from there after a restart. Errors: gone, when commits from there on are behind the
  /// retention: the watcher has a gap and must begin anew.
  [[nodiscard]] virtual Result<std::unique_ptr<Watch>>
  watch(Sequence from, std::function<void(std::span<const DeltaRef>)> enqueue) = 0;

  [[nodiscard]] virtual Statistics statistics() const = 0;
  /// Visits all claims, in any order, also those whose lease ran out: for whoever copies a store.
  /// Where the store does not know better, they are what the journal tells from its beginning.
  /// Errors: gone when that is not kept.
  virtual Result<void> for_each_claim(const std::function<void(const Claim& claim)>& visit) const;
  /// Lets the commits of a store that has none begin behind that sequence (or later), so that no
  /// version of a copied record bears the number that another one had at the source. Waits, so
  /// never on a thread of the store. Errors: conflict when there are commits; unavailable.
  [[nodiscard]] virtual Result<void> begin_behind(Sequence sequence) = 0;
  /// Compares what the store holds with what it should hold, while it goes on. Errors: when
  /// checking itself is impossible, unsupported where the store has nothing to compare; what is
  /// wrong goes to the sink.
  virtual Result<void> check(const FindingSink& sink) const;
  /// Writes a copy that can be opened as a store, while this one goes on. The path must be
  /// absolute, outside of where the store lies, and absent or an empty folder. Errors: invalid,
  /// conflict, io; unsupported.
  virtual Result<BackupReport> backup(const std::filesystem::path& folder) const;

  /// Empty while writes are possible, else why not.
  [[nodiscard]] virtual std::string read_only_reason() const = 0;
  /// Finishes what was accepted, syncs, and refuses what comes later. Idempotent.
  virtual void stop() = 0;
};

/// read() for threads that may wait; never on a thread of the store.
Result<Subgraph> read_and_wait(Store& store, Pin pin, FetchPlan plan, Recorder* recorder = nullptr);

/// Concludes something from what the plan states; when that read outside the plan, again from a
/// larger one of the same revision, at most 8 times. What is concluded last stands, and the
/// recorder has its footprint alone. For threads that may wait. Errors: those of read() and of
/// `conclude`; too_large when the plan never became complete; internal for a read that nobody
/// announced, where the store wants all to be (Unplanned::fail).
Result<void> read_in_rounds(Store& store, Pin pin, FetchPlan plan, Recorder* recorder,
                            const std::function<Result<void>(Subgraph&)>& conclude);

/// transact() for threads that may wait; never on a thread of the store.
Result<Commit> transact_and_wait(Store& store, Context context, FetchPlan plan, Decide decide,
                                 Deciding deciding = {});

} // namespace diffo::graph
