#pragma once

#include "store/key_tree.h"

#include <atomic>
#include <span>

/// The nodes of a KeyTree; used by its .cpp files only.
namespace diffo::store {

struct KeyTree::Node {
  explicit Node(bool leaf) : is_leaf(leaf) {}
  std::atomic<std::uint32_t> references{1};
  bool is_leaf;
  std::uint16_t count = 0; ///< keys of a leaf, children of an inner node
};

/// Keys in one block: where each suffix ends, the shared prefix, the suffixes. Never changed once
/// made.
struct KeyLeaf : KeyTree::Node {
  KeyLeaf() : Node(true) {}
  std::uint16_t prefix_bytes = 0;

  [[nodiscard]] const std::uint16_t* ends() const {
    return reinterpret_cast<const std::uint16_t*>(this + 1);
  }
  [[nodiscard]] std::uint16_t* ends() { return reinterpret_cast<std::uint16_t*>(this + 1); }
  [[nodiscard]] const char* text() const { return reinterpret_cast<const char*>(ends() + count); }
  [[nodiscard]] char* text() { return reinterpret_cast<char*>(ends() + count); }
  [[nodiscard]] std::string_view prefix() const { return {text(), prefix_bytes}; }
  [[nodiscard]] std::size_t begin_of(std::size_t index) const {
    return index == 0 ? 0U : ends()[index - 1];
  }
  [[nodiscard]] std::string_view suffix(std::size_t index) const {
    const std::size_t begin = begin_of(index);
    return {text() + prefix_bytes + begin, ends()[index] - begin};
  }
  [[nodiscard]] std::size_t suffix_bytes() const { return count == 0 ? 0U : ends()[count - 1]; }
  [[nodiscard]] std::size_t total_bytes() const {
    return sizeof(KeyLeaf) + count * sizeof(std::uint16_t) + prefix_bytes + suffix_bytes();
  }
  /// The first key that is not less than `key`.
  [[nodiscard]] std::size_t lower_bound(std::string_view key) const;
  [[nodiscard]] bool has(std::size_t index, std::string_view key) const;
  void append_key(std::size_t index, std::string& out) const;
};

/// Children with the number of keys below each. `separator(i)` is greater than all keys below child
/// i - 1 and not greater than any below child i. One child more than allowed fits, to be split
/// then.
struct KeyInner : KeyTree::Node {
  KeyInner() : Node(false) {}
  static constexpr std::size_t max_children = 32;
  std::array<KeyTree::Node*, max_children + 1> child{};
  std::array<std::uint64_t, max_children + 1> below{};
  std::array<std::uint16_t, max_children + 1> ends{}; ///< of separator i, the first is empty
  std::string separators;

  [[nodiscard]] std::string_view separator(std::size_t index) const {
    const std::size_t begin = index == 0 ? 0U : ends[index - 1];
    return {separators.data() + begin, ends[index] - begin};
  }
  [[nodiscard]] std::size_t child_of(std::string_view key) const;
  [[nodiscard]] std::uint64_t total() const;
  void insert_child(std::size_t at, KeyTree::Node* node, std::uint64_t keys,
                    std::string_view before);
  void remove_child(std::size_t at);
};

inline constexpr std::size_t max_leaf_keys = 64;
inline constexpr std::size_t max_leaf_bytes = 1536;

KeyTree::Node* retain(KeyTree::Node* node);
void release(KeyTree::Node* node);
KeyLeaf* make_leaf(std::span<const std::string_view> keys);
/// The shortest text greater than `left` and not greater than `right`.
std::string_view separator_between(std::string_view left, std::string_view right);

} // namespace diffo::store
