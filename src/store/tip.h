#pragma once

#include "base/text_hash.h"
#include "base/time.h"
#include "graph/delta.h"
#include "graph/journal.h"
#include "store/claim_set.h"
#include "store/disk.h"
#include "store/keys_aside.h"
#include "store/state.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diffo::store {

/// Where the journal ends, and sums that tell whether the tables hold all they should.
struct Head {
  graph::Sequence sequence = 0;
  std::int64_t time = 0; ///< the greatest microsecond given to a record or a commit
  graph::Hash hash{};
  std::uint64_t kept_bytes = 0; ///< of all entries ever written and all images they superseded
  std::uint64_t record_count = 0;
  std::uint64_t record_digest = 0;
  std::uint64_t claim_digest = 0;
  std::uint64_t batches = 0; ///< ever written, also those without a commit
};
inline constexpr std::string_view head_key = "head";
std::string encode_head(const Head& head);
Result<Head> decode_head(std::string_view stored);

std::string record_key(const graph::KeyView& key);
std::string journal_key(graph::Sequence sequence);
Result<graph::Sequence> sequence_of(std::string_view journal_key);

/// A change set prepared at a revision: against its records and with the schema that is going to
/// hold. Whatever is missing or does not fit any more is prepared again by the writer.
struct Prepared {
  std::vector<PreparedChange> changes;
  std::unique_ptr<KeysAside> aside; ///< where the change set replaces the schema
};
/// Takes time that grows with the records; with all of them where the schema is replaced.
Prepared prepare(const State& state, const graph::Schema& schema, graph::ChangeSet& changes);

/// What one change set came to, until its batch is durable.
struct Applied {
  graph::Sequence sequence = 0;
  std::int64_t time = 0;
  std::vector<graph::RecordRef> records;
  std::shared_ptr<const graph::Delta> delta; ///< none when nothing changed
  std::vector<std::size_t> touched;          ///< see RecentChanges
};

/// The newest state, ahead of what is published: change sets are checked against it and applied to
/// it one after the other. What it changes goes into the batch given. Thread rule: one thread.
class Tip {
public:
  struct Limits {
    std::uint32_t max_identities = 1U << 30;
    std::size_t max_changes = 100'000; ///< of one change set
    /// Greater ones are not given: records are numbered anew before.
    Ordinal max_ordinals = max_ordinal;
  };
  Tip(std::shared_ptr<const graph::Schema> schema, const Clock& clock, IdentityTable& identities,
      State state, Head head, TextMap<ImageNumber> images, Limits limits);

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const std::shared_ptr<const graph::Schema>& schema() const { return schema_; }
  [[nodiscard]] const Head& head() const { return head_; }
  /// Applies all of a change set, or nothing when it is refused. An exception (out of memory) may
  /// leave half of it: then neither tip nor batch can be used any more.
  Result<Applied> apply(const graph::Context& context, graph::ChangeSet changes, Prepared prepared,
                        DiskBatch& batch);
  /// Keys erased since it was asked last.
  std::vector<graph::Key> take_erased() { return std::exchange(erased_, {}); }
  /// Ends a batch: the head and expired claims go with it.
  void finish(DiskBatch& batch);

private:
  [[nodiscard]] Result<void> check(const graph::Context& context,
                                   const graph::ChangeSet& changes) const;
  [[nodiscard]] Result<void> check_room(const graph::ChangeSet& changes) const;
  [[nodiscard]] Result<void> check_schema(const graph::Schema& schema) const;
  [[nodiscard]] Result<void> check_times(const graph::ChangeSet& changes) const;
  void replace_schema(std::shared_ptr<const graph::Schema> schema, std::unique_ptr<KeysAside> aside,
                      graph::Sequence sequence, DiskBatch& batch);
  graph::Delta::Change apply_one(graph::Change& change, PreparedChange& prepared, Times times,
                                 graph::JournalEntry& entry, DiskBatch& batch);
  void supersede(const graph::KeyView& record, const std::string& key,
                 const graph::RecordRef& before, graph::JournalEntry& entry, DiskBatch& batch);
  void put(const std::string& key, const graph::RecordRef& record,
           std::optional<Images::Written> image, DiskBatch& batch);
  std::int64_t next_time();

  std::shared_ptr<const graph::Schema> schema_; ///< revisions go on with it
  const Clock& clock_;
  graph::Hash model_; ///< of the schema's description
  IdentityTable& identities_;
  StateEditor editor_;
  State state_;
  Head head_;
  /// Where the bodies of newest versions lie that are files of their own, by key of the table.
  TextMap<ImageNumber> images_;
  Limits limits_;
  std::vector<graph::Key> erased_;
};

} // namespace diffo::store
