#pragma once

#include "graph/claims.h"

#include <diffo/result.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::neo4j {

/// The claims of one pool's scope, in memory and ranked, so that what is free is found without the
/// database. A claim whose lease ran out stays until it is erased, and counts as free. Thread rule:
/// a plain value.
class PoolClaims {
public:
  /// `unit`: as the scope declares it.
  explicit PoolClaims(std::uint32_t unit) : unit_(unit == 0 ? 1 : unit) {}

  /// Takes a claim, in place of the one with its key.
  void put(const graph::Claim& claim);
  void erase(std::string_view key);
  /// The claim, also when its lease ran out; null: none. Valid until it is put or erased.
  [[nodiscard]] const graph::Claim* find(std::string_view key) const;
  [[nodiscard]] std::size_t size() const { return claims_.size(); }

  /// How many numbers or units are free. O((r + k) log n): r ranges, k claims whose lease ran out.
  /// Errors: invalid.
  [[nodiscard]] Result<std::uint64_t> count_free(const graph::FreeQuery& query,
                                                 std::int64_t now) const;
  /// The free number or unit with so many free ones before it; for a unit, its first number. Cost
  /// as above. Errors: invalid.
  [[nodiscard]] Result<std::optional<std::int64_t>>
  nth_free(const graph::FreeQuery& query, std::uint64_t n, std::int64_t now) const;

private:
  class Held;

  std::int64_t unit_;
  std::map<std::string, graph::Claim, std::less<>> claims_;
  std::vector<std::int64_t> numbers_; ///< of the claims, ascending
  std::vector<std::int64_t> units_;   ///< those that have a claim, ascending; of larger units alone
  std::set<std::pair<std::int64_t, std::int64_t>> leases_; ///< end and number
};

} // namespace diffo::neo4j
