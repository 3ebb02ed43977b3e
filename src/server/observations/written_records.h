#pragma once

#include "base/text_hash.h"
#include "graph/compiled_filter.h"
#include "graph/field_reader.h"
#include "graph/record.h"
#include "graph/schema.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace diffo::server {

/// The records that the items of a batch have made so far, found by what later items name them by
/// without looking at each.
///
/// Invariant: of each attribute or index that was asked for, `by_text` has every text or key that a
/// record has, and those that it had in earlier forms: what it finds is looked at.
///
/// Thread rule: one thread; the schema outlives it, or what is in it (clear()).
class WrittenRecords {
public:
  void clear();
  void put(const graph::Key& key, graph::RecordRef record);
  /// Empty when there is none.
  [[nodiscard]] graph::RecordRef find(const graph::KeyView& key) const;
  /// The keys of those that meet a filter, whose first condition demands one text of an attribute
  /// or one key of an index.
  std::vector<graph::Key> meeting(const graph::Filter& filter,
                                  const graph::CompiledFilter& compiled,
                                  const graph::Schema& schema);
  [[nodiscard]] const std::map<graph::Key, graph::RecordRef>& all() const { return records_; }

private:
  struct Probe {
    std::optional<graph::FieldReader> reader;
    const graph::IndexDefinition* index = nullptr; ///< instead of a reader
    TextMap<std::vector<graph::Key>> by_text;
  };
  Probe& probe_for(const graph::Filter& demanded, const graph::Schema& schema);
  void note(Probe& probe, const graph::Record& record) const;

  const graph::Schema* schema_ = nullptr; ///< of the probes
  std::map<graph::Key, graph::RecordRef> records_;
  std::map<std::string, Probe> probes_;
};

} // namespace diffo::server
