#pragma once

#include "graph/claims.h"

#include <cstdint>
#include <optional>
#include <vector>

/// What is free of a pool, from ranks alone.
namespace diffo::graph {

/// What a store knows of the claims of one pool's scope. A claim whose lease ran out is among them
/// until it is erased.
class HeldNumbers {
public:
  virtual ~HeldNumbers() = default;
  /// How many numbers from the first to the last have a claim.
  [[nodiscard]] virtual std::uint64_t numbers(const NumberRange& range) const = 0;
  /// How many units have one; asked where units have more than one number.
  [[nodiscard]] virtual std::uint64_t units(const NumberRange& range) const = 0;
  /// The numbers whose lease has run out by then, ascending.
  [[nodiscard]] virtual std::vector<std::int64_t> lapsed(std::int64_t now) const = 0;
};

/// The unit that a number lies in: rounded down, also below zero.
std::int64_t unit_of(std::int64_t number, std::int64_t size);

/// How many numbers or units are free. Asks for as many ranks as there are ranges and twice as many
/// as units with lapsed leases. Errors: invalid.
Result<std::uint64_t> count_free(const HeldNumbers& held, const FreeQuery& query, std::int64_t now);
/// The free number or unit with so many free ones before it; for a unit, its first number. Ranks as
/// above, and for the halving of one range. Errors: invalid.
Result<std::optional<std::int64_t>> nth_free(const HeldNumbers& held, const FreeQuery& query,
                                             std::uint64_t n, std::int64_t now);

} // namespace diffo::graph
