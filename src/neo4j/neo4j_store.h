#pragma once

#include "base/log.h"
#include "base/time.h"
#include "graph/retention.h"
#include "graph/schema_words.h"
#include "graph/store.h"
#include "neo4j/connection.h"
#include "neo4j/flight.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace diffo::neo4j {

class Follower;

/// How many nodes of ours there are in the shared graph, and how many there would be had nobody
/// else erased any; nothing where that is not known (they were never counted, or the outcome of a
/// commit was not known).
struct OwnNodes {
  std::int64_t present = 0;
  std::optional<std::int64_t> expected;
};

struct Neo4jOptions {
  ConnectionOptions connection;
  /// Required; holds where none was put in its place by a commit. Outlives the store and all its
  /// revisions.
  const graph::Schema* schema = nullptr;
  graph::MakeSchema make_schema{}; ///< makes those again that were put in its place
  const Clock* clock = nullptr;    ///< required; outlives the store
  const Log* log = nullptr;        ///< outlives the store; none: silent
  graph::Retention retention{};
  FlightLimits limits{};
  /// `serve` is as `refuse`: nothing is at hand that was not fetched.
  graph::Unplanned unplanned = graph::Unplanned::refuse;
  std::size_t threads = 16; ///< flights under way at the same time
  std::size_t most_batched = 128;
  std::size_t most_queued = 8192;
  bool read_only = false; ///< writes nothing, and takes nothing over
  /// How long a batch is tried before those who wait for it are told.
  std::chrono::milliseconds patience{10'000};
  /// How often what others write into the shared graph is taken in; zero: never.
  std::chrono::milliseconds follow_every{0};
};

/// The store in a Neo4j database (layout.h). Reads are one flight each; one thread writes, groups
/// what is decided into one transaction, and is fenced by the epoch of the head, so that a second
/// process that opens the database for writing ends the writing of the first. Thread rule: any
/// thread.
class Neo4jStore final : public graph::Store {
public:
  /// Errors: invalid (the address), unavailable, unauthenticated, unprocessable (the database was
  /// not prepared), unsupported (it was written by another program), corrupt.
  static Result<std::unique_ptr<Neo4jStore>> open(Neo4jOptions options);
  Neo4jStore(const Neo4jStore&) = delete;
  Neo4jStore& operator=(const Neo4jStore&) = delete;
  ~Neo4jStore() override;

  [[nodiscard]] graph::Capabilities capabilities() const override;
  [[nodiscard]] const graph::Schema& schema() const override;
  void read(graph::Pin pin, graph::FetchPlan plan, graph::Recorder* recorder,
            std::function<void(Result<graph::Subgraph>)> done) override;
  void transact(graph::Context context, graph::FetchPlan plan, graph::Decide decide,
                graph::Deciding deciding, std::function<void(Result<graph::Commit>)> done) override;
  [[nodiscard]] Result<graph::Tenant> tenant(std::string_view name) override;
  [[nodiscard]] std::vector<std::string> tenants() const override;
  [[nodiscard]] Result<std::vector<graph::JournalEntry>> journal(graph::Sequence from,
                                                                 std::size_t limit) const override;
  [[nodiscard]] graph::Sequence oldest_entry() const override;
  [[nodiscard]] Result<graph::Sequence> sequence_at(std::int64_t time) const override;
  [[nodiscard]] Result<std::vector<graph::Version>>
  history(const graph::KeyView& key, graph::Sequence before, std::size_t limit) const override;
  void note_seen(const graph::KeyView& record, std::string_view source, std::int64_t at) override;
  [[nodiscard]] Result<void> keep_seen() override;
  [[nodiscard]] Result<std::vector<graph::Sighting>>
  seen(const graph::KeyView& record) const override;
  [[nodiscard]] Result<std::vector<graph::DeltaRef>> deltas(graph::Sequence from,
                                                            std::size_t limit) const override;
  void save_cursor(std::string_view consumer, graph::Sequence sequence) override;
  [[nodiscard]] std::optional<graph::Sequence> cursor(std::string_view consumer) const override;
  void forget_cursor(std::string_view consumer) override;
  [[nodiscard]] Result<std::unique_ptr<graph::Watch>>
  watch(graph::Sequence from,
        std::function<void(std::span<const graph::DeltaRef>)> enqueue) override;
  [[nodiscard]] graph::Statistics statistics() const override;
  Result<void>
  for_each_claim(const std::function<void(const graph::Claim& claim)>& visit) const override;
  [[nodiscard]] Result<void> begin_behind(graph::Sequence sequence) override;
  /// The chain of the journal, records against it, and the shared graph against its rules.
  Result<void> check(const graph::FindingSink& sink) const override;
  [[nodiscard]] std::string read_only_reason() const override;
  void stop() override;

  /// Counts them between two commits. Errors: unavailable, and those of the database.
  Result<OwnNodes> own_nodes();
  /// What takes in, beside this store and not longer than it, what others write into the shared
  /// graph: it is not started. With options.follow_every the store has one of its own.
  std::unique_ptr<Follower> make_follower();
  /// What the driver has done since it was opened.
  [[nodiscard]] bolt::Metrics metrics() const;

private:
  struct Core;
  explicit Neo4jStore(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
  std::unique_ptr<Follower> follower_;
};

} // namespace diffo::neo4j
