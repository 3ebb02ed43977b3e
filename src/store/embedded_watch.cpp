#include "store/embedded_core.h"

#include <algorithm>
#include <utility>

/// How batches reach those who watch.
///
/// A watcher is told of each commit once, in order, and only of durable ones. What was committed
/// before it came is read from journal and history on its own thread; under the lock it joins those
/// that the writer hands batches to, when nothing is left to be read.
namespace diffo::store {
/// Leaves when it goes.
class EmbeddedStore::Core::Watching final : public graph::Watch {
public:
  Watching(Core& core, std::shared_ptr<Watcher> watcher)
      : core_(core), watcher_(std::move(watcher)) {}
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;
  ~Watching() override { std::erase(core_.watchers_.lock()->all, watcher_); }

private:
  Core& core_;
  std::shared_ptr<Watcher> watcher_;
};

/// Called by the writer, after the batch was published.
void EmbeddedStore::Core::hand_out() {
  const std::vector<DeltaRef> batch = std::exchange(batch_deltas_, {});
  if (batch.empty())
    return;
  watchers_.with([&](Watchers& watchers) {
    watchers.handed_out = batch.back()->sequence;
    for (const std::shared_ptr<Watcher>& watcher : watchers.all) {
      const auto first = std::find_if(batch.begin(), batch.end(), [&](const DeltaRef& delta) {
        return delta->sequence >= watcher->next;
      });
      tell(*watcher, std::span(first, batch.end()));
    }
  });
}

/// After the state was read anew: a batch of unknown outcome may have become durable.
void EmbeddedStore::Core::catch_up() {
  const graph::Sequence newest = tip_->head().sequence;
  watchers_.with([&](Watchers& watchers) {
    watchers.handed_out = newest;
    for (const std::shared_ptr<Watcher>& watcher : watchers.all)
      while (watcher->next <= newest) {
        const auto deltas = deltas_from(watcher->next);
        if (!deltas || deltas->empty()) {
          if (options.log != nullptr)
            options.log->error("a watcher misses what was committed last");
          break;
        }
        tell(*watcher, *deltas);
      }
  });
}

void EmbeddedStore::Core::tell(Watcher& watcher, std::span<const DeltaRef> deltas) {
  if (deltas.empty())
    return;
  watcher.next = deltas.back()->sequence + 1;
  try {
    watcher.enqueue(deltas);
  } catch (const std::exception& failure) {
    if (options.log != nullptr)
      options.log->error("a watcher could not take what it was told", {{"reason", failure.what()}});
  }
}

std::unique_ptr<graph::Watch> EmbeddedStore::Core::join(const std::shared_ptr<Watcher>& watcher) {
  return watchers_.with([&](Watchers& watchers) -> std::unique_ptr<graph::Watch> {
    if (watchers.handed_out >= watcher->next)
      return nullptr;
    watchers.all.push_back(watcher);
    return std::make_unique<Watching>(*this, watcher);
  });
}

/// What a commit changed, from the journal and the images it names.
Result<DeltaRef> EmbeddedStore::delta_of(graph::JournalEntry entry) const {
  auto delta = std::make_shared<graph::Delta>();
  for (graph::JournalEntry::Change& change : entry.changes) {
    graph::Delta::Change& told = delta->changes.emplace_back();
    told.after = TRY(at(change.key, entry.sequence));
    if (change.previous != 0) // which itself may be from a commit that is not kept any more
      told.before = TRY(at(change.key, entry.sequence - 1));
    told.key = std::move(change.key);
  }
  delta->sequence = entry.sequence;
  delta->time = entry.time;
  delta->tenant = entry.tenant;
  delta->actor = std::move(entry.actor);
  delta->cause = std::move(entry.cause);
  delta->branch = std::move(entry.branch);
  delta->idempotency_key = std::move(entry.idempotency_key);
  delta->taken = std::move(entry.taken);
  delta->released = std::move(entry.released);
  delta->replaced_schema = entry.replaced_schema;
  return DeltaRef(std::move(delta));
}

Result<std::vector<DeltaRef>> EmbeddedStore::deltas(graph::Sequence from, std::size_t limit) const {
  std::vector<DeltaRef> deltas;
  for (graph::JournalEntry& entry : TRY(journal(from, limit)))
    deltas.push_back(TRY(delta_of(std::move(entry))));
  return deltas;
}

Result<std::unique_ptr<graph::Watch>>
EmbeddedStore::watch(graph::Sequence from, std::function<void(std::span<const DeltaRef>)> enqueue) {
  const auto watcher = std::make_shared<Core::Watcher>(
      Core::Watcher{std::move(enqueue), std::max<graph::Sequence>(from, 1)});
  for (;;) {
    if (auto joined = core_->join(watcher))
      return joined;
    core_->tell(*watcher, TRY(deltas(watcher->next, Core::most_at_once)));
  }
}

} // namespace diffo::store
