#include "graph/change_checks.h"
#include "store/embedded_core.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

/// How a transaction is decided and validated.
///
/// Ahead: on the caller's thread, at the newest published revision; refusals and decisions that
/// change nothing are answered from there. What is to be written goes to the writer with the
/// footprint of the decision. The writer applies it when nothing it has read was touched since;
/// else a small one is decided again at the tip, and a large one on the thread for errands, while
/// others that would change its records wait: otherwise a record that many change would never let
/// it through. Whoever has reserved never waits for another reservation, so nobody waits in a
/// circle. What can be amended has a way of its own (embedded_amend.cpp).
namespace diffo::store {
namespace {

constexpr int max_plans = 8;
constexpr int max_conflicts = 16;
/// Documents up to this size may be worked on by the writer after a conflict.
constexpr std::size_t small_document_bytes = std::size_t{64} << 10;

} // namespace

/// Runs the rule until it has read what it needs. Errors: those of the rule; unavailable when
/// memory runs out; internal when it fails otherwise; too_large.
Result<graph::ChangeSet>
EmbeddedStore::Core::decide(Transaction& transaction,
                            const std::shared_ptr<const StateRevision>& revision,
                            graph::Recorder* recorder) const {
  try {
    for (int round = 0; round < max_plans; ++round) {
      graph::Subgraph subgraph(revision, transaction.plan, recorder, options.unplanned);
      Result<graph::Decision> decision = transaction.decide(subgraph);
      if (auto forgotten = subgraph.forgotten()) {
        return *std::move(forgotten);
      } else if (!subgraph.complete()) {
        transaction.plan.extend(subgraph.missing());
      } else if (!decision) {
        return std::move(decision).error();
      } else if (auto* changes = std::get_if<graph::ChangeSet>(&*decision)) {
        return std::move(*changes);
      } else {
        transaction.plan.extend(std::get<graph::FetchPlan>(*decision));
      }
      if (recorder != nullptr)
        static_cast<void>(recorder->take());
    }
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::unavailable, "there is not enough memory for this now"};
  } catch (const std::exception& failure) {
    return Error{ErrorCode::internal, std::string("a rule failed: ") + failure.what()};
  }
  return Error{ErrorCode::too_large, "the rule asked for more data too often"};
}

/// What the writer would else have to do, as far as it can be done before.
Result<Prepared> EmbeddedStore::Core::prepare(graph::ChangeSet& wanted,
                                              const StateRevision& revision) {
  try {
    Prepared prepared = store::prepare(revision.state(), revision.schema(), wanted);
    if (prepared.aside)
      TRY(catch_up(*prepared.aside));
    for (std::size_t index = 0; index < wanted.changes.size(); ++index)
      TRY(write_image(wanted.changes[index], prepared.changes[index]));
    return prepared;
  } catch (const std::exception&) {
    return Error{ErrorCode::unavailable, "there is not enough memory for this now"};
  }
}

Result<void> EmbeddedStore::Core::write_image(const graph::Change& change,
                                              PreparedChange& prepared) {
  if (!change.after)
    return {};
  auto image = images_.write(*change.after);
  if (!image)
    return Error{ErrorCode::unavailable, "the change was not written: " + image.error().text()};
  prepared.image = std::move(*image);
  return {};
}

void EmbeddedStore::Core::finish(Transaction& transaction, Result<graph::Commit> commit) {
  if (!transaction.answer_name.empty())
    answering_.lock()->erase(transaction.answer_name);
  try {
    std::exchange(transaction.done, nullptr)(std::move(commit));
  } catch (const std::exception& failure) {
    if (options.log != nullptr)
      options.log->error("an answer could not be given", {{"reason", failure.what()}});
  }
}

/// The first answer again, as its records were then.
Result<graph::Commit> EmbeddedStore::Core::repeat(const KeptAnswer& kept) const {
  graph::Commit commit{
      .sequence = kept.sequence, .time = kept.time, .records = {}, .repeated = true};
  for (const graph::Key& key : kept.records)
    commit.records.push_back(TRY(version_at(key, kept.sequence)));
  return commit;
}

/// Looks the idempotency key up. False: the transaction has its answer already.
bool EmbeddedStore::Core::begin_answer(Transaction& transaction) {
  const graph::Context& context = transaction.context;
  if (context.idempotency_key.empty())
    return true;
  std::string name =
      answer_name(context.principal.tenant, context.principal.actor, context.idempotency_key);
  if (!answering_.lock()->insert(name).second) {
    finish(transaction,
           Error{ErrorCode::conflict, "the first request with this idempotency key is on its way",
                 "Idempotency-Key"});
    return false;
  }
  transaction.answer_name = std::move(name);
  const auto kept = find_answer(*disk_, transaction.answer_name,
                                options.clock->now().microseconds - answers_kept);
  if (kept && !*kept)
    return true;
  if (!kept)
    finish(transaction, kept.error());
  else if ((*kept)->fingerprint != context.fingerprint)
    finish(transaction,
           Error{ErrorCode::unprocessable, "another request was sent with this idempotency key",
                 "Idempotency-Key"});
  else
    finish(transaction, repeat(**kept));
  return false;
}

void EmbeddedStore::Core::transact(TransactionRef transaction) {
  try {
    if (!begin_answer(*transaction))
      return;
    if (transaction->deciding.where == graph::Where::tip)
      enqueue(transaction);
    else
      decide_ahead(transaction);
  } catch (const std::exception& failure) {
    finish(*transaction, Error{ErrorCode::unavailable, failure.what()});
  }
}

void EmbeddedStore::Core::decide_ahead(const TransactionRef& transaction) {
  const std::shared_ptr<const StateRevision> revision = newest();
  const bool amends = transaction->amending() != nullptr;
  graph::Recorder recorder;
  Result<graph::ChangeSet> wanted = decide(*transaction, revision, amends ? nullptr : &recorder);
  // Whoever has reserved goes back to the writer in any case; others wait for that. And the writer
  // keeps the answer of an idempotency key.
  if (transaction->reserved.empty()) {
    if (!wanted) {
      finish(*transaction, std::move(wanted).error());
      return;
    }
    if (wanted->empty() && transaction->answer_name.empty()) {
      finish(*transaction, graph::Commit{.sequence = 0,
                                         .time = transaction->context.now,
                                         .records = std::move(wanted->unchanged)});
      return;
    }
  }
  Prepared prepared;
  if (wanted) {
    if (auto made = prepare(*wanted, *revision))
      prepared = std::move(*made);
    else
      wanted = std::move(made).error();
  }
  transaction->decided.emplace(Transaction::Decided{.wanted = std::move(wanted),
                                                    .footprint = recorder.take(),
                                                    .pinned = revision->sequence(),
                                                    .schema = revision->shared_schema(),
                                                    .prepared = std::move(prepared)});
  if (amends)
    amend_aside(transaction);
  else
    enqueue(transaction);
}

void EmbeddedStore::Core::enqueue(const TransactionRef& transaction) {
  Job job{.transaction = transaction, .between = nullptr};
  if (auto refused = submit(job))
    finish(*transaction, std::move(*refused));
}

void EmbeddedStore::Core::process(const TransactionRef& transaction) {
  if (transaction->conflicts == 0)
    ++transactions_;
  if (!tip_ && mark_ && std::chrono::steady_clock::now() >= next_try_)
    try_again();
  if (!tip_) {
    release(*transaction);
    finish(*transaction,
           Error{ErrorCode::unavailable, "the store is read-only: " + read_only_reason()});
    return;
  }
  try {
    if (auto outcome = settle(transaction)) {
      release(*transaction);
      if (*outcome && (*outcome)->delta) {
        recent_->add((*outcome)->delta, (*outcome)->touched);
        batch_deltas_.push_back((*outcome)->delta);
      }
      pending_.push_back({transaction, std::move(*outcome)});
    }
  } catch (const std::exception& failure) {
    release(*transaction);
    pending_.push_back({transaction, Error{ErrorCode::unavailable, failure.what()}});
    break_batch(failure.what());
  }
}

/// Nothing: the transaction waits, or is decided again elsewhere.
std::optional<Result<Applied>> EmbeddedStore::Core::settle(const TransactionRef& transaction) {
  if (!transaction->decided)
    return settle_at_tip(transaction);
  if (transaction->amending() != nullptr)
    return settle_amended(transaction);
  Transaction::Decided& decided = *transaction->decided;
  if (decided.wanted && wait_for_reservation(transaction, *decided.wanted))
    return std::nullopt;
  if (still_stands(decided)) {
    if (!decided.wanted)
      return Result<Applied>(std::move(decided.wanted).error());
    return apply(*transaction, std::move(*decided.wanted), std::move(decided.prepared));
  }
  ++conflicts_;
  ++transaction->conflicts;
  if (!is_large(*transaction))
    return settle_at_tip(transaction);
  if (transaction->conflicts > max_conflicts)
    return Result<Applied>(too_contended());
  reserve_and_decide_again(transaction);
  return std::nullopt;
}

/// Whether what was decided ahead would be decided so at the tip.
bool EmbeddedStore::Core::still_stands(Transaction::Decided& decided) {
  const std::vector<graph::Change> nothing;
  const auto& written = decided.wanted ? decided.wanted->changes : nothing;
  if (decided.schema != tip_->schema() ||
      recent_->touched(decided.footprint, written, decided.pinned, tip_->state(), *tip_->schema()))
    return false;
  if (!decided.prepared.aside)
    return true;
  KeysAside& aside = *decided.prepared.aside;
  const auto since = recent_->since(aside.sequence());
  return since && aside.advance(tip_->state(), since->records);
}

/// Whether deciding it again would take the writer's time: for the client's document, for the
/// records that it changes, however small the change, or for all of them.
bool EmbeddedStore::Core::is_large(const Transaction& transaction) {
  if (transaction.deciding.document_bytes > small_document_bytes)
    return true;
  const Transaction::Decided& decided = *transaction.decided;
  if (!decided.wanted)
    return false;
  const auto is_large_record = [](const graph::RecordRef& record) {
    return record && record->bytes().size() > small_document_bytes;
  };
  const std::vector<graph::Change>& changes = decided.wanted->changes;
  const std::vector<PreparedChange>& prepared = decided.prepared.changes;
  return decided.wanted->replace_schema ||
         std::any_of(changes.begin(), changes.end(),
                     [&](const auto& change) { return is_large_record(change.after); }) ||
         std::any_of(prepared.begin(), prepared.end(),
                     [&](const auto& change) { return is_large_record(change.before); });
}

std::optional<Result<Applied>>
EmbeddedStore::Core::settle_at_tip(const TransactionRef& transaction) {
  transaction->decided.reset();
  Result<graph::ChangeSet> wanted = [&] {
    // A snapshot of the tip: a rule that keeps it costs copies, never a race. It goes before the
    // tip is changed, so that it can be changed in place.
    return decide(
        *transaction,
        std::make_shared<const StateRevision>(tip_->state(), tip_->schema(), options.query_limits),
        nullptr);
  }();
  if (!wanted)
    return Result<Applied>(std::move(wanted).error());
  if (wait_for_reservation(transaction, *wanted))
    return std::nullopt;
  return apply(*transaction, std::move(*wanted), {});
}

Result<Applied> EmbeddedStore::Core::apply(const Transaction& transaction, graph::ChangeSet wanted,
                                           Prepared prepared) {
  const bool keeps_answer = !transaction.answer_name.empty();
  std::vector<graph::Key> keys =
      keeps_answer ? graph::answered_keys(wanted) : std::vector<graph::Key>();
  // Where nothing changes, the records are as the decision read them.
  const graph::Sequence read_at =
      transaction.decided ? transaction.decided->pinned : tip_->head().sequence;
  Applied applied =
      TRY(tip_->apply(transaction.context, std::move(wanted), std::move(prepared), batch_));
  if (keeps_answer)
    put_answer(batch_, transaction.answer_name,
               {.fingerprint = transaction.context.fingerprint,
                .status = 0,
                .sequence = applied.sequence != 0 ? applied.sequence : read_at,
                .time = options.clock->now().microseconds,
                .records = std::move(keys)});
  return applied;
}

/// Whether the transaction now waits for one that has reserved a record it would change. It is
/// decided at the tip when its turn comes again, or compared.
bool EmbeddedStore::Core::wait_for_reservation(const TransactionRef& transaction,
                                               const graph::ChangeSet& wanted) {
  if (reserved_.empty() || !transaction->reserved.empty())
    return false;
  for (const graph::Change& change : wanted.changes)
    if (const auto found = reserved_.find(record_key(change.key)); found != reserved_.end()) {
      found->second.push_back(transaction);
      return true;
    }
  return false;
}

void EmbeddedStore::Core::reserve_and_decide_again(const TransactionRef& transaction) {
  if (transaction->reserved.empty() && transaction->decided->wanted)
    for (const graph::Change& change : transaction->decided->wanted->changes) {
      std::string key = record_key(change.key);
      reserved_.try_emplace(key);
      transaction->reserved.push_back(std::move(key));
    }
  transaction->decided.reset();
  again_.push_back(transaction);
}

/// After a batch: what was in their way is published, so that they do not miss it once more.
void EmbeddedStore::Core::decide_again() {
  for (const TransactionRef& transaction : std::exchange(again_, {}))
    if (!errands_.add([this, transaction] {
          if (transaction->decided)
            amend_aside(transaction);
          else
            decide_ahead(transaction);
        }))
      finish(*transaction, Error{ErrorCode::unavailable, "the store has been stopped"});
}

void EmbeddedStore::Core::release(Transaction& transaction) {
  for (const std::string& key : std::exchange(transaction.reserved, {})) {
    const auto found = reserved_.find(key);
    if (found == reserved_.end())
      continue;
    resumed_.insert(resumed_.end(), found->second.begin(), found->second.end());
    reserved_.erase(found);
  }
}

/// After the writer has ended: what still waits for somebody is not done any more.
void EmbeddedStore::Core::refuse_waiting() {
  for (auto& [key, waiting] : std::exchange(reserved_, {}))
    resumed_.insert(resumed_.end(), waiting.begin(), waiting.end());
  for (const TransactionRef& transaction : std::exchange(resumed_, {}))
    finish(*transaction, Error{ErrorCode::unavailable, "the store has been stopped"});
}

} // namespace diffo::store
