#pragma once

#include "graph/compiled_filter.h"
#include "graph/field_reader.h"
#include "graph/footprint.h"

#include <map>
#include <string_view>
#include <vector>

namespace diffo::graph {

/// What a footprint rests on, ready to be held against changes: whether what was concluded from it
/// may be concluded otherwise now. Never misses a change that matters; a change of a record that
/// was read whole always counts, and so does any record of a range that only a function decides,
/// for functions are not run here. Pure. Thread rule: immutable; the schema must outlive it.
class Conflicts {
public:
  /// Errors: those of CompiledFilter.
  static Result<Conflicts> of(const Footprint& footprint, const Schema& schema);

  /// One record put or erased; empty where it was not there before, or is not afterwards.
  [[nodiscard]] bool meets(const KeyView& key, const RecordRef& before,
                           const RecordRef& after) const;
  /// A claim taken or released.
  [[nodiscard]] bool meets_claim(std::string_view scope, std::string_view key) const;

private:
  struct Range {
    Tenant tenant = 0;
    std::vector<Family> families;
    Which which = Which::actual;
    std::optional<CompiledFilter> filter; ///< nothing: a function decides
    [[nodiscard]] bool has(const RecordRef& record) const;
  };

  explicit Conflicts(const Schema& schema) : schema_(&schema) {}
  [[nodiscard]] bool meets_fields(const KeyView& key, const RecordRef& before,
                                  const RecordRef& after) const;
  [[nodiscard]] bool meets_referrers(const RecordRef& before, const RecordRef& after) const;

  const Schema* schema_;
  std::map<Key, std::vector<FieldReader>, std::less<>> records_; ///< no fields: the whole record
  std::map<Key, std::vector<std::vector<ElementKind>>, std::less<>> referrers_;
  std::vector<Range> ranges_;
  std::vector<ClaimName> claims_; ///< without a key: the whole scope
};

} // namespace diffo::graph
