#pragma once

#include "graph/record.h"
#include "graph/schema.h"
#include "store/claim_set.h"
#include "store/identity_table.h"
#include "store/key_tree.h"
#include "store/prepared_change.h"
#include "store/radix_vector.h"
#include "store/state_keys.h"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace diffo::store {

/// How a vector of records counts them.
struct CountedRecords {
  static void retain(const graph::Record* record);
  static void release(const graph::Record* record);
};
/// Plain numbers need no counting.
struct UncountedOrdinals {
  static void retain(Ordinal) {}
  static void release(Ordinal) {}
};

/// All that a revision consists of, as a value: copies share everything. Identities are numbered
/// when first named, by a record or by an edge; records get their ordinal when created, so that the
/// order of ordinals is the order of creation even where an edge was there before its target.
/// Thread rule: a state as a plain value.
struct State {
  graph::Sequence sequence = 0;
  RadixVector<const graph::Record*, CountedRecords> records; ///< by ordinal
  RadixVector<Ordinal, UncountedOrdinals> ordinals;          ///< by identity; ordinal + 1, 0: none
  KeyTree keys;
  ClaimSet claims;
  Ordinal next_ordinal = 0;
  std::uint32_t numbering = 0; ///< how often records were numbered anew
  std::uint64_t record_count = 0;
  std::uint64_t record_bytes = 0;
  std::shared_ptr<const IdentitySlots> identities;

  [[nodiscard]] graph::RecordRef record(Ordinal ordinal) const;
  [[nodiscard]] graph::RecordRef find(const graph::KeyView& key) const;
  /// Of the record of that key, if there is one.
  [[nodiscard]] std::optional<Ordinal> ordinal_of_record(const graph::KeyView& key) const;
};

/// Changes states of one lineage, one record at a time. Thread rule: one thread.
class StateEditor {
public:
  StateEditor(const graph::Schema& schema, IdentityTable& identities)
      : schema_(&schema), identities_(identities),
        intern_([&identities](const graph::KeyView& key) { return identities.intern(key); }) {}
  /// Keys are made with this one from now on.
  void use(const graph::Schema& schema) { schema_ = &schema; }
  /// Puts the record, or erases what is there when `after` is empty, as it was prepared with this
  /// schema against what is there now.
  void apply(State& state, const graph::Key& key, graph::RecordRef after, PreparedChange& prepared);
  /// The same, prepared here; the record bears its time of creation.
  void apply(State& state, const graph::Key& key, graph::RecordRef after);
  /// The state of exactly these records, sorted by creation; much faster than applying each.
  State build(std::span<graph::RecordRef> records);
  /// Gives the records of a state new ordinals without gaps, in the same order.
  void renumber(State& state);

private:
  void sweep(const State& state);
  void build_keys(const State& state, std::vector<ReverseEdge>& edges, KeyTree::Builder& builder);
  void change_keys(State& state, KeyDifference& keys, Ordinal ordinal);
  void change_edges(State& state, const graph::Key& source, const KeyDifference& keys,
                    Ordinal ordinal);
  void insert_keys_by_creation(State& state, const graph::Record& record, Ordinal ordinal) const;
  const graph::Schema* schema_;
  IdentityTable& identities_;
  IdentityOf intern_;
};

} // namespace diffo::store
