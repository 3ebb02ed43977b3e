#include "store/embedded_core.h"

#include "store/retention.h"
#include "store/sealed_value.h"
#include "store/side_tables.h"

#include <algorithm>
#include <exception>
#include <future>
#include <utility>

namespace diffo::store {
namespace {

constexpr std::chrono::milliseconds shortest_idle_wait{100};
constexpr std::uint64_t least_trimmed_bytes = std::uint64_t{2} << 20;

Error stopped() {
  return {ErrorCode::unavailable, "the store has been stopped"};
}

} // namespace

EmbeddedStore::Core::Core(EmbeddedOptions core_options, std::optional<LockFile> lock,
                          std::unique_ptr<Disk> disk, std::optional<AcknowledgedMark> mark,
                          LoadedState loaded)
    : options(std::move(core_options)), lock_(std::move(lock)), disk_(std::move(disk)),
      images_(*disk_, options.large_image_bytes), mark_(std::move(mark)) {
  adopt(std::move(loaded));
  if (mark_)
    return;
  tip_.reset();
  *read_only_reason_.lock() = "it was opened for reading only";
}

void EmbeddedStore::Core::adopt(LoadedState loaded) {
  tip_.reset();
  schemas_.with([&](auto& all) {
    // What was read again after a failure is mostly what held before.
    if (!all.empty() && all.back()->description() == loaded.schema->description() &&
        all.back()->dictionary().continues(loaded.schema->dictionary()))
      loaded.schema = all.back();
    else
      all.push_back(loaded.schema);
  });
  has_seen_ = has_seen_ || loaded.has_seen;
  identities_ = std::move(loaded.identities);
  tip_ = std::make_unique<Tip>(
      loaded.schema, *options.clock, *identities_, std::move(loaded.state), loaded.head,
      std::move(loaded.images_by_record),
      Tip::Limits{.max_identities = options.max_identities, .max_ordinals = options.max_ordinals});
  if (const auto swept = mark_ ? images_.sweep(std::move(loaded.images)) : Result<void>();
      !swept && options.log != nullptr)
    options.log->warning("cannot drop what a crash left", {{"reason", swept.error().text()}});
  trimmed_at_bytes_ = tip_->head().kept_bytes;
  *tenants.lock() = std::move(loaded.tenants);
  *sealed_.lock() = loaded.sealed;
  // Of consumers that went on since, what was not saved yet counts.
  for (const auto& [consumer, sequence] : loaded.cursors)
    cursors.lock()->emplace(consumer, sequence);
  for (const auto& [consumer, sequence] : cursors.with([](const auto& all) { return all; }))
    if (loaded.cursors[consumer] != sequence)
      save_cursor(consumer, sequence);
  recent_ = std::make_unique<RecentChanges>(tip_->head().sequence);
  publish();
  // A batch of unknown outcome may have become durable.
  watchers.catch_up(tip_->head().sequence, deltas_from);
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
  errands_.stop();
  refuse_waiting();
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

std::shared_ptr<const StateRevision>
EmbeddedStore::Core::pinned(std::optional<graph::Sequence> sequence) {
  auto revision = newest();
  if (!sequence || revision->sequence() == *sequence)
    return revision;
  return former_.with([&](const auto& former) {
    const auto found = former.find(*sequence);
    return found != former.end() ? found->second.lock() : nullptr;
  });
}

/// Remembers a revision that is not the newest any more, and forgets those that nobody holds.
void EmbeddedStore::Core::keep_former(const std::shared_ptr<const StateRevision>& revision) {
  former_.with([&](auto& former) {
    former.insert_or_assign(revision->sequence(), revision);
    if (former.size() <= most_former_)
      return;
    std::erase_if(former, [](const auto& one) { return one.second.expired(); });
    // So that many that are held cost a step each at the most.
    most_former_ = std::max<std::size_t>(64, 2 * former.size());
  });
}

std::string EmbeddedStore::Core::read_only_reason() {
  return read_only_reason_.with([](const std::string& reason) { return reason; });
}

const graph::Schema& EmbeddedStore::Core::schema() const {
  return *schemas_.with([](const auto& all) { return all.back().get(); });
}

void EmbeddedStore::Core::publish() {
  const auto former = newest();
  // A batch without a commit leaves the newest as it is, so that those who hold it stay found.
  if (former && former->sequence() == tip_->head().sequence)
    return;
  auto revision = reaper_->guard(
      std::make_unique<const StateRevision>(tip_->state(), tip_->schema(), options.query_limits));
  schemas_.with([&](auto& all) {
    if (all.back() != tip_->schema())
      all.push_back(tip_->schema());
  });
  // First remembered, then replaced, so that whoever has its sequence finds it all the while. It
  // may be the last reference: let go of it outside the locks.
  if (former)
    keep_former(former);
  newest_.with([&](auto& newest) { newest.swap(revision); });
  identity_count_ = identities_->size();
  identity_bytes_ = identities_->memory_bytes();
}

bool EmbeddedStore::Core::take(Job& job) {
  if (!resumed_.empty()) {
    job.transaction = std::move(resumed_.front());
    resumed_.pop_front();
    return true;
  }
  std::unique_lock held(queue_mutex_);
  if (queue_.jobs.empty() && !pending_.empty()) {
    // Where those who decide share our processor, they go on first, and one sync serves them all.
    held.unlock();
    std::this_thread::yield();
    held.lock();
    if (queue_.jobs.empty())
      return false;
  }
  while (!queue_.stopping && queue_.jobs.empty()) {
    if (tip_ || !mark_) {
      queue_wake_.wait(held);
    } else if (queue_wake_.wait_for(held, std::max(options.retry_every, shortest_idle_wait)) ==
               std::cv_status::timeout) {
      held.unlock();
      try_again();
      held.lock();
    }
  }
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
      process(job.transaction);
      if (again_.empty() && pending_.size() < options.max_batch_changes &&
          batch_.bytes() < options.max_batch_bytes)
        continue;
    } else if (pending_.empty()) {
      break;
    }
    commit_batch();
    decide_again();
  }
  if (tip_)
    commit_batch(); // what waits aside
  if (tip_) {
    tip_.reset();
    drop_images({});
    Result<void> closed = disk_->close();
    if (closed)
      closed = write_seal(options.folder);
    if (!closed && options.log != nullptr)
      options.log->warning("the store did not stop cleanly", {{"reason", closed.error().text()}});
  }
}

void EmbeddedStore::Core::commit_batch() {
  if (tip_) {
    try {
      take_aside();
      tip_->finish(batch_);
    } catch (const std::exception& failure) {
      break_batch(failure.what());
      return;
    }
  }
  if (!batch_.empty()) {
    const Result<void> written = disk_->write_synced(batch_);
    batch_.clear();
    noted_.lock()->in_batch.clear();
    if (!written) {
      fail_batch(written.error(), ErrorCode::outcome_unknown);
      return;
    }
    ++batches_;
    const Head& head = tip_->head();
    const Result<void> marked = mark_->write({head.sequence, head.hash, head.batches});
    if (!marked && options.log != nullptr)
      options.log->warning("cannot note what was acknowledged",
                           {{"reason", marked.error().text()}});
    publish();
    hand_out();
  }
  if (!pending_.empty())
    answer();
  if (tip_ && (trimmed_at_ == 0 || tip_->head().sequence >= trimmed_at_ + options.trim_every))
    trim_journal();
}

void EmbeddedStore::Core::answer() {
  for (Pending& pending : std::exchange(pending_, {})) {
    if (!pending.outcome) {
      finish(*pending.transaction, std::move(pending.outcome).error());
      continue;
    }
    Applied& applied = *pending.outcome;
    commits_ += applied.sequence != 0 ? 1 : 0;
    finish(*pending.transaction, graph::Commit{.sequence = applied.sequence,
                                               .time = applied.time,
                                               .records = std::move(applied.records)});
  }
}

/// What was decided on the tip is not durable, or nobody knows: no one may learn of it. The outcome
/// says which.
void EmbeddedStore::Core::fail_batch(const Error& error, ErrorCode outcome) {
  const Error told = give_up_batch(error, outcome);
  for (Pending& pending : std::exchange(pending_, {}))
    finish(*pending.transaction, told);
}

/// Drops the batch and the tip; what those who wait for it are to be told.
Error EmbeddedStore::Core::give_up_batch(const Error& error, ErrorCode outcome) {
  const std::string reason = error.text();
  if (options.log != nullptr)
    options.log->error("a batch of changes failed; the store goes on from what is durable",
                       {{"reason", reason}});
  *read_only_reason_.lock() = reason + "; it is tried again every few seconds";
  next_try_ = std::chrono::steady_clock::now() + options.retry_every;
  tip_.reset();
  batch_.clear();
  batch_deltas_.clear();
  return {outcome, outcome == ErrorCode::outcome_unknown
                       ? "the change may have been written or not: " + reason
                       : "the change was not written: " + reason};
}

/// An exception in the midst of changing the tip: what the batch holds is worth nothing, and none
/// of it was written. Goes on from what is durable.
void EmbeddedStore::Core::break_batch(const std::string& reason) {
  const Error told = give_up_batch({ErrorCode::unavailable, reason}, ErrorCode::unavailable);
  if (const Result<void> reloaded = reload(); reloaded)
    read_only_reason_.lock()->clear();
  // Told last: who learns that it failed may try again at once.
  for (Pending& pending : std::exchange(pending_, {}))
    finish(*pending.transaction, told);
}

Result<void> EmbeddedStore::Core::reload() {
  try {
    LoadedState loaded = TRY(load_state(*disk_, {*options.schema, options.make_schema}));
    adopt(std::move(loaded));
  } catch (const std::exception& failure) {
    tip_.reset();
    return Error{ErrorCode::unavailable, failure.what()};
  }
  return {};
}

/// After a failed write: goes on from what is durable, if the disk takes writes again.
void EmbeddedStore::Core::try_again() {
  const Result<void> recovered = recover();
  next_try_ = std::chrono::steady_clock::now() + options.retry_every;
  if (!recovered) {
    *read_only_reason_.lock() = recovered.error().text() + "; it is tried again every few seconds";
    return;
  }
  read_only_reason_.lock()->clear();
  if (options.log != nullptr)
    options.log->info("the store takes writes again");
}

/// The failed batch may have become durable or not: only the disk knows. So all is read again, as
/// at a start; readers keep the revision they have until then.
Result<void> EmbeddedStore::Core::recover() {
  TRY(probe_folder(options.folder));
  TRY(disk_->reopen());
  LoadedState loaded = TRY(load_state(*disk_, {*options.schema, options.make_schema}));
  TRY(compare_with_mark(*disk_, loaded, TRY(AcknowledgedMark::read(options.folder))));
  adopt(std::move(loaded));
  return {};
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
      fail_batch(written.error(), ErrorCode::outcome_unknown);
      number = Error{ErrorCode::unavailable, written.error().text()};
      return;
    }
    tenants.lock()->emplace_back(name);
    number = static_cast<graph::Tenant>(count);
  });
  return number;
}

/// As if the entries up to that one had been written and dropped.
Result<void> EmbeddedStore::Core::begin_behind(graph::Sequence sequence) {
  Result<void> done = stopped();
  run_between_batches([&] {
    if (!tip_) {
      done = Error{ErrorCode::unavailable, "the store is read-only"};
      return;
    }
    Head head = tip_->head();
    if (head.sequence != sealed().sequence || head.record_count != 0) {
      done = Error{ErrorCode::conflict, "the store has commits of its own"};
      return;
    }
    head.sequence = std::max(head.sequence, sequence);
    DiskBatch batch;
    batch.put(Table::meta, sealed_key,
              encode_sealed({.sequence = head.sequence, .hash = head.hash}));
    batch.put(Table::meta, head_key, encode_head(head));
    done = disk_->write_synced(batch);
    if (done)
      done = mark_->write({head.sequence, head.hash, head.batches});
    if (done)
      done = reload();
    else
      fail_batch(done.error(), ErrorCode::outcome_unknown);
  });
  return done;
}

/// One bounded step of dropping what the retention does not ask to keep: more than was written
/// since the last one, so that it catches up.
void EmbeddedStore::Core::trim_journal() {
  const Head& head = tip_->head();
  const std::uint64_t most =
      least_trimmed_bytes +
      2 * (head.kept_bytes - std::exchange(trimmed_at_bytes_, head.kept_bytes));
  trimmed_at_ = head.sequence;
  auto trim =
      plan_trim(*disk_, sealed(), head, options.retention, options.clock->now().microseconds, most);
  if (!trim) {
    if (options.log != nullptr)
      options.log->warning("cannot shorten the journal", {{"reason", trim.error().text()}});
    return;
  }
  if (const auto dropped =
          drop_answers(*disk_, options.clock->now().microseconds - answers_kept, trim->batch);
      !dropped && options.log != nullptr)
    options.log->warning("cannot drop old answers", {{"reason", dropped.error().text()}});
  if (trim->batch.empty())
    return;
  // Readers learn of it first, so that none takes for absent what has just been dropped.
  *sealed_.lock() = trim->upto;
  if (trim->more)
    trimmed_at_ = 0;
  if (const auto written = disk_->write_synced(trim->batch); !written)
    fail_batch(written.error(), ErrorCode::outcome_unknown);
  else
    drop_images(trim->images);
}

void EmbeddedStore::Core::drop_images(std::span<const ImageNumber> images) {
  if (const auto dropped = images_.drop(images); !dropped && options.log != nullptr)
    options.log->warning("cannot drop large records", {{"reason", dropped.error().text()}});
}

graph::Statistics EmbeddedStore::Core::counted() {
  graph::Statistics all;
  all.identities = identity_count_;
  all.identity_bytes = identity_bytes_;
  all.transactions = transactions_;
  all.commits = commits_;
  all.batches = batches_;
  all.sealed_sequence = sealed().sequence;
  const std::lock_guard held(queue_mutex_);
  all.queued = queue_.jobs.size();
  return all;
}

} // namespace diffo::store
