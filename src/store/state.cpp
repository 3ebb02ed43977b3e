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

std::optional<Ordinal> State::ordinal_of_record(const graph::KeyView& key) const {
  const auto identity = identities->find(key);
  const Ordinal ordinal = identity ? ordinals.get(*identity) : 0;
  return ordinal == 0 ? std::nullopt : std::optional(ordinal - 1);
}

RecordRef State::find(const graph::KeyView& key) const {
  const auto ordinal = ordinal_of_record(key);
  return ordinal ? record(*ordinal) : RecordRef();
}

void StateEditor::apply(State& state, const graph::Key& key, RecordRef after) {
  PreparedChange prepared;
  prepared.before = state.find(key);
  prepared.keys = difference_of(*schema_, prepared.before.get(), after.get(), Creation::known);
  apply(state, key, std::move(after), prepared);
}

void StateEditor::apply(State& state, const graph::Key& key, RecordRef after,
                        PreparedChange& prepared) {
  if (identities_.is_worth_sweeping())
    sweep(state);
  const RecordRef& before = prepared.before;
  if (!before && !after)
    return;
  const Identity identity = identities_.intern(key);
  Ordinal ordinal = state.ordinals.get(identity);
  DIFFO_ASSERT((ordinal != 0) == static_cast<bool>(before));
  if (before)
    --ordinal;
  else
    ordinal = state.next_ordinal++;
  DIFFO_ASSERT(ordinal < max_ordinal);

  if (before) {
    state.record_bytes -= before->memory_bytes();
    --state.record_count;
  }
  if (after) {
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
  change_keys(state, prepared.keys, ordinal);
  if (after && prepared.creation == Creation::open)
    insert_keys_by_creation(state, *after, ordinal);
  change_edges(state, key, prepared.keys, ordinal);
  state.records.set(ordinal, after.detach());
  state.identities = identities_.slots();
}

void StateEditor::change_keys(State& state, KeyDifference& keys, Ordinal ordinal) {
  for (std::size_t index = 0; index < keys.erased.size(); ++index) {
    const bool erased = state.keys.erase(keys.erased.with_ordinal(index, ordinal));
    DIFFO_ASSERT(erased);
  }
  for (std::size_t index = 0; index < keys.inserted.size(); ++index) {
    const bool inserted = state.keys.insert(keys.inserted.with_ordinal(index, ordinal));
    DIFFO_ASSERT(inserted);
  }
}

void StateEditor::insert_keys_by_creation(State& state, const graph::Record& record,
                                          Ordinal ordinal) const {
  KeyList keys;
  for (const graph::IndexDefinition& index : schema_->indexes())
    if (index.by_creation && covers(index, record.family()))
      add_index_keys(keys, index, record, schema_->dictionary(), ordinal);
  keys.sort_unique();
  for (std::size_t index = 0; index < keys.size(); ++index) {
    const bool inserted = state.keys.insert(keys[index]);
    DIFFO_ASSERT(inserted);
  }
}

void StateEditor::change_edges(State& state, const graph::Key& source, const KeyDifference& keys,
                               Ordinal ordinal) {
  std::string key;
  const auto spell = [&](const EdgeName& edge) {
    const Identity target = identities_.intern({source.tenant, edge.target_family, edge.target});
    key.clear();
    append_edge_key(key, {.target = target,
                          .kind = edge.kind,
                          .family = edge.source_family,
                          .which = edge.which,
                          .source = ordinal});
    return target;
  };
  for (const EdgeName& edge : keys.cut) {
    const Identity target = spell(edge);
    const bool erased = state.keys.erase(key);
    DIFFO_ASSERT(erased);
    identities_.release(target);
  }
  for (const EdgeName& edge : keys.tied) {
    const Identity target = spell(edge);
    const bool inserted = state.keys.insert(key);
    DIFFO_ASSERT(inserted);
    identities_.retain(target);
  }
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
  fresh.numbering = state.numbering + 1;
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
  for (Ordinal ordinal = 0; ordinal < state.next_ordinal; ++ordinal)
    add_creation_key(keys, *state.records.get(ordinal), ordinal);
  flush();
  std::vector<const graph::IndexDefinition*> indexes;
  for (const graph::IndexDefinition& index : schema_->indexes())
    indexes.push_back(&index);
  std::sort(indexes.begin(), indexes.end(),
            [](const auto* a, const auto* b) { return a->number < b->number; });
  for (const graph::IndexDefinition* index : indexes) {
    for (Ordinal ordinal = 0; ordinal < state.next_ordinal; ++ordinal)
      if (const graph::Record& record = *state.records.get(ordinal);
          covers(*index, record.family()))
        add_index_keys(keys, *index, record, schema_->dictionary(), ordinal);
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
                                              : a->key() < b->key();
  });
  std::vector<ReverseEdge> edges;
  for (RecordRef& record : records) {
    const Ordinal ordinal = state.next_ordinal++;
    DIFFO_ASSERT(ordinal < max_ordinal);
    const Identity identity = identities_.intern(record->key());
    identities_.retain(identity);
    state.ordinals.set(identity, ordinal + 1);
    add_edges(*schema_, *record, ordinal, intern_, edges);
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
