#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace diffo::bolt {

/// A version of the Bolt protocol.
struct Version {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  auto operator<=>(const Version&) const = default;
};

/// "5.4"
inline std::string to_text(Version version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

inline constexpr Version bolt_4_4{4, 4};
inline constexpr Version bolt_5_0{5, 0};
inline constexpr Version bolt_5_1{5, 1};
inline constexpr Version bolt_5_2{5, 2};
inline constexpr Version bolt_5_3{5, 3};
inline constexpr Version bolt_5_4{5, 4};
inline constexpr Version bolt_5_6{5, 6};
inline constexpr Version bolt_5_7{5, 7};
inline constexpr Version bolt_5_8{5, 8};
inline constexpr Version bolt_6_0{6, 0};
inline constexpr Version bolt_6_1{6, 1};

/// Every version this driver speaks, newest first (neo4j.md §2.1; 5.5 was withdrawn).
inline constexpr std::array<Version, 11> supported_versions{bolt_6_1, bolt_6_0, bolt_5_8, bolt_5_7,
                                                            bolt_5_6, bolt_5_4, bolt_5_3, bolt_5_2,
                                                            bolt_5_1, bolt_5_0, bolt_4_4};

} // namespace diffo::bolt
