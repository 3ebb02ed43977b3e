#pragma once

#include "base/log.h"
#include "base/time.h"
#include "graph/retention.h"
#include "graph/store.h"
#include "store/schema_source.h"
#include "store/side_tables.h"
#include "store/state_revision.h"

#include <diffo/result.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class Env;
}

namespace diffo::store {

using graph::Retention;

/// What is wrong with a record that the store cannot know, and how to mend it: a record that
/// contradicts itself. The path tells the place within the record.
using RecordFindings =
    std::function<std::vector<Error>(const graph::Record& record, const graph::Schema& schema)>;

struct EmbeddedOptions {
  std::filesystem::path folder;
  /// Required; holds where none was put in its place by a commit. Outlives the store and all its
  /// revisions.
  const graph::Schema* schema = nullptr;
  MakeSchema make_schema{};     ///< makes those again that were put in its place
  const Clock* clock = nullptr; ///< required; outlives the store
  const Log* log = nullptr;     ///< outlives the store; none: silent
  Retention retention{};
  QueryLimits query_limits{};
  /// Reads that nothing announced. Served in production, for everything is at hand; a failure in
  /// tests, so that what works here works in one flight elsewhere.
  graph::Unplanned unplanned = graph::Unplanned::serve;
  std::size_t max_queued = 8192;       ///< transactions waiting; more are refused
  std::size_t max_batch_changes = 512; ///< transactions made durable together
  std::size_t max_batch_bytes = std::size_t{8} << 20;
  /// Records from that size on are written by whoever decides, into files of their own.
  std::size_t large_image_bytes = std::size_t{512} << 10;
  std::uint32_t max_identities = 1U << 30;  ///< records and targets of edges
  std::uint32_t max_ordinals = 0xff000000U; ///< before records are numbered anew; for tests
  std::uint32_t max_tenants = 65'536;
  std::uint64_t trim_every = 1024; ///< commits between looks at the retention
  rocksdb::Env* env = nullptr;     ///< the engine's file system, for tests; none: the real one
  bool read_only = false;          ///< changes no file, so that a full or read-only disk will do
  /// After a failed write: time between tries whether the disk takes writes again.
  std::chrono::milliseconds retry_every{5'000};
  RecordFindings record_findings{}; ///< asked of each record by a check
};

using graph::FindingSink;

/// The store inside the process: state in memory, durable in a folder (docs/formats/folder.md). One
/// writer thread decides, groups, syncs and publishes. After a failed write (a full disk) it takes
/// no more until the disk does, then goes on from what is durable. A refusal for overload or after
/// stop() calls `done` at once on the calling thread. Thread rule: any thread.
class EmbeddedStore final : public graph::Store {
public:
  /// Loads the state, or makes a folder that is empty. Errors: not_found (to be read only, and not
  /// there), conflict (another process has it, named by its id), corrupt,
  /// unsupported (newer format), io.
  static Result<std::unique_ptr<EmbeddedStore>> open(EmbeddedOptions options);
  EmbeddedStore(const EmbeddedStore&) = delete;
  EmbeddedStore& operator=(const EmbeddedStore&) = delete;
  ~EmbeddedStore() override;

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
  [[nodiscard]] Result<std::vector<graph::DeltaRef>> deltas(graph::Sequence from,
                                                            std::size_t limit) const override;
  void save_cursor(std::string_view consumer, graph::Sequence sequence) override;
  [[nodiscard]] std::optional<graph::Sequence> cursor(std::string_view consumer) const override;
  void forget_cursor(std::string_view consumer) override;
  void note_seen(const graph::KeyView& record, std::string_view source, std::int64_t at) override;
  [[nodiscard]] Result<void> keep_seen() override;
  [[nodiscard]] Result<std::vector<graph::Sighting>>
  seen(const graph::KeyView& record) const override;

  [[nodiscard]] Result<std::unique_ptr<graph::Watch>>
  watch(graph::Sequence from,
        std::function<void(std::span<const graph::DeltaRef>)> enqueue) override;
  Result<void>
  for_each_claim(const std::function<void(const graph::Claim& claim)>& visit) const override;
  [[nodiscard]] Result<void> begin_behind(graph::Sequence sequence) override;
  [[nodiscard]] std::string read_only_reason() const override;
  void stop() override;

  /// The newest published revision, whole: what stores stand on and tests look at. Others read().
  [[nodiscard]] std::shared_ptr<const graph::Revision> newest() const;
  /// The record as it was after that commit; empty where it did not exist. Errors: gone (behind the
  /// retention), invalid (not committed yet).
  [[nodiscard]] Result<graph::RecordRef> at(const graph::KeyView& key,
                                            graph::Sequence sequence) const;
  /// Who holds the claim, if anybody does now.
  [[nodiscard]] Result<std::optional<graph::Claim>> claim(std::string_view scope,
                                                          std::string_view key) const;

  [[nodiscard]] graph::Statistics statistics() const override;
  /// On one file system tables are linked, not copied.
  Result<graph::BackupReport> backup(const std::filesystem::path& folder) const override;
  /// The running state with a recomputation and with what is on disk. Blocks the writer for an
  /// instant only.
  Result<void> check(const FindingSink& sink) const override;

private:
  [[nodiscard]] Result<graph::DeltaRef> delta_of(graph::JournalEntry entry) const;
  struct Core;
  explicit EmbeddedStore(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

/// Checks a folder that no process has open, without changing it: files, journal chain, records
/// against the journal, claims, and that the state built at once is the state built step by step.
/// Errors: when it cannot be read at all.
Result<void> check_folder(const std::filesystem::path& folder, const SchemaSource& source,
                          const FindingSink& sink, const RecordFindings& record_findings = {});

/// Copies a folder that no process has open, without changing it; needs no room beside the copy.
/// The target as for Store::backup(). Errors: conflict (a process has it), not_found, corrupt,
/// invalid, io.
Result<graph::BackupReport> backup_folder(const std::filesystem::path& folder,
                                          const std::filesystem::path& target);

} // namespace diffo::store
