#pragma once

#include "base/cancellation.h"
#include "base/time.h"
#include "graph/compiled_filter.h"
#include "graph/key_ranges.h"
#include "graph/query.h"
#include "store/state.h"

#include <diffo/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diffo::store {

/// Part of the tree whose keys end with the ordinals of what a condition allows.
struct TreeRange {
  std::string low;
  std::string high; ///< not included
};

/// What a part of the filter (or the classes asked for) allows, as ranges of the tree.
struct Source {
  std::vector<TreeRange> ranges;
  std::uint64_t count = 0;             ///< keys in the ranges; records may have several
  bool distinct = false;               ///< no record has two keys in the ranges
  bool by_creation = false;            ///< its keys come in the order of creation
  bool exact = false;                  ///< what it allows need not be asked of the records again
  const graph::Filter* part = nullptr; ///< of which conjunct
};

/// How long one query may take, and who may end it.
struct QueryBudget {
  std::uint64_t max_visited = 50'000'000; ///< keys and records
  const Clock* clock = nullptr;           ///< none: no bound on time
  std::int64_t max_microseconds = 0;
  Cancellation cancellation;
};

/// Answers one query on one state: the conjunct of the filter that an index or the edges answer
/// with the fewest keys gives the candidates, other such conjuncts thin them out, and the rest of
/// the filter is asked of the records; counts and pages come from ranks wherever one conjunct or
/// one index decides alone. Thread rule: one thread, one use.
class QueryRun {
public:
  QueryRun(const State& state, const graph::Schema& schema, QueryBudget budget,
           const graph::Query& query);
  /// Errors: those of CompiledFilter; too_large beyond the budget; unavailable when cancelled.
  Result<graph::Page> run();

private:
  [[nodiscard]] std::vector<RecordClass> classes() const;
  [[nodiscard]] Source everything() const;
  [[nodiscard]] std::optional<Source> source_of(const graph::Filter& filter) const;
  [[nodiscard]] std::optional<Source> comparison_source(const graph::Filter& filter) const;
  [[nodiscard]] Source index_source(const graph::IndexDefinition& index,
                                    const std::vector<graph::KeyRange>& ranges) const;
  [[nodiscard]] std::optional<Source> id_source(const graph::Filter& filter) const;
  [[nodiscard]] Source edge_source(const graph::Filter& filter) const;
  [[nodiscard]] std::optional<Source> union_source(const graph::Filter& filter) const;
  [[nodiscard]] std::optional<std::vector<Ordinal>> by_id(const graph::Filter& filter) const;
  void count(Source& source) const;
  void collect_sources();
  [[nodiscard]] bool source_decides() const;
  [[nodiscard]] graph::Page page_by_creation(const Source& source) const;
  [[nodiscard]] graph::Page page_of_classes(const Source& source) const;
  [[nodiscard]] std::optional<graph::Page> page_by_index() const;
  [[nodiscard]] graph::Page page_that_goes_on(graph::Page page, std::uint64_t taken) const;
  Result<std::vector<Ordinal>> collect(const Source& source);
  Result<std::vector<Ordinal>> candidates();
  Result<void> ask_records(std::vector<Ordinal>& matches,
                           const std::vector<graph::CompiledFilter>& filters);
  Result<graph::Page> page_of(std::vector<Ordinal> matches);
  Result<void> sort_page(std::vector<Ordinal>& matches, std::uint64_t& begin, std::uint64_t& end);
  [[nodiscard]] std::vector<std::optional<std::string>> keys_of(Ordinal ordinal) const;
  /// Whether what begins at a cursor begins with its record or behind it.
  enum class At : std::uint8_t { itself, behind };
  /// The least ordinal of what was created there.
  [[nodiscard]] Ordinal first_from(const graph::Cursor& cursor, At at) const;
  [[nodiscard]] graph::Cursor cursor_behind(const graph::Record& record) const;
  Result<void> spend(std::uint64_t steps);
  Result<void> step();

  const State& state_;
  const graph::Schema& schema_;
  QueryBudget budget_;
  const graph::Query& query_;
  std::vector<Source> sources_;                   ///< the most selective first
  std::optional<std::vector<Ordinal>> looked_up_; ///< when ids were asked for
  std::vector<const graph::Filter*> asked_;       ///< conjuncts that no source answers
  std::vector<graph::SortKeyReader> sort_keys_;
  std::int64_t until_ = 0;
  std::uint64_t steps_ = 0;
};

} // namespace diffo::store
