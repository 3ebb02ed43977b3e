#include "store/keys_aside.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace diffo::store {

KeysAside::KeysAside(std::shared_ptr<const graph::Schema> schema, State base)
    : schema_(std::move(schema)), base_(std::move(base)) {
  build();
}

void KeysAside::build() {
  KeyTree::Builder builder;
  auto cursor = base_.keys.at(0);
  for (; cursor.valid() && is_creation_key(cursor.key()); cursor.next())
    builder.add(cursor.key());
  std::vector<const graph::IndexDefinition*> indexes;
  for (const graph::IndexDefinition& index : schema_->indexes())
    indexes.push_back(&index);
  std::sort(indexes.begin(), indexes.end(),
            [](const auto* a, const auto* b) { return a->number < b->number; });
  KeyList keys;
  for (const graph::IndexDefinition* index : indexes) {
    keys.clear();
    for (Ordinal ordinal = 0; ordinal < base_.next_ordinal; ++ordinal)
      if (const graph::Record* record = base_.records.get(ordinal);
          record != nullptr && covers(*index, record->family()))
        add_index_keys(keys, *index, *record, schema_->dictionary(), ordinal);
    keys.sort_unique();
    for (std::size_t at = 0; at < keys.size(); ++at)
      builder.add(keys[at]);
  }
  for (cursor = base_.keys.seek(first_edge_key()); cursor.valid(); cursor.next())
    builder.add(cursor.key());
  tree_ = builder.finish();
}

bool KeysAside::advance(const State& later,
                        const std::unordered_set<graph::Key, graph::KeyHash>& changed) {
  if (later.numbering != base_.numbering ||
      later.identities->generation() != base_.identities->generation())
    return false;
  KeyList keys;
  const auto keys_in = [&](const State& state, const graph::Key& key) {
    const auto ordinal = state.ordinal_of_record(key);
    if (!ordinal)
      return false;
    return keys_of(
        *schema_, *state.records.get(*ordinal), *ordinal,
        [&state](const graph::KeyView& target) { return state.identities->find(target); }, keys);
  };
  for (const graph::Key& key : changed) {
    if (keys_in(base_, key))
      for (std::size_t at = 0; at < keys.size(); ++at)
        tree_.erase(keys[at]);
    if (keys_in(later, key))
      for (std::size_t at = 0; at < keys.size(); ++at)
        tree_.insert(keys[at]);
  }
  base_ = later;
  return true;
}

bool same_keys(const graph::Schema& a, const graph::Schema& b) {
  return std::is_permutation(
      a.indexes().begin(), a.indexes().end(), b.indexes().begin(), b.indexes().end(),
      [](const graph::IndexDefinition& one, const graph::IndexDefinition& other) {
        return one.number == other.number && one.name == other.name &&
               one.families == other.families && one.path == other.path &&
               one.reading == other.reading && one.by_creation == other.by_creation;
      });
}

std::optional<graph::Family> missing_family(const State& state, const graph::Schema& schema) {
  for (auto cursor = state.keys.at(0); cursor.valid() && is_creation_key(cursor.key());) {
    const graph::Family family = family_of_creation_key(cursor.key());
    if (schema.family(family) == nullptr)
      return family;
    cursor = state.keys.seek(
        after_prefix(std::string(cursor.key().substr(0, cursor.key().size() - ordinal_bytes))));
  }
  return std::nullopt;
}

} // namespace diffo::store
