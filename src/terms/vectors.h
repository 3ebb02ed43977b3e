#pragma once

#include <diffo/difference.h>
#include <diffo/json.h>

#include <cstddef>
#include <iosfwd>
#include <string_view>

namespace diffo::terms {

/// The clock of a run of vectors unless another is given: fixed, and far from midnight, so that the
/// verdict on a vector never depends on when it is run.
inline constexpr Timestamp vectors_clock{1'794'756'600'000'000}; // 2026-11-15T15:30:00Z

/// What a file of vectors came to.
struct VectorCounts {
  std::size_t passed = 0;
  std::size_t failed = 0;
};

/// Reads a value in the notation of outstanding.md §1.2. `form` says what records are to be: full
/// (missing fields take their defaults, as in an expectation or an actual) or sparse (as in a
/// residue). An error names its place.
Result<Term> term_from_json(const json::Value& value, Timestamp now, const Rules& rules,
                            RecordForm form);

/// Writes a term in the same notation. Full records and sparse ones both list the fields they have.
/// Fails with too_large for a term nested deeper than Comparison::max_depth.
Result<json::Value> term_to_json(const Term& term);

/// Runs every vector of a JSON text in the notation of outstanding.md §1: the operation and, for
/// the core operation, the predicate. Names each failure with what was expected and what came, then
/// writes `N passed, M failed`. Fails only when the text is no list of vectors.
Result<VectorCounts> run_vectors(std::string_view text, std::ostream& out,
                                 Timestamp now = vectors_clock);

} // namespace diffo::terms
