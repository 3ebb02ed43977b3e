#include "store/embedded_core.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

/// How a decision that can be amended (graph::AmendingRule) gets to the tip, as when a model is
/// replaced: it rests on everything there is, so writers would always be faster than it. It is
/// amended aside, by what was published meanwhile, round by round until little is left; the writer
/// amends it by that little and applies it. Others wait for no more than this, and for what the
/// change set itself takes.
namespace diffo::store {
namespace {

/// Commits, and records and claims of them, that are left to the writer.
constexpr graph::Sequence close_enough = 64;
constexpr std::size_t little = 128;
/// Records and claims by which the writer amends, at first. Each time there were more it takes
/// twice as many, so that it gets through in the end.
constexpr std::size_t least_at_tip = 256;
constexpr int most_doublings = 4;
constexpr int most_rounds = 4;
constexpr int most_returns = 8;

/// Brings what was prepared beside the changes it belongs to, after those that stay have moved up.
void realign(const std::vector<graph::RecordRef>& former, const graph::ChangeSet& changes,
             std::vector<PreparedChange>& prepared) {
  std::vector<PreparedChange> now(changes.changes.size());
  std::size_t at = 0;
  for (std::size_t index = 0; index < now.size(); ++index) {
    while (at < former.size() && former[at] != changes.changes[index].after)
      ++at;
    if (at == former.size())
      break;
    now[index] = std::move(prepared[at++]);
  }
  prepared = std::move(now);
}

} // namespace

/// What the journal tells of the commits after one; nothing when it does not know of all.
Result<std::optional<graph::Since>> EmbeddedStore::Core::committed_since(graph::Sequence sequence,
                                                                         graph::Sequence upto) {
  graph::Since since;
  TRY(disk_->for_each(Table::journal, journal_key(sequence + 1),
                      [&](std::string_view, std::string_view bytes) -> Result<bool> {
                        const auto entry = TRY(graph::decode_entry_unverified(bytes));
                        if (entry.sequence <= upto)
                          since.add(entry);
                        return entry.sequence < upto;
                      }));
  if (sealed().sequence > sequence)
    return std::optional<graph::Since>();
  return std::optional(std::move(since));
}

/// Brings keys made aside close to what is published. Where that cannot be, the writer finds out.
Result<void> EmbeddedStore::Core::catch_up(KeysAside& aside) {
  constexpr int most = 8;
  for (int round = 0; round < most; ++round) {
    const auto revision = newest();
    if (revision->sequence() <= aside.sequence() + close_enough)
      break;
    const auto since = TRY(committed_since(aside.sequence(), revision->sequence()));
    if (!since || !aside.advance(revision->state(), since->records))
      break;
  }
  return {};
}

/// Makes what was decided what would be decided at the revision.
Result<void> EmbeddedStore::Core::amend(Transaction& transaction,
                                        const std::shared_ptr<const StateRevision>& revision,
                                        const graph::Since& since) const {
  Transaction::Decided& decided = *transaction.decided;
  try {
    if (since.size() != 0) {
      std::vector<graph::RecordRef> former;
      former.reserve(decided.wanted->changes.size());
      for (const graph::Change& change : decided.wanted->changes)
        former.push_back(change.after);
      graph::Subgraph later(revision, transaction.plan, nullptr, options.unplanned);
      TRY(transaction.amending()->amend(later, since, *decided.wanted));
      if (auto forgotten = later.forgotten())
        return *std::move(forgotten);
      realign(former, *decided.wanted, decided.prepared.changes);
    }
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::unavailable, "there is not enough memory for this now"};
  } catch (const std::exception& failure) {
    return Error{ErrorCode::internal, std::string("a rule failed: ") + failure.what()};
  }
  decided.pinned = revision->sequence();
  return {};
}

/// The same aside, with all that the writer would else have to work out.
Result<void>
EmbeddedStore::Core::amend_and_prepare(Transaction& transaction,
                                       const std::shared_ptr<const StateRevision>& revision,
                                       const graph::Since& since) {
  TRY(amend(transaction, revision, since));
  Transaction::Decided& decided = *transaction.decided;
  graph::ChangeSet& wanted = *decided.wanted;
  Prepared& prepared = decided.prepared;
  if (prepared.aside && !prepared.aside->advance(revision->state(), since.records))
    prepared.aside = std::make_unique<KeysAside>(wanted.replace_schema, revision->state());
  const graph::Schema& schema = wanted.replace_schema ? *wanted.replace_schema : *decided.schema;
  for (std::size_t index = 0; index < wanted.changes.size(); ++index)
    if (PreparedChange& one = prepared.changes[index]; !one.is_made) {
      graph::Change& change = wanted.changes[index];
      one = store::prepare(schema, revision->state().find(change.key), change, times_of(wanted));
      TRY(write_image(change, one));
    }
  return {};
}

/// Amends it until little is left. False: it must be decided anew.
Result<bool> EmbeddedStore::Core::bring_close(Transaction& transaction) {
  for (int round = 0; round < most_rounds; ++round) {
    const auto revision = newest();
    const Transaction::Decided& decided = *transaction.decided;
    if (!decided.wanted)
      return true; // it could not be prepared, which the writer answers
    if (revision->shared_schema() != decided.schema)
      return false;
    const auto since = TRY(committed_since(decided.pinned, revision->sequence()));
    if (!since)
      return false;
    const bool is_close =
        revision->sequence() <= decided.pinned + close_enough && since->size() <= little;
    // What the writer gave back is amended in any case: it could not do it.
    if (is_close && (round > 0 || transaction.conflicts == 0))
      break;
    TRY(amend_and_prepare(transaction, revision, *since));
  }
  return true;
}

void EmbeddedStore::Core::amend_aside(const TransactionRef& transaction) {
  Result<bool> close = false;
  try {
    close = bring_close(*transaction);
  } catch (const std::exception&) {
    close = Error{ErrorCode::unavailable, "there is not enough memory for this now"};
  }
  if (!close) {
    finish(*transaction, std::move(close).error());
  } else if (*close) {
    enqueue(transaction);
  } else if (++transaction->conflicts > most_returns) {
    finish(*transaction, too_contended());
  } else {
    transaction->decided.reset();
    decide_ahead(transaction);
  }
}

/// On the writer. Nothing: it is amended aside once more.
std::optional<Result<Applied>>
EmbeddedStore::Core::settle_amended(const TransactionRef& transaction) {
  Transaction::Decided& decided = *transaction->decided;
  if (!decided.wanted)
    return Result<Applied>(std::move(decided.wanted).error());
  if (wait_for_reservation(transaction, *decided.wanted))
    return std::nullopt;
  if (decided.schema == tip_->schema()) {
    const auto since = recent_->since(
        decided.pinned, least_at_tip << std::min(transaction->conflicts, most_doublings));
    KeysAside* aside = decided.prepared.aside.get();
    if (since && (aside == nullptr || aside->advance(tip_->state(), since->records))) {
      const Result<void> amended = amend(*transaction,
                                         std::make_shared<const StateRevision>(
                                             tip_->state(), tip_->schema(), options.query_limits),
                                         *since);
      if (!amended)
        return Result<Applied>(amended.error());
      return apply(*transaction, std::move(*decided.wanted), std::move(decided.prepared));
    }
  }
  ++conflicts_;
  if (++transaction->conflicts > most_returns)
    return Result<Applied>(too_contended());
  again_.push_back(transaction);
  return std::nullopt;
}

} // namespace diffo::store
