#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::store {

/// An ordered set of byte strings as a persistent B+tree. A copy shares everything with its
/// original and costs one counter; a change copies only the nodes that somebody else holds too, so
/// a tree nobody shares is changed in place. Every inner node knows how many keys are below each
/// child, so ranks, counts of ranges and jumps to a rank take O(log n). Leaves drop the prefix that
/// all their keys share and are allocated to size. Thread rule: a tree as a plain value; nodes may
/// be shared by trees of different threads.
class KeyTree {
public:
  struct Node;
  class Cursor;
  class Builder;
  static constexpr std::size_t max_key_bytes = 512;

  KeyTree() = default;
  KeyTree(const KeyTree& other) noexcept;
  KeyTree(KeyTree&& other) noexcept : root_(other.root_), size_(other.size_) {
    other.root_ = nullptr;
    other.size_ = 0;
  }
  KeyTree& operator=(KeyTree other) noexcept;
  ~KeyTree();

  /// False when the key is there already.
  bool insert(std::string_view key);
  /// False when there is no such key.
  bool erase(std::string_view key);
  [[nodiscard]] bool contains(std::string_view key) const;
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// How many keys are less than this one.
  [[nodiscard]] std::uint64_t rank(std::string_view key) const;
  /// The first key that is not less; invalid when there is none. The tree must outlive the cursor.
  [[nodiscard]] Cursor seek(std::string_view key) const;
  /// The key with so many before it; invalid when there are not so many.
  [[nodiscard]] Cursor at(std::uint64_t rank) const;
  /// Roughly what the tree occupies, from a sample of its leaves.
  [[nodiscard]] std::uint64_t estimated_bytes() const;

private:
  friend class Builder;
  Node* root_ = nullptr;
  std::uint64_t size_ = 0;
};

/// A place in a tree. Thread rule: one thread.
class KeyTree::Cursor {
public:
  [[nodiscard]] bool valid() const { return leaf_ != nullptr; }
  /// The key; valid until the cursor moves.
  [[nodiscard]] std::string_view key() const { return key_; }
  void next();
  void previous();

private:
  friend class KeyTree;
  struct Step {
    const Node* inner = nullptr;
    std::uint32_t child = 0;
  };
  void load();
  void descend(const Node* node, bool to_first);
  static constexpr std::size_t max_depth = 16;
  std::array<Step, max_depth> path_{};
  std::size_t depth_ = 0;
  const Node* leaf_ = nullptr;
  std::uint32_t index_ = 0;
  std::string key_;
};

/// Builds a tree from keys that come in ascending order; equal ones are taken once. Thread rule:
/// one thread.
class KeyTree::Builder {
public:
  Builder() = default;
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;
  ~Builder();
  void add(std::string_view key);
  [[nodiscard]] KeyTree finish();

private:
  struct Built {
    Node* node;
    std::uint64_t count;
    std::string separator; ///< not greater than its first key, greater than all before
  };
  void flush();
  static std::vector<Built> build_level(std::vector<Built>& below);
  std::string bytes_;
  std::vector<std::uint32_t> ends_;
  std::string last_of_previous_;
  std::vector<Built> leaves_;
};

} // namespace diffo::store
