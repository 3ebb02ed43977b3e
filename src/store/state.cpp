#include "store/state.h"

#include <algorithm>
#include <utility>

namespace diffo::store {

using graph::RecordRef;

void CountedRecords::retain(const graph::Record* record) {
  if (record == nullptr)
    return;
  // A reference is adopted only to be copied and given back: the copy's count stays.
  RecordRef borrowed = RecordRef::adopt(record);
  RecordRef counted = borrowed;
  borrowed.detach();
  counted.detach();
}

void CountedRecords::release(const graph::Record* record) {
  RecordRef::adopt(record);
}

RecordRef State::record(Ordinal ordinal) const {
  const graph::Record* record = records.get(ordinal);
  CountedRecords::retain(record);
  return RecordRef::adopt(record);
}

RecordRef State::find(const graph::KeyView& key) const {
  const auto identity = identities->find(key);
  if (!identity)
    return {};
  const Ordinal ordinal = ordinals.get(*identity);
  return ordinal == 0 ? RecordRef() : record(ordinal - 1);
}

RecordRef StateEditor::apply(State& state, const graph::Key& key, RecordRef after) {
  if (identities_.is_worth_sweeping())
    sweep(state);
  const Identity identity = identities_.intern(key);
  Ordinal ordinal = state.ordinals.get(identity);
  RecordRef before = ordinal == 0 ? RecordRef() : state.record(ordinal - 1);
  if (!before && !after)
    return {};
  if (before)
    --ordinal;
  else
    ordinal = state.next_ordinal++;
  DIFFO_ASSERT(ordinal < max_ordinal);

  before_.clear();
  after_.clear();
  if (before) {
    keys_of(schema_, *before, ordinal, intern_, before_);
    state.record_bytes -= before->memory_bytes();
    --state.record_count;
  }
  if (after) {
    keys_of(schema_, *after, ordinal, intern_, after_);
    state.record_bytes += after->memory_bytes();
    ++state.record_count;
  }
  if (!before) {
    state.ordinals.set(identity, ordinal + 1);
    identities_.retain(identity);
  } else if (!after) {
    state.ordinals.set(identity, 0);
    identities_.release(identity);
  }
  std::size_t old = 0;
  std::size_t fresh = 0;
  while (old < before_.size() || fresh < after_.size()) {
    const int order = old == before_.size()    ? 1
                      : fresh == after_.size() ? -1
                                               : before_[old].compare(after_[fresh]);
    if (order < 0) {
      const bool erased = state.keys.erase(before_[old]);
      DIFFO_ASSERT(erased);
      if (const auto target = edge_target_of(before_[old]))
        identities_.release(*target);
    } else if (order > 0) {
      const bool inserted = state.keys.insert(after_[fresh]);
      DIFFO_ASSERT(inserted);
      if (const auto target = edge_target_of(after_[fresh]))
        identities_.retain(*target);
    }
    old += order <= 0 ? 1 : 0;
    fresh += order >= 0 ? 1 : 0;
  }
  state.records.set(ordinal, after.detach());
  state.identities = identities_.slots();
  return before;
}

void StateEditor::sweep(const State& state) {
  identities_.sweep([&state](Identity identity) {
    if (state.ordinals.get(identity) != 0)
      return true;
    const std::string edges = edge_prefix(identity);
    const KeyTree::Cursor first = state.keys.seek(edges);
    return first.valid() && first.key().starts_with(edges);
  });
}

void StateEditor::renumber(State& state) {
  std::vector<RecordRef> records;
  records.reserve(state.record_count);
  for (Ordinal ordinal = 0; ordinal < state.next_ordinal; ++ordinal)
    if (RecordRef record = state.record(ordinal))
      records.push_back(std::move(record));
  identities_.forget_uses();
  State fresh = build(records);
  fresh.sequence = state.sequence;
  fresh.claims = state.claims;
  state = std::move(fresh);
}

void StateEditor::build_keys(const State& state, std::vector<ReverseEdge>& edges,
                             KeyTree::Builder& builder) {
  // One key space after the other, in the order of the tree, so that only one is held in full.
  KeyList keys;
  const auto flush = [&] {
    keys.sort_unique();
    for (std::size_t index = 0; index < keys.size(); ++index)
      builder.add(keys[index]);
    keys.clear();
  };
  for (Ordinal ordinal = 0; ordinal < state.next_ordinal; ++ordinal) {
    keys.start();
    keys.text() += creation_prefix(class_of(*state.records.get(ordinal)));
    append_u32(keys.text(), ordinal);
    keys.end();
  }
  flush();
  std::vector<const graph::IndexDefinition*> indexes;
  for (const graph::IndexDefinition& index : schema_.indexes())
    indexes.push_back(&index);
  std::sort(indexes.begin(), indexes.end(),
            [](const auto* a, const auto* b) { return a->number < b->number; });
  for (const graph::IndexDefinition* index : indexes) {
    for (Ordinal ordinal = 0; ordinal < state.next_ordinal; ++ordinal)
      if (const graph::Record& record = *state.records.get(ordinal);
          covers(*index, record.family()))
        add_index_keys(keys, *index, record, schema_.dictionary(), ordinal);
    flush();
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  std::string key;
  for (const ReverseEdge& edge : edges) {
    identities_.retain(edge.target);
    key.clear();
    append_edge_key(key, edge);
    builder.add(key);
  }
}

State StateEditor::build(std::span<RecordRef> records) {
  State state;
  std::sort(records.begin(), records.end(), [](const RecordRef& a, const RecordRef& b) {
    return a->created_at() != b->created_at() ? a->created_at() < b->created_at()
                                              : a->sequence() < b->sequence();
  });
  std::vector<ReverseEdge> edges;
  for (RecordRef& record : records) {
    const Ordinal ordinal = state.next_ordinal++;
    DIFFO_ASSERT(ordinal < max_ordinal);
    const Identity identity = identities_.intern(record->key());
    identities_.retain(identity);
    state.ordinals.set(identity, ordinal + 1);
    add_edges(schema_, *record, ordinal, intern_, edges);
    ++state.record_count;
    state.record_bytes += record->memory_bytes();
    state.records.set(ordinal, record.detach());
  }
  KeyTree::Builder builder;
  build_keys(state, edges, builder);
  state.keys = builder.finish();
  state.identities = identities_.slots();
  return state;
}

} // namespace diffo::store
