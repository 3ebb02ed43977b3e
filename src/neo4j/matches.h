#pragma once

#include "graph/compiled_filter.h"
#include "graph/query.h"
#include "neo4j/paging.h"

#include <diffo/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a query finds, judged here.
namespace diffo::neo4j {

/// One match with what decides its place.
struct Match {
  graph::RecordRef record;
  std::vector<std::optional<std::string>> keys{}; ///< one for each sort key
  std::int64_t created_at = 0;
  std::string key{}; ///< key_text, by which the database orders too
};

/// The cursor that bounds the page, if any.
inline const std::optional<graph::Cursor>& bound_of(const graph::Query& query) {
  return query.backward ? query.before : query.after;
}

/// Whether it fits the order: one that was made for another bounds nothing.
inline bool is_bounded(const graph::Query& query) {
  const auto& bound = bound_of(query);
  return bound && (query.order.empty() || bound->keys.size() == query.order.size());
}

/// Whether the page needs more than its records.
inline bool needs_counts(const graph::Query& query) {
  return query.count || query.backward || query.limit == 0;
}

/// Tells what belongs to the answer, and in which order. Query and schema must outlive it. Thread
/// rule: immutable.
class Judge {
public:
  /// Errors: those of CompiledFilter.
  static Result<Judge> of(const graph::Query& query, const graph::Schema& schema);

  [[nodiscard]] bool matches(const graph::Record& record) const;
  [[nodiscard]] Match match(graph::RecordRef record) const;
  [[nodiscard]] bool comes_before(const Match& a, const Match& b) const;
  void sort(std::vector<Match>& matches) const;
  /// How many of the sorted matches come in front of the page's bound: up to the record of `after`
  /// itself, or those before the one of `before`. Without a bound none, or, backward, all.
  [[nodiscard]] std::size_t in_front(const std::vector<Match>& sorted) const;
  /// The matches among the images, in order.
  [[nodiscard]] std::vector<Match> matches_of(const Images& images) const;

private:
  Judge(const graph::Query& query, const graph::Schema& schema, graph::CompiledFilter filter);

  const graph::Query& query_;
  const graph::Schema& schema_;
  graph::CompiledFilter filter_;
  std::vector<graph::Family> families_;
  std::vector<graph::SortKeyReader> sort_keys_;
};

/// The keys of the records, ascending.
std::vector<graph::Key> keys_of(const std::vector<Match>& matches);

/// How many candidates a query may have.
std::size_t most_rows(const graph::Query& query, std::size_t most_candidates);

} // namespace diffo::neo4j
