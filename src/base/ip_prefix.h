#pragma once

#include <diffo/result.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diffo {

/// An IPv4 or IPv6 address with the number of bits of it that count (RFC 4632, RFC 4291 §2.3). A
/// plain value.
struct IpPrefix {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{}; ///< of IPv4 the first four
  int length = 0;

  [[nodiscard]] int bits() const { return v6 ? 128 : 32; }
  /// Reads `10.0.0.0/8`, `2001:db8::/32`, and addresses alone. Errors: malformed; invalid for bits
  /// behind the prefix.
  static Result<IpPrefix> parse(std::string_view text);
  /// With its length, also that of an address alone.
  [[nodiscard]] std::string text() const;
  /// Prefixes of that length in this one, where they can be numbered; nothing when the length is
  /// shorter than ours, or they are more than 2^62.
  [[nodiscard]] std::optional<std::int64_t> count_of(int inner_length) const;
  /// The one with that number; it is below count_of().
  [[nodiscard]] IpPrefix inner(int inner_length, std::int64_t number) const;
  /// The number of a prefix within this one; nothing for what does not lie within.
  [[nodiscard]] std::optional<std::int64_t> number_of(const IpPrefix& inner) const;
  /// Whether all addresses of the other one are in this one.
  [[nodiscard]] bool contains(const IpPrefix& inner) const;
  friend bool operator==(const IpPrefix&, const IpPrefix&) = default;
};

} // namespace diffo
