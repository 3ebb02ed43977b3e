#pragma once

#include "graph/record.h"

#include <diffo/result.h>

#include <string>
#include <string_view>

/// The table `history` (docs/formats/folder.md): each image that a later commit replaced, once,
/// under its record's key and its own sequence, newest first. Where a record was erased stands an
/// empty image under the sequence of the erasure. So the version of a record at a sequence is the
/// first entry from history_key(key, sequence) on, unless the newest, in the table `records`, is as
/// old.
namespace diffo::store {

/// What the keys of all versions of a record begin with.
std::string history_prefix(const graph::KeyView& key);
std::string history_key(const graph::KeyView& key, graph::Sequence sequence);

struct HistoryPlace {
  graph::Key key;
  graph::Sequence sequence = 0;
};
/// Errors: corrupt.
Result<HistoryPlace> history_place(std::string_view history_key);

} // namespace diffo::store
