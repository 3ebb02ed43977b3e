#pragma once

#include "base/time.h"
#include "graph/delta.h"
#include "graph/journal.h"
#include "store/claim_set.h"
#include "store/disk.h"
#include "store/state.h"

#include <cstdint>
#include <memory>
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

/// What one change set came to, until its batch is durable.
struct Applied {
  graph::Sequence sequence = 0;
  std::int64_t time = 0;
  std::vector<graph::RecordRef> records;
  std::shared_ptr<const graph::Delta> delta; ///< none when nothing changed
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
  Tip(const graph::Schema& schema, const Clock& clock, const graph::Hash& model,
      IdentityTable& identities, State state, Head head, Limits limits);

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const Head& head() const { return head_; }
  /// Applies all of a change set, or nothing when it is refused. An exception (out of memory) may
  /// leave half of it: then neither tip nor batch can be used any more.
  Result<Applied> apply(const graph::Context& context, graph::ChangeSet changes, DiskBatch& batch);
  /// Keys erased since it was asked last.
  std::vector<graph::Key> take_erased() { return std::exchange(erased_, {}); }
  /// Ends a batch: the head and expired claims go with it.
  void finish(DiskBatch& batch);

private:
  [[nodiscard]] Result<void> check(const graph::Context& context,
                                   const graph::ChangeSet& changes) const;
  [[nodiscard]] Result<void> check_room(const graph::ChangeSet& changes) const;
  graph::Delta::Change apply_one(graph::Change& change, graph::JournalEntry& entry,
                                 DiskBatch& batch);
  std::int64_t next_time();

  const graph::Schema& schema_;
  const Clock& clock_;
  graph::Hash model_;
  IdentityTable& identities_;
  StateEditor editor_;
  State state_;
  Head head_;
  Limits limits_;
  std::vector<graph::Key> erased_;
};

} // namespace diffo::store
