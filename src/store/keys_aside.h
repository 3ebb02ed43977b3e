#pragma once

#include "store/state.h"

#include <memory>
#include <optional>
#include <unordered_set>

namespace diffo::store {

/// The tree that a state would have under another schema, built beside it and brought up to later
/// states by the records that changed meanwhile, so that a schema is replaced in the time of the
/// last few changes and not of all records.
///
/// Reverse edges and the order of creation are the same under every schema; only keys of indexes
/// are made anew. Ordinals and numbers of identities must be those of the state it was built from:
/// when the store has numbered anew since, it cannot be used. Thread rule: one thread at a time.
class KeysAside {
public:
  /// Takes the time of all records.
  KeysAside(std::shared_ptr<const graph::Schema> schema, State base);

  [[nodiscard]] const std::shared_ptr<const graph::Schema>& schema() const { return schema_; }
  /// Of the state that the tree belongs to.
  [[nodiscard]] graph::Sequence sequence() const { return base_.sequence; }
  /// Brings it up to a later state of the same lineage; changed: all keys of records that differ.
  /// False when that cannot be.
  [[nodiscard]] bool advance(const State& later,
                             const std::unordered_set<graph::Key, graph::KeyHash>& changed);
  /// The tree; afterwards this is of no use.
  [[nodiscard]] KeyTree take() { return std::move(tree_); }

private:
  void build();
  std::shared_ptr<const graph::Schema> schema_; ///< becomes that of the revision
  State base_;
  KeyTree tree_;
};

/// Whether all records have the same keys under both, so that the tree stays as it is. Of an index
/// without a path the name tells it.
bool same_keys(const graph::Schema& a, const graph::Schema& b);

/// A family that the schema lacks although the state has records of it; or nothing.
std::optional<graph::Family> missing_family(const State& state, const graph::Schema& schema);

} // namespace diffo::store
