#pragma once

#include "graph/claims.h"
#include "graph/subgraph.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace diffo::graph {

/// Who asks: made once for each call and carried by all that it causes.
struct Principal {
  Tenant tenant = 0;
  std::string actor; ///< empty: nobody is known
  std::vector<std::string> roles;
  std::string branch = "main";
};

/// What every rule and every commit knows about its circumstances. Rules read the clock, make ids
/// and draw numbers only through it.
struct Context {
  Principal principal;
  std::string cause;           ///< what made it happen: "POST /service", an event, a task
  std::string idempotency_key; ///< given by the client; empty: none
  std::string fingerprint;     ///< of the whole request, to tell a repetition from another one
  std::int64_t now = 0;        ///< one reading of the clock, microseconds since 1970
  std::function<std::string()> new_id;                      ///< a fresh UUID v4 text
  std::function<std::uint64_t(std::uint64_t bound)> random; ///< evenly below the bound
};

/// One record put or erased. A put replaces the whole record. Parts that stay keep their numbers
/// and the record its time of creation: a store that keeps parts apart writes the difference by
/// them.
struct Change {
  Key key;
  RecordRef after; ///< empty: erase. Fresh from encode(); the commit stamps sequence and times.
};

/// What one decision wants done, all or nothing. Releases come before takes, so that a claim can go
/// from one holder to another. What is changed must have been read through the subgraph.
struct ChangeSet {
  std::vector<Change> changes; ///< at most one for each key
  std::vector<Claim> take;     ///< refused (conflict) when somebody else holds one; a lease that
                               ///< ran out by Context::now counts as released
  std::vector<Claim> release;  ///< ignored when not held by that holder
  /// The records that turned out to be as they should be; they are what an answer shows when
  /// nothing changes.
  std::vector<RecordRef> unchanged = {};
  /// The schema from this commit on, in place of the present one: its indexes are made anew for all
  /// records in the same commit. Refused (invalid) when it does not continue the present dictionary
  /// or lacks a family that has records. The records of this change set are encoded with it.
  std::shared_ptr<const Schema> replace_schema = {};
  /// What is new here has been elsewhere: its record has the time of creation that it was encoded
  /// with, where that is not 0, and not that of the commit. An embedded store, whose order that
  /// time is, heeds it not.
  bool keep_creation = false;
  /// What is put is copied from another store, in the order of its creation there: its records have
  /// the times of creation and change that they were encoded with. An embedded store, whose order
  /// that time is, refuses (invalid) a new record that was not created after all that it has.
  bool keep_times = false;
  [[nodiscard]] bool empty() const {
    return changes.empty() && take.empty() && release.empty() && !replace_schema;
  }
};

/// What deciding came to: a change set (an empty one changes nothing), or a wish to read more
/// first.
using Decision = std::variant<ChangeSet, FetchPlan>;

/// A rule: pure, and called again with a larger subgraph, or when what it has read has changed
/// before it could be applied. So it must not give away what it needs the next time (see copy() of
/// a record).
using Decide = std::function<Result<Decision>(Subgraph&)>;

/// Where a rule is called.
enum class Where : std::uint8_t {
  /// On the calling thread at a pinned revision; the writer only compares what the rule has read
  /// with what has changed since.
  ahead,
  /// On the writer, at the newest state there is: for things that many change at once, and for
  /// bounded work only. No client's document is parsed, patched or rendered there.
  tip,
};

/// How a transaction is decided.
struct Deciding {
  Where where = Where::ahead;
  /// The size of the client's document that the rule works on. After a conflict, small ones are
  /// decided again at the tip; large ones on a thread of the store, while others that would change
  /// their records wait.
  std::size_t document_bytes = 0;
  /// Transactions of one lane are committed in the order they were handed over, whichever is
  /// decided first. 0: of none. See next_lane().
  std::uint64_t lane = 0;
};

/// The number of a lane that nobody has.
std::uint64_t next_lane();

/// What a commit did.
struct Commit {
  Sequence sequence = 0; ///< 0 when the change set was empty
  std::int64_t time = 0;
  /// What the rule made, in the order of its changes, with empty references for erasures; when it
  /// changed nothing, ChangeSet::unchanged. Never what a later commit left.
  std::vector<RecordRef> records;
  /// The first answer to this idempotency key again, with its sequence and records.
  bool repeated = false;
};

} // namespace diffo::graph
