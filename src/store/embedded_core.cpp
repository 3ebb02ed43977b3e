#include "store/embedded_core.h"

#include "store/sealed_value.h"

#include <exception>
#include <future>
#include <utility>

namespace diffo::store {
namespace {

constexpr int max_plans = 8;

Error stopped() {
  return {ErrorCode::unavailable, "the store has been stopped"};
}

} // namespace

EmbeddedStore::Core::Core(EmbeddedOptions core_options, LockFile lock, std::unique_ptr<Disk> disk,
                          AcknowledgedMark mark, LoadedState loaded)
    : options(std::move(core_options)), tenants(std::move(loaded.tenants)), lock_(std::move(lock)),
      disk_(std::move(disk)), mark_(std::move(mark)), identities_(std::move(loaded.identities)),
      claims_(std::move(loaded.claims)), sealed_(loaded.sealed) {
  tip_ = std::make_unique<Tip>(*options.schema, *options.clock, options.model, *identities_,
                               *claims_, std::move(loaded.state), loaded.head,
                               Tip::Limits{.max_identities = options.max_identities});
  publish();
}

EmbeddedStore::Core::~Core() {
  stop();
}

void EmbeddedStore::Core::start() {
  thread_ = std::thread([this] { run(); });
}

void EmbeddedStore::Core::stop() {
  {
    const std::lock_guard held(queue_mutex_);
    queue_.stopping = true;
    queue_wake_.notify_all();
  }
  const std::lock_guard alone(stop_mutex_);
  if (!thread_.joinable())
    return;
  thread_.join();
  reaper_->stop();
}

std::optional<Error> EmbeddedStore::Core::submit(Job& job) {
  const std::lock_guard held(queue_mutex_);
  if (queue_.stopping)
    return stopped();
  if (!job.between && queue_.jobs.size() >= options.max_queued)
    return Error{ErrorCode::unavailable,
                 "too many changes are waiting to be written; try again in a second"};
  queue_.jobs.push_back(std::move(job));
  queue_wake_.notify_one();
  return std::nullopt;
}

bool EmbeddedStore::Core::run_between_batches(std::function<void()> work) {
  auto finished = std::make_shared<std::promise<void>>();
  auto waiting = finished->get_future();
  Job job;
  job.between = [&work, finished] {
    work();
    finished->set_value();
  };
  if (submit(job))
    return false;
  waiting.get();
  return true;
}

std::shared_ptr<const StateRevision> EmbeddedStore::Core::newest() {
  return newest_.with([](const auto& revision) { return revision; });
}

std::string EmbeddedStore::Core::read_only_reason() {
  return read_only_reason_.with([](const std::string& reason) { return reason; });
}

void EmbeddedStore::Core::publish() {
  auto revision = reaper_->guard(
      std::make_unique<const StateRevision>(tip_->state(), *options.schema, options.query_limits));
  // The former one may be the last reference: let go of it outside the lock.
  newest_.with([&](auto& newest) { newest.swap(revision); });
  identity_count_ = identities_->size();
  identity_bytes_ = identities_->memory_bytes();
}

bool EmbeddedStore::Core::take(Job& job) {
  std::unique_lock held(queue_mutex_);
  if (queue_.jobs.empty() && !pending_.empty())
    return false;
  queue_wake_.wait(held, [this] { return queue_.stopping || !queue_.jobs.empty(); });
  if (queue_.jobs.empty())
    return false;
  job = std::move(queue_.jobs.front());
  queue_.jobs.pop_front();
  return true;
}

/// The writer: decides what waits, one after the other, until nothing waits or the batch is big;
/// then makes the batch durable, publishes it and answers. What arrives meanwhile goes into the
/// next.
void EmbeddedStore::Core::run() {
  for (;;) {
    Job job;
    if (take(job)) {
      if (job.between) {
        commit_batch();
        job.between();
        continue;
      }
      process(job);
      if (pending_.size() < options.max_batch_changes && batch_.bytes() < options.max_batch_bytes)
        continue;
    } else if (pending_.empty()) {
      break;
    }
    commit_batch();
  }
  if (tip_) {
    tip_.reset();
    Result<void> closed = disk_->close();
    if (closed)
      closed = write_seal(options.folder);
    if (!closed && options.log != nullptr)
      options.log->warning("the store did not stop cleanly", {{"reason", closed.error().text()}});
  }
}

void EmbeddedStore::Core::process(Job& job) {
  ++transactions_;
  if (!tip_) {
    job.done(Error{ErrorCode::unavailable, "the store is read-only: " + read_only_reason()});
    return;
  }
  Result<Applied> outcome = decide(job);
  pending_.push_back({std::move(job.done), std::move(outcome)});
}

Result<Applied> EmbeddedStore::Core::decide(Job& job) {
  try {
    for (int plan = 0; plan < max_plans; ++plan) {
      // A snapshot of the tip: a rule that keeps it costs copies, never a race.
      graph::Subgraph subgraph(std::make_shared<const StateRevision>(tip_->state(), *options.schema,
                                                                     options.query_limits));
      graph::Decision decision = TRY(job.decide(subgraph));
      if (auto* changes = std::get_if<graph::ChangeSet>(&decision)) {
        graph::ChangeSet wanted = std::move(*changes);
        subgraph = graph::Subgraph(nullptr); // so that the tip can be changed in place
        return tip_->apply(job.context, std::move(wanted), batch_);
      }
    }
  } catch (const std::exception& failure) {
    return Error{ErrorCode::internal, std::string("a rule failed: ") + failure.what()};
  }
  return Error{ErrorCode::too_large, "the rule asked for more data too often"};
}

void EmbeddedStore::Core::commit_batch() {
  if (tip_)
    tip_->finish(batch_);
  if (!batch_.empty()) {
    const Result<void> written = disk_->write_synced(batch_);
    batch_.clear();
    if (!written) {
      fail_batch(written.error());
      return;
    }
    ++batches_;
    const Result<void> marked = mark_.write({tip_->head().sequence, tip_->head().hash});
    if (!marked && options.log != nullptr)
      options.log->warning("cannot note what was acknowledged",
                           {{"reason", marked.error().text()}});
    claims_->publish();
    publish();
  }
  if (!pending_.empty())
    answer(newest());
  if (tip_ && tip_->head().sequence >= trimmed_at_ + options.trim_every)
    trim_journal();
}

void EmbeddedStore::Core::answer(const std::shared_ptr<const StateRevision>& revision) {
  for (Pending& pending : std::exchange(pending_, {})) {
    if (!pending.outcome) {
      pending.done(std::move(pending.outcome).error());
      continue;
    }
    Applied& applied = *pending.outcome;
    commits_ += applied.sequence != 0 ? 1 : 0;
    pending.done(graph::Commit{.sequence = applied.sequence,
                               .time = applied.time,
                               .records = std::move(applied.records),
                               .revision = revision});
  }
}

/// What was decided on the tip is not durable: nobody may learn of it.
void EmbeddedStore::Core::fail_batch(const Error& error) {
  const std::string reason = error.text();
  if (options.log != nullptr)
    options.log->error("a write failed; the store is read-only now", {{"reason", reason}});
  *read_only_reason_.lock() = reason;
  claims_->drop();
  tip_.reset();
  for (Pending& pending : std::exchange(pending_, {}))
    pending.done(Error{ErrorCode::unavailable, "the change could not be written: " + reason});
}

Result<graph::Tenant> EmbeddedStore::Core::add_tenant(std::string_view name) {
  Result<graph::Tenant> number = stopped();
  if (std::this_thread::get_id() == thread_.get_id())
    return Error{ErrorCode::internal, "a new tenant cannot be named from within a rule"};
  run_between_batches([&] {
    const auto count = tenants.with([&](const auto& names) {
      for (std::size_t index = 0; index < names.size(); ++index)
        if (names[index] == name)
          number = static_cast<graph::Tenant>(index);
      return names.size();
    });
    if (number)
      return;
    if (!tip_ || count > options.max_tenants) {
      number = tip_ ? Error{ErrorCode::too_large, "there are as many tenants as there may be"}
                    : Error{ErrorCode::unavailable, "the store is read-only"};
      return;
    }
    const std::string key = tenant_key(static_cast<graph::Tenant>(count));
    DiskBatch batch;
    batch.put(Table::meta, key, with_checksum(key, name));
    if (const auto written = disk_->write_synced(batch); !written) {
      fail_batch(written.error());
      number = Error{ErrorCode::unavailable, written.error().text()};
      return;
    }
    tenants.lock()->emplace_back(name);
    number = static_cast<graph::Tenant>(count);
  });
  return number;
}

bool EmbeddedStore::Core::is_kept(const SealedPrefix& upto, std::int64_t time) const {
  const JournalRetention& keep = options.retention;
  const Head& head = tip_->head();
  return (keep.max_entries == 0 || head.sequence - upto.sequence < keep.max_entries) &&
         (keep.max_bytes == 0 || head.journal_bytes - upto.bytes < keep.max_bytes) &&
         (keep.max_age_microseconds == 0 ||
          time > options.clock->now().microseconds - keep.max_age_microseconds);
}

/// Drops the oldest entries that the retention does not ask to keep; never the last one.
void EmbeddedStore::Core::trim_journal() {
  trimmed_at_ = tip_->head().sequence;
  const JournalRetention& keep = options.retention;
  if (keep.max_entries == 0 && keep.max_bytes == 0 && keep.max_age_microseconds == 0)
    return;
  SealedPrefix sealed = this->sealed();
  const graph::Sequence before = sealed.sequence;
  Result<void> trimmed =
      disk_->for_each(Table::journal, journal_key(sealed.sequence + 1),
                      [&](std::string_view, std::string_view bytes) -> Result<bool> {
                        const graph::JournalEntry entry = TRY(graph::decode_entry(bytes));
                        if (entry.sequence >= tip_->head().sequence || is_kept(sealed, entry.time))
                          return false;
                        sealed = {entry.sequence, entry.hash, sealed.bytes + bytes.size()};
                        return true;
                      });
  if (trimmed && sealed.sequence != before)
    trimmed = drop_journal(sealed);
  if (!trimmed && options.log != nullptr)
    options.log->warning("cannot shorten the journal", {{"reason", trimmed.error().text()}});
}

Result<void> EmbeddedStore::Core::drop_journal(const SealedPrefix& upto) {
  DiskBatch batch;
  batch.erase_range(Table::journal, journal_key(0), journal_key(upto.sequence + 1));
  batch.put(Table::meta, sealed_key, encode_sealed(upto));
  if (const auto written = disk_->write_synced(batch); !written) {
    fail_batch(written.error());
    return written;
  }
  *sealed_.lock() = upto;
  return {};
}

EmbeddedStatistics EmbeddedStore::Core::counted() {
  EmbeddedStatistics all;
  all.identities = identity_count_;
  all.identity_bytes = identity_bytes_;
  all.claims = claims_->size();
  all.transactions = transactions_;
  all.commits = commits_;
  all.batches = batches_;
  all.sealed_sequence = sealed().sequence;
  const std::lock_guard held(queue_mutex_);
  all.queued = queue_.jobs.size();
  return all;
}

} // namespace diffo::store
