#pragma once

#include "graph/journal.h"
#include "graph/store.h"

#include <diffo/json.h>

namespace diffo::server {

/// A journal entry for people and programs: the JSON that `/diffo/v1/journal` and `diffo journal`
/// show. After-images are read at the entry's sequence and are TMF
/// documents (v5) where the family has them. For threads that may wait.
json::Value journal_view(const graph::JournalEntry& entry, graph::Store& store);

} // namespace diffo::server
