#include "store/prepared_change.h"

#include "store/recent_changes.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace diffo::store {
namespace {

// What most records have.
constexpr std::size_t usual_keys = 16;
constexpr std::size_t usual_key_bytes = 1024;

/// All keys of a record but those of its edges, with 0 for its ordinal.
KeyList own_keys(const graph::Schema& schema, const graph::Record* record, Creation creation) {
  KeyList keys;
  if (record == nullptr)
    return keys;
  keys.reserve(usual_key_bytes, usual_keys);
  add_creation_key(keys, *record, 0);
  for (const graph::IndexDefinition& index : schema.indexes())
    if (covers(index, record->family()) && !(index.by_creation && creation == Creation::open))
      add_index_keys(keys, index, *record, schema.dictionary(), 0);
  keys.sort_unique();
  return keys;
}

std::vector<EdgeName> edges_of(const graph::Schema& schema, const graph::Record* record) {
  std::vector<EdgeName> edges;
  if (record == nullptr)
    return edges;
  graph::for_each_edge(record->root(schema.dictionary()), [&](const graph::ElementView& edge) {
    edges.push_back({.kind = edge.kind(),
                     .target_family = edge.target_family(),
                     .source_family = record->family(),
                     .which = record->which(),
                     .target = edge.target_id().text()});
  });
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

void split_keys(const KeyList& before, KeyList after, KeyDifference& difference) {
  if (before.size() == 0) {
    difference.inserted = std::move(after);
    return;
  }
  std::size_t old = 0;
  std::size_t fresh = 0;
  while (old < before.size() || fresh < after.size()) {
    const int order = old == before.size()    ? 1
                      : fresh == after.size() ? -1
                                              : before[old].compare(after[fresh]);
    if (order < 0)
      difference.erased.add(before[old]);
    else if (order > 0)
      difference.inserted.add(after[fresh]);
    old += order <= 0 ? 1 : 0;
    fresh += order >= 0 ? 1 : 0;
  }
}

} // namespace

KeyDifference difference_of(const graph::Schema& schema, const graph::Record* before,
                            const graph::Record* after, Creation creation) {
  KeyDifference difference;
  split_keys(own_keys(schema, before, Creation::known), own_keys(schema, after, creation),
             difference);
  const std::vector<EdgeName> old = edges_of(schema, before);
  std::vector<EdgeName> fresh = edges_of(schema, after);
  if (old.empty()) {
    difference.tied = std::move(fresh);
    return difference;
  }
  std::set_difference(old.begin(), old.end(), fresh.begin(), fresh.end(),
                      std::back_inserter(difference.cut));
  std::set_difference(fresh.begin(), fresh.end(), old.begin(), old.end(),
                      std::back_inserter(difference.tied));
  return difference;
}

PreparedChange prepare(const graph::Schema& schema, graph::RecordRef before, graph::Change& change,
                       Times times) {
  PreparedChange prepared;
  prepared.is_made = true;
  prepared.before = std::move(before);
  const graph::Record* replaced = prepared.before.get();
  if (change.after && times == Times::brought) {
    graph::stamp(change.after, 0, change.after->created_at(), change.after->updated_at());
    prepared.body = graph::body_hash(*change.after);
  } else if (change.after) {
    prepared.creation = replaced != nullptr ? Creation::known : Creation::open;
    // Keys may depend on the time of creation; this copies a record that the rule still holds.
    graph::stamp(change.after, 0, replaced != nullptr ? replaced->created_at() : 0, 0);
    prepared.body = graph::body_hash(*change.after);
  }
  prepared.keys = difference_of(schema, replaced, change.after.get(), prepared.creation);
  for (const auto* edges : {&prepared.keys.cut, &prepared.keys.tied})
    for (const EdgeName& edge : *edges)
      RecentChanges::note_target({change.key.tenant, edge.target_family, edge.target}, edge.kind,
                                 prepared.touched);
  return prepared;
}

} // namespace diffo::store
