#pragma once

#include "base/time.h"
#include "graph/change.h"
#include "neo4j/batch.h"
#include "neo4j/pools.h"

#include <functional>
#include <memory>
#include <vector>

namespace diffo::neo4j {

/// What one change set came to, until its batch is in the database.
struct Applied {
  graph::Sequence sequence = 0;
  std::int64_t time = 0;
  std::vector<graph::RecordRef> records;
  graph::DeltaRef delta; ///< none when nothing changed
  std::string entry;     ///< encoded, of the journal
};

/// What is known at the newest decision where a change set is applied.
struct Present {
  std::function<graph::RecordRef(const graph::KeyView&)> find; ///< of all that is changed
  /// Who holds a claim, in force or not, of all that are taken or released.
  std::function<std::optional<graph::Claim>(const graph::ClaimName&)> holder;
};

/// The newest decisions, ahead of what is published: change sets are checked and stamped one after
/// the other. Thread rule: one thread.
class Tip {
public:
  Tip(const Clock& clock, std::shared_ptr<const graph::Schema> schema, Head head);

  [[nodiscard]] const Head& head() const { return head_; }
  [[nodiscard]] const std::shared_ptr<const graph::Schema>& schema() const { return schema_; }
  /// Goes back to what is in the database.
  void reset(std::shared_ptr<const graph::Schema> schema, Head head);

  /// Checks and stamps; all of it or nothing. Errors: as of graph::Store::transact().
  Result<Applied> apply(const graph::Context& context, graph::ChangeSet changes,
                        const Present& present);

private:
  [[nodiscard]] Result<void> check(const graph::Context& context, const graph::ChangeSet& changes,
                                   const Present& present) const;
  [[nodiscard]] std::int64_t next_time();
  graph::Delta::Change apply_one(graph::Change& change, const Present& present,
                                 const graph::ChangeSet& changes, graph::JournalEntry& entry);

  const Clock& clock_;
  std::shared_ptr<const graph::Schema> schema_;
  Head head_;
};

} // namespace diffo::neo4j
