#include "graph/entry_delta.h"
#include "store/embedded_core.h"

#include <utility>
#include <vector>

/// What those who watch are told: batches by the writer, and from journal and history what was
/// there before.
namespace diffo::store {

/// Called by the writer, after the batch was published.
void EmbeddedStore::Core::hand_out() {
  watchers.hand_out(std::exchange(batch_deltas_, {}));
}

/// What a commit changed, from the journal and the images it names.
Result<DeltaRef> EmbeddedStore::delta_of(graph::JournalEntry entry) const {
  std::vector<graph::Delta::Change> changes;
  for (graph::JournalEntry::Change& change : entry.changes) {
    graph::Delta::Change& told = changes.emplace_back();
    told.after = TRY(at(change.key, entry.sequence));
    if (change.previous != 0) // which itself may be from a commit that is not kept any more
      told.before = TRY(at(change.key, entry.sequence - 1));
    told.key = std::move(change.key);
  }
  auto delta = graph::delta_without_changes(std::move(entry));
  delta->changes = std::move(changes);
  return DeltaRef(std::move(delta));
}

Result<std::vector<DeltaRef>> EmbeddedStore::deltas(graph::Sequence from, std::size_t limit) const {
  std::vector<DeltaRef> deltas;
  std::size_t bytes = 0;
  std::size_t changes = 0;
  for (graph::JournalEntry& entry : TRY(journal(from, limit))) {
    if (bytes >= most_delta_bytes || changes >= most_delta_changes)
      break;
    deltas.push_back(TRY(delta_of(std::move(entry))));
    bytes += graph::bytes_of(*deltas.back());
    changes += deltas.back()->changes.size();
  }
  return deltas;
}

Result<std::unique_ptr<graph::Watch>>
EmbeddedStore::watch(graph::Sequence from, std::function<void(std::span<const DeltaRef>)> enqueue) {
  return core_->watchers.watch(from, std::move(enqueue), core_->deltas_from);
}

} // namespace diffo::store
