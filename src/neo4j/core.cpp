#include "neo4j/core.h"

#include "graph/change_checks.h"
#include "neo4j/layout.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

/// How the store reads and how a transaction is decided ahead.
namespace diffo::neo4j {
namespace {

constexpr int most_rounds = 12;

Error stopped() {
  return {ErrorCode::unavailable, "the store has been stopped"};
}

} // namespace

Neo4jStore::Core::Core(Neo4jOptions given, std::unique_ptr<Database> opened, Published newest,
                       Head head)
    : options(std::move(given)), last_commit_at(head.time), database(std::move(opened)),
      workers(options.threads), recent_(newest.sequence), published_(newest),
      schemas_(std::vector<std::shared_ptr<const graph::Schema>>{newest.schema}),
      tip_(*options.clock, newest.schema, head), written_(head) {
  pools_.drop_from(newest.sequence + 1);
  watchers_.catch_up(newest.sequence, {}); // nobody watches yet
  batch_.before = batch_.after = head;
}

/// Of flights that it can be made of; nothing when it takes others.
std::shared_ptr<FetchedRevision>
Neo4jStore::Core::revision_at(const Published& at, const std::vector<FlightRef>& flights) {
  auto revision = std::make_shared<FetchedRevision>(
      at.sequence, at.schema, recent_, pools_, options.limits,
      [this](const graph::FetchPlan& plan, const Manner& manner) { return fly(plan, manner); });
  for (const FlightRef& flight : flights)
    if (!revision->take(flight))
      return nullptr;
  return revision;
}

Result<FlightRef> Neo4jStore::Core::fly(const graph::FetchPlan& plan, const Manner& manner) {
  // While the committer reads, no commit begins anyway.
  std::shared_lock<std::shared_mutex> gate(gate_, std::defer_lock);
  if (manner.quiet && std::this_thread::get_id() != thread_.get_id())
    gate.lock();
  const Published newest = published();
  Departure from{newest.sequence,
                 std::min(manner.queries_at.value_or(newest.sequence), newest.sequence),
                 *newest.schema,
                 {},
                 manner.choose};
  if (auto changed = recent_.images_at(from.queries_at, from.queries_at))
    from.changed = *std::move(changed);
  return std::make_shared<const Flight>(
      TRY(neo4j::fly(*database, plan, from, pools_, options.limits)));
}

Result<graph::Subgraph> Neo4jStore::Core::read(const graph::Pin& pin, const graph::FetchPlan& plan,
                                               graph::Recorder* recorder) {
  if (pin.branch != "main")
    return Error{ErrorCode::unsupported, "there is no branch " + pin.branch};
  Published at = published();
  if (pin.at && *pin.at > at.sequence)
    return Error{ErrorCode::invalid, "the newest commit is " + std::to_string(at.sequence)};
  if (pin.at && !recent_.images_at(*pin.at, at.sequence))
    return read_past(*pin.at, plan, recorder);
  at.sequence = pin.at.value_or(at.sequence);
  const auto revision = revision_at(at, {});
  if (!revision->fetch_more(plan))
    return *revision->failure();
  graph::Subgraph subgraph(revision, plan, recorder, unplanned());
  if (revision->failure())
    return *revision->failure();
  return subgraph;
}

/// Of a revision that is not at hand any more: records alone.
Result<graph::Subgraph> Neo4jStore::Core::read_past(graph::Sequence at,
                                                    const graph::FetchPlan& plan,
                                                    graph::Recorder* recorder) {
  graph::FetchPlan rest = plan;
  rest.records.clear();
  if (!rest.empty())
    return Error{ErrorCode::unsupported, "of past revisions only single records can be read"};
  if (const graph::Sequence first = oldest; at + 1 < first)
    return Error{ErrorCode::gone, "the version is not kept any more: the journal is kept from "
                                  "entry " +
                                      std::to_string(first) + " on"};
  const Published newest = published();
  std::map<graph::Key, graph::RecordRef, std::less<>> records;
  for (const graph::Key& key : plan.records) {
    auto versions = TRY(versions_of(*database, *newest.schema, key, at, 1));
    records.emplace(key, versions.empty() ? graph::RecordRef() : versions.front().record);
  }
  return graph::Subgraph(
      std::make_shared<const PastRevision>(at, newest.schema, std::move(records)), plan, recorder,
      graph::Unplanned::refuse);
}

/// Runs the rule until it has read what it needs; at the tip or at the revision of its flight.
Result<graph::ChangeSet> Neo4jStore::Core::decide(Transaction& transaction, bool at_tip,
                                                  graph::Recorder* recorder, Published& at) {
  try {
    for (int round = 0; round < most_rounds; ++round) {
      at = at_tip ? Published{tip_.head().sequence, tip_.schema()} : published();
      if (recorder != nullptr)
        static_cast<void>(recorder->take());
      auto revision = revision_at(at, transaction.flights);
      if (!revision)
        revision = revision_at(at, {});
      if (!revision->fetch_more(transaction.plan))
        return *revision->failure();
      graph::Subgraph subgraph(revision, transaction.plan, recorder, unplanned());
      Result<graph::Decision> decision = transaction.decide(subgraph);
      if (revision->failure())
        return *revision->failure();
      transaction.flights = revision->flights(); // so that deciding again takes none
      if (auto forgotten = subgraph.forgotten())
        return *std::move(forgotten);
      if (!subgraph.complete()) {
        transaction.plan.extend(subgraph.missing());
        continue;
      }
      if (!decision)
        return std::move(decision).error();
      if (auto* changes = std::get_if<graph::ChangeSet>(&*decision))
        return std::move(*changes);
      transaction.plan.extend(std::get<graph::FetchPlan>(*decision));
    }
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::unavailable, "there is not enough memory for this now"};
  } catch (const std::exception& failure) {
    return Error{ErrorCode::internal, std::string("a rule failed: ") + failure.what()};
  }
  return Error{ErrorCode::too_large, "the rule asked for more data too often"};
}

void Neo4jStore::Core::finish(Transaction& transaction, Result<graph::Commit> commit) {
  if (!transaction.answer_name.empty())
    answering_.lock()->erase(transaction.answer_name);
  try {
    std::exchange(transaction.done, nullptr)(std::move(commit));
  } catch (const std::exception& failure) {
    if (options.log != nullptr)
      options.log->error("an answer could not be given", {{"reason", failure.what()}});
  }
}

/// Looks the idempotency key up. False: the transaction has its answer already.
bool Neo4jStore::Core::begin_answer(Transaction& transaction) {
  const graph::Context& context = transaction.context;
  if (context.idempotency_key.empty())
    return true;
  std::string name = answer_name(context);
  if (!answering_.lock()->insert(name).second) {
    finish(transaction,
           Error{ErrorCode::conflict, "the first request with this idempotency key is on its way",
                 "Idempotency-Key"});
    return false;
  }
  transaction.answer_name = std::move(name);
  return is_unanswered(transaction);
}

/// Gives the answer that was kept. False: the transaction has it.
bool Neo4jStore::Core::is_unanswered(Transaction& transaction) {
  const graph::Context& context = transaction.context;
  transaction.unknowns = unknowns;
  const auto kept = find_answer(*database, transaction.answer_name,
                                options.clock->now().microseconds - answers_kept);
  if (kept && !*kept)
    return true;
  // Its batch is in the database, and nobody here knows yet: who is answered must see it, too.
  if (kept && (*kept)->sequence > published().sequence &&
      std::this_thread::get_id() != thread_.get_id())
    run_between_batches([] {});
  if (!kept) {
    finish(transaction, kept.error());
  } else if ((*kept)->fingerprint != hex_text(context.fingerprint)) {
    finish(transaction,
           Error{ErrorCode::unprocessable, "another request was sent with this idempotency key",
                 "Idempotency-Key"});
  } else {
    const auto again = [&]() -> Result<graph::Commit> {
      graph::Commit commit{
          .sequence = (*kept)->sequence, .time = (*kept)->time, .records = {}, .repeated = true};
      const Published newest = published();
      for (const graph::Key& key : (*kept)->records) {
        const auto versions = TRY(versions_of(*database, *newest.schema, key, commit.sequence, 1));
        commit.records.push_back(versions.empty() ? graph::RecordRef() : versions.front().record);
      }
      return commit;
    };
    finish(transaction, again());
  }
  return false;
}

void Neo4jStore::Core::transact(const TransactionRef& transaction) {
  ++transactions;
  if (const std::uint64_t lane = transaction->deciding.lane; lane != 0)
    (*lanes_.lock())[lane].push_back(transaction);
  const bool accepted = workers.post([this, transaction] {
    try {
      if (begin_answer(*transaction))
        decide_ahead(transaction);
    } catch (const std::exception& failure) {
      finish(*transaction, Error{ErrorCode::unavailable, failure.what()});
    }
    leave_lane(transaction);
  });
  if (accepted)
    return;
  leave_lane(transaction);
  finish(*transaction, Error{ErrorCode::unavailable, "too much is waiting for the database"});
}

void Neo4jStore::Core::decide_ahead(const TransactionRef& transaction) {
  graph::Recorder recorder;
  Published at;
  Result<graph::ChangeSet> wanted =
      decide(*transaction, false, transaction->amending() == nullptr ? &recorder : nullptr, at);
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
  transaction->decided.emplace(Transaction::Decided{std::move(*wanted), recorder.take(), at});
  if (transaction->deciding.lane == 0)
    enqueue(transaction);
}

/// Hands over what is decided, as far as nothing before it in its lane is still being decided.
void Neo4jStore::Core::leave_lane(const TransactionRef& transaction) {
  const std::uint64_t lane = transaction->deciding.lane;
  if (lane == 0)
    return;
  lanes_.with([&](auto& lanes) {
    transaction->is_ready = true;
    const auto found = lanes.find(lane);
    if (found == lanes.end())
      return;
    auto& waiting = found->second;
    for (; !waiting.empty() && waiting.front()->is_ready; waiting.pop_front())
      if (waiting.front()->decided)
        enqueue(waiting.front());
    if (waiting.empty())
      lanes.erase(found);
  });
}

void Neo4jStore::Core::enqueue(const TransactionRef& transaction) {
  bool stopping = false;
  {
    const std::lock_guard held(queue_mutex_);
    stopping = queue_.stopping;
    if (!stopping && queue_.jobs.size() < options.most_queued) {
      queue_.jobs.push_back({transaction, nullptr});
      queue_wake_.notify_one();
      return;
    }
  }
  finish(*transaction, stopping ? stopped()
                                : Error{ErrorCode::unavailable,
                                        "too many changes are waiting; try again in a second"});
}

std::string Neo4jStore::Core::away() {
  std::string reason = database->away();
  if (!reason.empty() && !looks.exchange(true) && !workers.post([this] {
        static_cast<void>(database->read({{"CYPHER 5 RETURN 1 AS one", {}}}));
        looks = false;
      }))
    looks = false;
  return reason;
}

void Neo4jStore::Core::wake() {
  const std::lock_guard held(queue_mutex_);
  if (queue_.stopping || queue_.is_woken)
    return;
  queue_.is_woken = true;
  queue_.jobs.push_back({nullptr, [this] {
                           const std::lock_guard again(queue_mutex_);
                           queue_.is_woken = false;
                         }});
  queue_wake_.notify_one();
}

bool Neo4jStore::Core::run_between_batches(std::function<void()> work) {
  std::mutex mutex;
  std::condition_variable wake;
  bool is_done = false;
  {
    const std::lock_guard held(queue_mutex_);
    if (queue_.stopping)
      return false;
    queue_.jobs.push_back({nullptr, [&] {
                             work();
                             const std::lock_guard done(mutex);
                             is_done = true;
                             wake.notify_one();
                           }});
    queue_wake_.notify_one();
  }
  std::unique_lock lock(mutex);
  wake.wait(lock, [&] { return is_done; });
  return true;
}

Result<graph::Tenant> Neo4jStore::Core::tenant(std::string_view name) {
  constexpr std::size_t most_tenants = 65'536;
  const auto number_of = [&]() {
    return tenants_.with([&](const auto& names) -> std::optional<graph::Tenant> {
      const auto found = std::find(names.begin(), names.end(), name);
      return found == names.end()
                 ? std::nullopt
                 : std::optional(static_cast<graph::Tenant>(std::distance(names.begin(), found)));
    });
  };
  if (name.size() > graph::max_id_bytes)
    return Error{ErrorCode::invalid, "a tenant's name is too long"};
  if (const auto known = number_of())
    return *known;
  Result<graph::Tenant> number = stopped();
  run_between_batches([&] {
    if (const auto known = number_of()) {
      number = *known;
      return;
    }
    const std::size_t count = tenants_.with([](const auto& names) { return names.size(); });
    if (count > most_tenants) {
      number = Error{ErrorCode::too_large, "there are as many tenants as there may be"};
      return;
    }
    const auto written = database->write(
        {{"CYPHER 5 MERGE (t:DiffoTenant {name:$name}) SET t.number = $number",
          bolt::Map{{"name", name}, {"number", static_cast<std::int64_t>(count)}}}});
    if (!written) {
      number = error_of(written.error());
      return;
    }
    tenants_.lock()->emplace_back(name);
    number = static_cast<graph::Tenant>(count);
  });
  return number;
}

} // namespace diffo::neo4j
