#pragma once

#include "graph/change.h"
#include "graph/delta.h"
#include "graph/journal.h"

#include <memory>

/// A commit as the journal keeps it and as watchers are told of it.
namespace diffo::graph {

/// The entry of a commit by whoever asks, before it says what was changed.
JournalEntry begin_entry(const Context& context, Sequence sequence, const Hash& parent);

/// The delta that an entry tells of, with all but its changes: an entry has no images.
std::shared_ptr<Delta> delta_without_changes(JournalEntry entry);

/// What names a schema's model in the journal; zeros: the program's own.
Hash model_hash(const Schema& schema);

} // namespace diffo::graph
