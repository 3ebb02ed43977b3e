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
    // What was there before may be from a commit that is not kept any more.
    const std::size_t versions = change.previous != 0 ? 2 : 1;
    auto found = TRY(history(change.key, entry.sequence + 1, versions));
    if (!found.empty())
      told.after = std::move(found.front().record);
    if (found.size() > 1)
      told.before = std::move(found.back().record);
    told.key = std::move(change.key);
  }
  // Looked at last: what is dropped is announced before it goes.
  if (entry.sequence < oldest_entry())
    return Error{ErrorCode::gone,
                 "entry " + std::to_string(entry.sequence) + " is not kept any more"};
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
