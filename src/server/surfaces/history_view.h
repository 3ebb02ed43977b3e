#pragma once

#include "base/cancellation.h"
#include "graph/store.h"
#include "model/api.h"

#include <diffo/result.h>

#include <cstddef>
#include <string>
#include <vector>

/// What has become of an instance, commit by commit (wire.md §9).
namespace diffo::server {

/// Which part of a history is wanted, and how it is shown.
struct HistoryRequest {
  model::Version version = model::Version::v5; ///< of the documents that the patches are between
  std::string origin{};                        ///< of the links in them: "http://host"
  graph::Sequence before = 0;                  ///< the rows behind this one; 0: from the newest on
  std::size_t limit = 100;
  Cancellation cancellation{};
};

struct HistoryPage {
  std::string rows;         ///< a JSON array, newest first
  graph::Sequence next = 0; ///< `before` of the rows behind these; 0: there are none
};

/// The one of the keys of which versions are kept, be it erased. Errors: not_found, conflict where
/// there are several.
Result<graph::Key> key_with_history(const graph::Store& store, const std::vector<graph::Key>& keys);

/// A row for each commit that changed the instance and whose entry is kept. Holds two versions at a
/// time, and ends a page early behind what is large. For threads that may wait. Errors: gone when
/// all before `before` is behind the retention; unavailable when nobody waits any more.
Result<HistoryPage> history_page(const graph::Store& store, const graph::Key& key,
                                 const HistoryRequest& request);

} // namespace diffo::server
