#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace diffo::store {

/// A persistent vector over dense 32-bit numbers; every item that was never set is `Item{}`. A copy
/// shares everything with its original; a change copies only the chunks that somebody else holds
/// too. `Items` says how items are counted: `static void retain(Item)` and `release(Item)`. Reading
/// and changing take a few steps (log64 n). Thread rule: a vector as a plain value; chunks may be
/// shared by vectors of different threads.
template <typename Item, typename Items> class RadixVector {
  static_assert(std::is_trivially_copyable_v<Item>);
  static constexpr unsigned leaf_bits = 5;
  static constexpr unsigned inner_bits = 6;
  static constexpr std::size_t leaf_items = std::size_t{1} << leaf_bits;
  static constexpr std::size_t inner_children = std::size_t{1} << inner_bits;

  struct Node {
    std::atomic<std::uint32_t> references{1};
  };
  struct Leaf : Node {
    std::array<Item, leaf_items> items{};
  };
  struct Inner : Node {
    std::array<Node*, inner_children> children{};
  };

public:
  RadixVector() = default;
  RadixVector(const RadixVector& other) noexcept : root_(other.root_), height_(other.height_) {
    if (root_ != nullptr)
      root_->references.fetch_add(1, std::memory_order_relaxed);
  }
  RadixVector(RadixVector&& other) noexcept
      : root_(std::exchange(other.root_, nullptr)), height_(std::exchange(other.height_, 0)) {}
  RadixVector& operator=(RadixVector other) noexcept {
    std::swap(root_, other.root_);
    std::swap(height_, other.height_);
    return *this;
  }
  ~RadixVector() { release(root_, height_); }

  [[nodiscard]] Item get(std::uint32_t number) const {
    if (root_ == nullptr || number >= capacity())
      return Item{};
    const Node* node = root_;
    for (unsigned level = height_; level > 0; --level) {
      node = static_cast<const Inner*>(node)->children[slot_of(number, level)];
      if (node == nullptr)
        return Item{};
    }
    return static_cast<const Leaf*>(node)->items[number % leaf_items];
  }

  /// Sets the item; the vector takes over one count of it and releases that of the former item.
  /// What holds nothing but `Item{}` any more takes no memory.
  void set(std::uint32_t number, Item item) {
    if (item == Item{}) {
      if (get(number) != Item{} && erase_below(root_, height_, number))
        height_ = 0;
      return;
    }
    if (root_ == nullptr)
      root_ = new Leaf();
    while (number >= capacity()) {
      auto* higher = new Inner();
      higher->children[0] = root_;
      root_ = higher;
      ++height_;
    }
    Node** slot = &root_;
    for (unsigned level = height_; level > 0; --level) {
      Inner* inner = own<Inner>(*slot, level);
      slot = &inner->children[slot_of(number, level)];
      if (*slot == nullptr)
        *slot = level == 1 ? static_cast<Node*>(new Leaf()) : new Inner();
    }
    Leaf* leaf = own<Leaf>(*slot, 0);
    Items::release(std::exchange(leaf->items[number % leaf_items], item));
  }

private:
  [[nodiscard]] std::uint64_t capacity() const {
    return std::uint64_t{1} << (leaf_bits + inner_bits * height_);
  }
  static std::size_t slot_of(std::uint32_t number, unsigned level) {
    return (std::uint64_t{number} >> (leaf_bits + inner_bits * (level - 1))) % inner_children;
  }

  template <typename Kind> static Kind* own(Node*& slot, unsigned level) {
    if (slot->references.load(std::memory_order_acquire) == 1)
      return static_cast<Kind*>(slot);
    auto* copy = new Kind();
    if constexpr (std::is_same_v<Kind, Leaf>) {
      copy->items = static_cast<Leaf*>(slot)->items;
      for (const Item item : copy->items)
        Items::retain(item);
    } else {
      copy->children = static_cast<Inner*>(slot)->children;
      for (Node* child : copy->children)
        if (child != nullptr)
          child->references.fetch_add(1, std::memory_order_relaxed);
    }
    release(slot, level);
    slot = copy;
    return copy;
  }

  /// Erases an item that is there; true when nothing is left below, and then the node is gone.
  static bool erase_below(Node*& slot, unsigned level, std::uint32_t number) {
    if (level == 0) {
      Leaf* leaf = own<Leaf>(slot, 0);
      Items::release(std::exchange(leaf->items[number % leaf_items], Item{}));
      for (const Item item : leaf->items)
        if (item != Item{})
          return false;
    } else {
      Inner* inner = own<Inner>(slot, level);
      if (!erase_below(inner->children[slot_of(number, level)], level - 1, number))
        return false;
      for (const Node* child : inner->children)
        if (child != nullptr)
          return false;
    }
    release(std::exchange(slot, nullptr), level);
    return true;
  }

  static void release(Node* node, unsigned level) {
    if (node == nullptr || node->references.fetch_sub(1, std::memory_order_acq_rel) != 1)
      return;
    if (level == 0) {
      auto* leaf = static_cast<Leaf*>(node);
      for (const Item item : leaf->items)
        Items::release(item);
      delete leaf;
      return;
    }
    auto* inner = static_cast<Inner*>(node);
    for (Node* child : inner->children)
      release(child, level - 1);
    delete inner;
  }

  Node* root_ = nullptr;
  unsigned height_ = 0;
};

} // namespace diffo::store
