#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace diffo {

/// Hashes texts that clients choose: SipHash-1-3 under a key that each process draws anew, so that
/// nobody can prepare texts that fall into one bucket. std::hash must not be used for such texts.
/// Any thread.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept;
};

template <typename Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;
/// Its keys look into texts that must outlive it.
template <typename Value> using TextViewMap = std::unordered_map<std::string_view, Value, TextHash>;
using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;
using TextViewSet = std::unordered_set<std::string_view, TextHash>;

} // namespace diffo
