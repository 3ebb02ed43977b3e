#pragma once

#include <cstdint>
#include <string>

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

} // namespace diffo::graph
