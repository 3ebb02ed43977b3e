#include "graph/change_checks.h"
#include "neo4j/core.h"
#include "neo4j/hidden_roots.h"
#include "neo4j/layout.h"
#include "neo4j/projection/difference.h"
#include "neo4j/projection/statements.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <utility>

/// The thread that writes: decides what has to be decided again, stamps, groups, writes, publishes,
/// answers.
namespace diffo::neo4j {
namespace {

bool says(const bolt::Failure& failure, std::string_view token) {
  return failure.message.find(token) != std::string::npos;
}

constexpr int most_amendments = 8; ///< rounds of reading more

/// Whether nobody can tell if the transaction is in the database. What never reached a server is
/// not.
bool is_unknown(const bolt::Failure& failure) {
  return failure.kind == bolt::FailureKind::outcome_unknown ||
         failure.kind == bolt::FailureKind::protocol_error;
}

} // namespace

void Neo4jStore::Core::run() {
  show_hidden(written_); // whoever wrote before may not have come to it
  for (;;) {
    std::vector<std::function<void()>> between;
    {
      std::unique_lock lock(queue_mutex_);
      queue_wake_.wait(lock, [this] { return queue_.stopping || !queue_.jobs.empty(); });
      if (queue_.jobs.empty())
        break;
    }
    for (std::size_t taken = 0; taken < options.most_batched; ++taken) {
      Job job;
      {
        const std::lock_guard held(queue_mutex_);
        if (queue_.jobs.empty() || (queue_.jobs.front().between && taken > 0))
          break;
        job = std::move(queue_.jobs.front());
        queue_.jobs.pop_front();
      }
      if (job.between) {
        between.push_back(std::move(job.between));
        break;
      }
      process(job.transaction);
    }
    commit_batch();
    for (const auto& work : between)
      work();
  }
  commit_batch();
}

void Neo4jStore::Core::process(const TransactionRef& transaction) {
  try {
    if (unknown_ || fenced_)
      commit_batch(); // finds out what became of the last one
    if (unknown_ || fenced_) {
      finish(*transaction,
             Error{ErrorCode::unavailable, "the store is read-only: " + read_only_reason()});
      return;
    }
    // What it repeats may have turned out to be written since its answer was looked up.
    if (!transaction->answer_name.empty() && transaction->unknowns != unknowns &&
        !is_unanswered(*transaction))
      return;
    pending_.push_back({transaction, settle(*transaction)});
  } catch (const std::exception& failure) {
    pending_.push_back({transaction, Error{ErrorCode::unavailable, failure.what()}});
  }
}

Result<Applied> Neo4jStore::Core::settle(Transaction& transaction) {
  if (transaction.decided && transaction.amending() != nullptr) {
    if (const auto amended = amend(transaction)) {
      TRY(Result<void>(*amended));
      return apply(transaction, std::move(transaction.decided->wanted));
    }
  } else if (transaction.decided && still_stands(transaction)) {
    return apply(transaction, std::move(transaction.decided->wanted));
  }
  transaction.decided.reset();
  Published at;
  return apply(transaction, TRY(decide(transaction, true, nullptr, at)));
}

bool Neo4jStore::Core::still_stands(const Transaction& transaction) const {
  const Transaction::Decided& decided = *transaction.decided;
  return decided.at.schema == tip_.schema() &&
         !recent_.touched(decided.footprint, decided.wanted.changes, decided.at.sequence,
                          *tip_.schema());
}

/// Makes what was decided what would be decided at the tip. Nothing: it must be decided again.
std::optional<Result<void>> Neo4jStore::Core::amend(Transaction& transaction) {
  const Published at{tip_.head().sequence, tip_.schema()};
  const Published decided = transaction.decided->at;
  const auto deltas = recent_.from(decided.sequence + 1, at.sequence);
  if (decided.schema != at.schema || !deltas)
    return std::nullopt;
  graph::Since since;
  for (const graph::DeltaRef& delta : *deltas)
    since.add(*delta);
  if (since.size() == 0)
    return Result<void>();
  graph::FetchPlan plan = transaction.plan;
  for (int round = 0; round < most_amendments; ++round) {
    auto revision = revision_at(at, {});
    if (!revision->fetch_more(plan))
      return Result<void>(*revision->failure());
    graph::Subgraph later(revision, plan, nullptr, unplanned());
    Result<void> amended = transaction.amending()->amend(later, since, transaction.decided->wanted);
    if (revision->failure())
      return Result<void>(*revision->failure());
    if (auto forgotten = later.forgotten())
      return Result<void>(*std::move(forgotten));
    if (later.complete())
      return amended;
    plan.extend(later.missing());
  }
  return Result<void>(Error{ErrorCode::too_large, "the rule asked for more data too often"});
}

Result<Applied> Neo4jStore::Core::apply(Transaction& transaction, graph::ChangeSet wanted) {
  const Published at{tip_.head().sequence, tip_.schema()};
  auto revision = revision_at(at, transaction.flights);
  if (!revision)
    revision = revision_at(at, {});
  graph::FetchPlan needed;
  for (const graph::Change& change : wanted.changes)
    needed.records.push_back(change.key);
  for (const auto* claims : {&wanted.take, &wanted.release})
    for (const graph::Claim& claim : *claims)
      if (!pools_.find({claim.scope, claim.key}))
        needed.claims.push_back({claim.scope, claim.key});
  if (!revision->fetch_more(needed))
    return *revision->failure();
  // At the beginning of time even those whose lease ran out hold.
  const Present present{
      [&](const graph::KeyView& key) { return revision->find(key); },
      [&](const graph::ClaimName& name) {
        const auto pooled = pools_.find(name);
        return pooled ? *pooled : revision->claim(name, std::numeric_limits<std::int64_t>::min());
      }};
  const bool replaces = wanted.replace_schema != nullptr;
  if (replaces)
    commit_batch(); // its keys are made of what is in the database
  std::vector<graph::Key> keys =
      transaction.answer_name.empty() ? std::vector<graph::Key>() : graph::answered_keys(wanted);
  const graph::Sequence read_at = tip_.head().sequence;
  const std::shared_ptr<const graph::Schema> former = tip_.schema();
  Applied applied = TRY(tip_.apply(transaction.context, std::move(wanted), present));
  if (replaces) {
    batch_.schema = tip_.schema();
    batch_.former = former;
    if (const auto made = make_new_keys(*former, *tip_.schema()); !made) {
      tip_.reset(former, written_);
      batch_.schema = batch_.former = nullptr;
      batch_.new_keys.clear();
      batch_.shown_anew.clear();
      return made.error();
    }
  }
  if (applied.delta) {
    batch_.deltas.push_back(applied.delta);
    batch_.entries.push_back(std::move(applied.entry));
    pools_.apply(applied.delta);
  }
  batch_.after = tip_.head();
  if (!transaction.answer_name.empty())
    batch_.answers.push_back({.name = transaction.answer_name,
                              .fingerprint = transaction.context.fingerprint,
                              .sequence = applied.sequence != 0 ? applied.sequence : read_at,
                              .time = options.clock->now().microseconds,
                              .records = std::move(keys)});
  return applied;
}

/// The keys of all records under a schema that takes the place of another, where they differ.
Result<void> Neo4jStore::Core::make_new_keys(const graph::Schema& before,
                                             const graph::Schema& after) {
  constexpr std::int64_t at_once = 5'000;
  constexpr std::size_t most = 200'000;
  for (std::string last;;) {
    const auto results =
        TRY(database->read({{"CYPHER 5 MATCH (n:DiffoRecord) WHERE n.key > $last AND n.record IS "
                             "NOT NULL RETURN n.key "
                             "AS key, n.record AS record ORDER BY n.key LIMIT $limit",
                             bolt::Map{{"last", last}, {"limit", at_once}}}}));
    const auto& rows = results.front().records;
    for (const bolt::Record& row : rows) {
      last = TRY(text_in(row, "key"));
      const graph::RecordRef record = TRY(record_of(row["record"], after.dictionary()));
      const bolt::Map old = index_properties(*record, before);
      if (!difference(project(*record, before), project(*record, after)).empty())
        batch_.shown_anew.push_back(record);
      bolt::Map props = index_properties(*record, after);
      if (props == old)
        continue;
      for (const bolt::Entry& property : old)
        if (!props.contains(property.key))
          props.set(property.key, bolt::Value());
      batch_.new_keys.push_back({{"key", last}, {"props", std::move(props)}});
    }
    if (std::max(batch_.new_keys.size(), batch_.shown_anew.size()) > most)
      return Error{ErrorCode::too_large, "the model finds more than " + std::to_string(most) +
                                             " records otherwise; this store replaces a model in "
                                             "one transaction"};
    if (static_cast<std::int64_t>(rows.size()) < at_once)
      return {};
  }
}

void Neo4jStore::Core::commit_batch() {
  if (unknown_ && !resolve_unknown(true))
    return;
  aside.with([this](Aside& waiting) {
    batch_.aside = std::exchange(waiting, {});
    waiting.seen_under_way = batch_.aside.seen;
  });
  batch_.before = written_;
  batch_.after = tip_.head();
  if (batch_.empty()) {
    // Whoever waits for it to be good again may be the one who keeps writes away.
    if (!fenced_ && !options.read_only && !read_only_reason().empty())
      static_cast<void>(resolve_unknown(false));
    answer_pending(std::nullopt);
    return;
  }
  if (options.read_only) {
    fail_batch({ErrorCode::unavailable, "the store was opened to be read only"});
    return;
  }
  const std::unique_lock<std::shared_mutex> gate(gate_);
  const bool may_show =
      std::any_of(batch_.deltas.begin(), batch_.deltas.end(), [this](const graph::DeltaRef& delta) {
        return makes_way(*delta, *tip_.schema());
      });
  const auto done = write();
  if (done && may_show)
    show_hidden(batch_.after);
  if (done)
    publish_batch();
  else if (unknown_)
    answer_pending(Error{ErrorCode::outcome_unknown,
                         "the change may have been written or not: " + done.error().text()});
  else
    fail_batch(done.error());
  if (!unknown_)
    aside.lock()->seen_under_way.clear();
}

/// What this fails over, the next commit meets as well.
void Neo4jStore::Core::show_hidden(const Head& head) {
  if (!has_hidden_ || options.read_only || unknown_ || fenced_)
    return;
  const auto added = show_hidden_roots(*database, *tip_.schema(), head, attempt_);
  if (!added) {
    own_nodes_.reset(); // some may be shown
    return;
  }
  if (own_nodes_)
    *own_nodes_ += *added;
  const auto left =
      database->read({{"CYPHER 5 MATCH (d:DiffoHidden) RETURN count(d) AS left", {}}});
  has_hidden_ = !left || left->front().records.empty() ||
                left->front().records.front()["left"] != bolt::Value(0);
}

/// Tries as long as patience lasts. Sets unknown_ when nobody can tell.
Result<void> Neo4jStore::Core::write() {
  // Whoever comes while it is known to be away is told soon.
  const auto until = std::chrono::steady_clock::now() +
                     (read_only_reason().empty() ? options.patience : options.patience / 10);
  for (auto pause = std::chrono::milliseconds(20);; pause *= 2) {
    batch_.attempt = attempt_;
    const auto results =
        database->write(statements_of(batch_, *tip_.schema(), options.limits.lists));
    if (results) {
      ++batches;
      if (own_nodes_)
        *own_nodes_ += sum_of("added", *results);
      has_hidden_ = has_hidden_ || sum_of("hidden", *results) != 0;
      return {};
    }
    const bolt::Failure& failure = results.error();
    if (says(failure, head_moved)) {
      fenced_ = true;
      *read_only_reason_.lock() = "another process has opened the database for writing, or wrote "
                                  "into it; this one must be started again";
      return Error{ErrorCode::unavailable, read_only_reason()};
    }
    if (is_unknown(failure)) {
      unknown_ = true;
      own_nodes_.reset();
      ++unknowns;
      *read_only_reason_.lock() = error_of(failure).text();
      if (const auto resolved = resolve_unknown(false); resolved || unknown_ || fenced_)
        return resolved;
    } else if (!failure.retryable()) {
      return error_of(failure);
    }
    if (std::chrono::steady_clock::now() + pause > until) {
      *read_only_reason_.lock() = error_of(failure).text() + "; it is tried again with each write";
      return error_of(failure);
    }
    std::this_thread::sleep_for(pause);
  }
}

Result<OwnNodes> Neo4jStore::Core::own_nodes() {
  Result<OwnNodes> counted = Error{ErrorCode::unavailable, "the store has stopped"};
  run_between_batches([this, &counted] {
    const auto results =
        database->read({{"CYPHER 5 MATCH (n:DiffoPart) RETURN count(n) AS nodes", {}}});
    const auto* present = !results || results->front().records.empty()
                              ? nullptr
                              : results->front().records.front()["nodes"].get_if<std::int64_t>();
    if (present != nullptr && !unknown_)
      counted = OwnNodes{*present, std::exchange(own_nodes_, *present)};
    else if (!results)
      counted = results.error();
  });
  return counted;
}

/// Where the head stands, at the member that leads, when nothing of ours is on its way there any
/// more: what was sent before fails when it arrives later.
Result<std::vector<bolt::EagerResult>> Neo4jStore::Core::lock_head() {
  constexpr int most_attempts = 3;
  for (int round = 1;; ++round) {
    auto results = database->write(
        {{"CYPHER 5 MATCH (h:DiffoHead {id:'main'}) SET h.diffoLock=1 WITH h, h.epoch=$epoch AS "
          "ours SET h.attempt = CASE WHEN ours THEN $attempt ELSE h.attempt END, h.diffoLock=null "
          "RETURN h.seq AS seq, h.epoch AS epoch",
          bolt::Map{{"epoch", written_.epoch}, {"attempt", ++attempt_}}}});
    if (results)
      return std::move(*results);
    const bool may_pass = results.error().retryable() || is_unknown(results.error());
    if (!may_pass || round == most_attempts)
      return error_of(results.error());
    std::this_thread::sleep_for(std::chrono::milliseconds(50 * round));
  }
}

/// Looks whether the batch is in the database. Success: it is. Else unknown_ tells whether that is
/// known now. Late: those who asked for it have been told that nobody knows, and it is settled
/// here.
Result<void> Neo4jStore::Core::resolve_unknown(bool is_late) {
  const auto results = lock_head();
  if (!results || results->front().records.empty()) {
    Error error =
        results ? Error{ErrorCode::unavailable, "the database was emptied"} : results.error();
    *read_only_reason_.lock() = error.text();
    return error;
  }
  const bolt::Record& row = results->front().records.front();
  const std::int64_t* sequence = row["seq"].get_if<std::int64_t>();
  const std::int64_t* epoch = row["epoch"].get_if<std::int64_t>();
  unknown_ = false;
  const bool is_ours = sequence != nullptr && epoch != nullptr && *epoch == written_.epoch;
  if (is_ours && static_cast<graph::Sequence>(*sequence) == batch_.after.sequence &&
      batch_.after.sequence != batch_.before.sequence) {
    read_only_reason_.lock()->clear();
    if (is_late)
      publish_batch();
    return {};
  }
  if (!is_ours) {
    fenced_ = true;
    *read_only_reason_.lock() = "another process has opened the database for writing; this one "
                                "must be started again";
  } else {
    read_only_reason_.lock()->clear();
  }
  Error error{ErrorCode::unavailable, "the change was not written: the connection was lost"};
  if (is_late)
    fail_batch(error);
  return error;
}

void Neo4jStore::Core::publish_batch() {
  const std::vector<graph::DeltaRef> deltas = batch_.deltas;
  written_ = batch_.after;
  if (batch_.schema)
    schemas_.lock()->push_back(batch_.schema);
  if (!deltas.empty())
    *published_.lock() = {batch_.after.sequence, tip_.schema()};
  read_only_reason_.lock()->clear();
  batch_ = {};
  batch_.before = batch_.after = written_;
  watchers_.hand_out(deltas);
  answer_pending(std::nullopt);
  trim();
}

/// Nothing of it is in the database.
void Neo4jStore::Core::fail_batch(const Error& error) {
  if (options.log != nullptr)
    options.log->error("a batch of changes was not written", {{"reason", error.text()}});
  pools_.drop_from(written_.sequence + 1);
  tip_.reset(published().schema, written_);
  Aside kept = std::move(batch_.aside);
  batch_ = {};
  batch_.before = batch_.after = written_;
  aside.with([&kept](Aside& waiting) {
    for (auto& [name, sequence] : kept.cursors)
      waiting.cursors.try_emplace(name, sequence);
    for (const auto& [place, at] : kept.seen) {
      std::int64_t& last = waiting.seen[place];
      last = std::max(last, at);
    }
  });
  answer_pending(error);
}

void Neo4jStore::Core::answer_pending(const std::optional<Error>& failure) {
  for (Pending& pending : std::exchange(pending_, {})) {
    if (!pending.outcome) {
      finish(*pending.transaction, std::move(pending.outcome).error());
      continue;
    }
    Applied& applied = *pending.outcome;
    if (failure && (applied.sequence != 0 || !pending.transaction->answer_name.empty())) {
      finish(*pending.transaction, *failure);
      continue;
    }
    commits += applied.sequence != 0 ? 1 : 0;
    finish(*pending.transaction, graph::Commit{.sequence = applied.sequence,
                                               .time = applied.time,
                                               .records = std::move(applied.records)});
  }
}

} // namespace diffo::neo4j
