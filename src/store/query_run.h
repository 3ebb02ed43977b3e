#pragma once

#include "graph/query.h"
#include "store/state.h"

#include <diffo/result.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace diffo::store {

/// Part of the tree whose keys end with the ordinals of what a condition allows.
struct TreeRange {
  std::string low;
  std::string high; ///< not included
};

/// What one condition (or the classes asked for) allows, as ranges of the tree.
struct Source {
  std::vector<TreeRange> ranges;
  std::uint64_t count = 0;  ///< keys in the ranges; records may have several
  bool distinct = false;    ///< no record has two keys in the ranges
  bool by_creation = false; ///< its keys come in the order of creation
  /// Whether a record is allowed; asked where collecting the ranges would cost more.
  std::function<bool(const graph::Record&)> allows;
};

/// Answers one query on one state: the most selective condition gives the candidates, the others
/// and the predicate thin them out; counts and pages come from ranks wherever one condition or one
/// index decides alone. Thread rule: one thread, one use.
class QueryRun {
public:
  QueryRun(const State& state, const graph::Schema& schema, std::uint64_t max_visited,
           const graph::Query& query)
      : state_(state), schema_(schema), left_(max_visited), query_(query) {}
  Result<graph::Page> run();

private:
  [[nodiscard]] std::vector<RecordClass> classes() const;
  [[nodiscard]] Source everything() const;
  Result<Source> source_of(const graph::IndexCondition& condition) const;
  [[nodiscard]] Source source_of(const graph::EdgeCondition& condition) const;
  void count(Source& source) const;
  Result<void> collect_sources();
  [[nodiscard]] bool source_decides() const;
  [[nodiscard]] graph::Page page_by_creation(const Source& source) const;
  [[nodiscard]] std::optional<graph::Page> page_by_index() const;
  Result<std::vector<Ordinal>> collect(const Source& source);
  Result<std::vector<Ordinal>> candidates();
  Result<graph::Page> page_of(std::vector<Ordinal> matches);
  Result<void> sort_page(std::vector<Ordinal>& matches);
  Result<void> spend(std::uint64_t steps);

  const State& state_;
  const graph::Schema& schema_;
  std::uint64_t left_;
  const graph::Query& query_;
  std::vector<Source> sources_; ///< of the conditions, the most selective first
};

/// The key of a record for a sort order.
std::optional<std::string> sort_key_of(const graph::SortKey& order, const graph::Record& record,
                                       const graph::Schema& schema);

} // namespace diffo::store
