#pragma once

#include <diffo/result.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::graph {

/// A held right to a key in a scope: a pool value, a unique name. Global across branches.
struct Claim {
  std::string scope;
  std::string key;
  std::string holder;
  std::string branch = "main";
  std::int64_t lease_until = 0; ///< microseconds since 1970; 0: until released
  friend bool operator==(const Claim&, const Claim&) = default;
};

/// What names a claim.
struct ClaimName {
  std::string scope;
  std::string key;
  friend bool operator==(const ClaimName&, const ClaimName&) = default;
  friend auto operator<=>(const ClaimName&, const ClaimName&) = default;
};

/// Whether the claim is in force at that time: a lease that ran out counts as released.
[[nodiscard]] bool holds(const Claim& claim, std::int64_t now);

/// The scope of a pool's values. Keys in such a scope are numbers, and the store keeps them ordered
/// and ranked. A pool that hands out units of several numbers declares their size here: a unit of
/// size s holds s·n to s·n + s − 1.
std::string pool_scope(std::string_view pool, std::uint32_t unit = 1);
/// What a pool's scope declares; nothing for other scopes.
std::optional<std::uint32_t> unit_of_scope(std::string_view scope);

/// The number that a key is: decimal digits, a minus before them if need be, no leading zeros, at
/// most largest_number from zero.
std::optional<std::int64_t> number_of_key(std::string_view key);
inline constexpr std::int64_t largest_number = std::int64_t{1} << 62;

/// From `first` to `last`, both included.
struct NumberRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  friend bool operator==(const NumberRange&, const NumberRange&) = default;
};

/// What of a pool may be handed out: numbers, or whole units, within the ranges and outside of the
/// exclusions.
struct FreeQuery {
  enum class Of : std::uint8_t { numbers, units };
  std::string scope;
  std::vector<NumberRange> ranges = {}; ///< in any order; what several contain counts once
  std::vector<NumberRange> except = {};
  Of of = Of::numbers;
  friend bool operator==(const FreeQuery&, const FreeQuery&) = default;
};

/// The ranges in ascending order without the exclusions, neighbours joined. Errors: invalid, for a
/// range that ends before it begins or leaves what numbers may be.
Result<std::vector<NumberRange>> allowed_ranges(const FreeQuery& query);

} // namespace diffo::graph
