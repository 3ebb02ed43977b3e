#include "store/keys_aside.h"

#include <algorithm>
#include <utility>

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

bool KeysAside::advance(const State& later, std::vector<graph::Key> changed) {
  if (later.numbering != base_.numbering ||
      later.identities->generation() != base_.identities->generation())
    return false;
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
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
