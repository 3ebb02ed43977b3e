#include "store/key_tree.h"

#include "store/key_node.h"

#include <diffo/result.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace diffo::store {
namespace {

using Node = KeyTree::Node;

const KeyLeaf* as_leaf(const Node* node) {
  return static_cast<const KeyLeaf*>(node);
}
const KeyInner* as_inner(const Node* node) {
  return static_cast<const KeyInner*>(node);
}

/// What an insertion did below: whether the key is new, and the right half when a node was split.
struct Grown {
  bool inserted = false;
  Node* right = nullptr;
  std::string separator;
};

bool is_too_large(const KeyLeaf& leaf) {
  return leaf.count > 1 && (leaf.count > max_leaf_keys || leaf.total_bytes() > max_leaf_bytes);
}

/// All keys of a leaf, spelled out.
class Spelled {
public:
  void add(std::string_view key) {
    bytes_ += key;
    ends_.push_back(bytes_.size());
  }
  void add(const KeyLeaf& leaf, std::size_t from, std::size_t to) {
    for (std::size_t index = from; index < to; ++index) {
      leaf.append_key(index, bytes_);
      ends_.push_back(bytes_.size());
    }
  }
  [[nodiscard]] std::vector<std::string_view> keys() const {
    std::vector<std::string_view> views;
    views.reserve(ends_.size());
    std::size_t begin = 0;
    for (const std::size_t end : ends_) {
      views.push_back(std::string_view(bytes_).substr(begin, end - begin));
      begin = end;
    }
    return views;
  }

private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

/// The leaf with one more key that shares its prefix.
KeyLeaf* with_key(const KeyLeaf& old, std::size_t at, std::string_view key) {
  const std::string_view added = key.substr(old.prefix_bytes);
  void* memory = ::operator new(old.total_bytes() + sizeof(std::uint16_t) + added.size());
  auto* leaf = new (memory) KeyLeaf();
  leaf->count = static_cast<std::uint16_t>(old.count + 1);
  leaf->prefix_bytes = old.prefix_bytes;
  const std::size_t before = old.begin_of(at);
  std::memcpy(leaf->ends(), old.ends(), at * sizeof(std::uint16_t));
  leaf->ends()[at] = static_cast<std::uint16_t>(before + added.size());
  for (std::size_t index = at; index < old.count; ++index)
    leaf->ends()[index + 1] = static_cast<std::uint16_t>(old.ends()[index] + added.size());
  char* out = leaf->text();
  std::memcpy(out, old.text(), old.prefix_bytes + before);
  out += old.prefix_bytes + before;
  added.copy(out, added.size());
  std::memcpy(out + added.size(), old.text() + old.prefix_bytes + before,
              old.suffix_bytes() - before);
  return leaf;
}

/// The leaf without one of its keys.
KeyLeaf* without_key(const KeyLeaf& old, std::size_t at) {
  const std::size_t begin = old.begin_of(at);
  const std::size_t removed = old.ends()[at] - begin;
  void* memory = ::operator new(old.total_bytes() - sizeof(std::uint16_t) - removed);
  auto* leaf = new (memory) KeyLeaf();
  leaf->count = static_cast<std::uint16_t>(old.count - 1);
  leaf->prefix_bytes = old.prefix_bytes;
  std::memcpy(leaf->ends(), old.ends(), at * sizeof(std::uint16_t));
  for (std::size_t index = at + 1; index < old.count; ++index)
    leaf->ends()[index - 1] = static_cast<std::uint16_t>(old.ends()[index] - removed);
  char* out = leaf->text();
  std::memcpy(out, old.text(), old.prefix_bytes + begin);
  std::memcpy(out + old.prefix_bytes + begin, old.text() + old.prefix_bytes + begin + removed,
              old.suffix_bytes() - begin - removed);
  return leaf;
}

void insert_into_leaf(Node*& slot, std::string_view key, Grown& grown) {
  const KeyLeaf& old = *as_leaf(slot);
  const std::size_t at = old.lower_bound(key);
  if (old.has(at, key))
    return;
  grown.inserted = true;
  KeyLeaf* made = nullptr;
  if (key.substr(0, old.prefix_bytes) == old.prefix() && key.size() >= old.prefix_bytes) {
    made = with_key(old, at, key);
  } else {
    Spelled all;
    all.add(old, 0, at);
    all.add(key);
    all.add(old, at, old.count);
    made = make_leaf(all.keys());
  }
  if (is_too_large(*made)) {
    Spelled all;
    all.add(*made, 0, made->count);
    const auto keys = all.keys();
    // Keys often come in ascending order: then the left half stays full.
    const std::size_t cut = at == old.count ? at : keys.size() / 2;
    const std::span<const std::string_view> both(keys);
    grown.separator = separator_between(keys[cut - 1], keys[cut]);
    grown.right = make_leaf(both.subspan(cut));
    release(std::exchange(made, make_leaf(both.first(cut))));
  }
  release(std::exchange(slot, made));
}

/// The inner node in the slot for changing: itself when nobody else holds it, else a copy.
KeyInner* make_own(Node*& slot) {
  if (slot->references.load(std::memory_order_acquire) == 1)
    return static_cast<KeyInner*>(slot);
  const KeyInner& shared = *as_inner(slot);
  auto* own = new KeyInner();
  own->count = shared.count;
  own->child = shared.child;
  own->below = shared.below;
  own->ends = shared.ends;
  own->separators = shared.separators;
  for (std::size_t index = 0; index < own->count; ++index)
    retain(own->child[index]);
  release(std::exchange(slot, own));
  return own;
}

std::uint64_t keys_below(const Node* node) {
  return node->is_leaf ? node->count : as_inner(node)->total();
}

/// Moves the children from `cut` on into a new node to the right.
void split(KeyInner& left, std::size_t cut, Grown& grown) {
  auto* right = new KeyInner();
  grown.separator = left.separator(cut);
  for (std::size_t index = cut; index < left.count; ++index)
    right->insert_child(right->count, left.child[index], left.below[index],
                        index == cut ? std::string_view() : left.separator(index));
  left.separators.resize(left.ends[cut - 1]);
  left.count = static_cast<std::uint16_t>(cut);
  grown.right = right;
}

void insert_into(Node*& slot, std::string_view key, Grown& grown) {
  if (slot->is_leaf) {
    insert_into_leaf(slot, key, grown);
    return;
  }
  KeyInner* inner = make_own(slot);
  const std::size_t at = inner->child_of(key);
  insert_into(inner->child[at], key, grown);
  if (!grown.inserted)
    return;
  ++inner->below[at];
  if (grown.right == nullptr)
    return;
  const std::uint64_t moved = keys_below(grown.right);
  inner->below[at] -= moved;
  inner->insert_child(at + 1, std::exchange(grown.right, nullptr), moved, grown.separator);
  if (inner->count > KeyInner::max_children)
    split(*inner, at + 2 == inner->count ? inner->count - 2U : inner->count / 2U, grown);
}

bool is_small(const Node* node) {
  if (node->is_leaf)
    return node->count < max_leaf_keys / 4 && as_leaf(node)->total_bytes() < max_leaf_bytes / 4;
  return node->count < KeyInner::max_children / 4;
}

/// Joins two neighbours when the result is well below the limit.
void join(KeyInner& parent, std::size_t at) {
  Node*& left = parent.child[at];
  Node* right = parent.child[at + 1];
  if (left->is_leaf) {
    if (left->count + right->count > static_cast<int>(max_leaf_keys * 3 / 4) ||
        as_leaf(left)->total_bytes() + as_leaf(right)->total_bytes() > max_leaf_bytes * 3 / 4)
      return;
    Spelled all;
    all.add(*as_leaf(left), 0, left->count);
    all.add(*as_leaf(right), 0, right->count);
    release(std::exchange(left, make_leaf(all.keys())));
  } else {
    if (left->count + right->count > static_cast<int>(KeyInner::max_children * 3 / 4))
      return;
    KeyInner* own = make_own(left);
    const KeyInner& other = *as_inner(right);
    for (std::size_t index = 0; index < other.count; ++index)
      own->insert_child(own->count, retain(other.child[index]), other.below[index],
                        index == 0 ? parent.separator(at + 1) : other.separator(index));
  }
  parent.below[at] += parent.below[at + 1];
  parent.remove_child(at + 1);
  release(right);
}

/// Removes a key that is there.
void erase_from(Node*& slot, std::string_view key) {
  if (slot->is_leaf) {
    const KeyLeaf& old = *as_leaf(slot);
    release(std::exchange(slot, without_key(old, old.lower_bound(key))));
    return;
  }
  KeyInner* inner = make_own(slot);
  const std::size_t at = inner->child_of(key);
  erase_from(inner->child[at], key);
  if (--inner->below[at] == 0) {
    release(inner->child[at]);
    inner->remove_child(at);
    return;
  }
  if (inner->count > 1 && is_small(inner->child[at]))
    join(*inner, at + 1 < inner->count ? at : at - 1);
}

} // namespace

KeyTree::KeyTree(const KeyTree& other) noexcept : root_(retain(other.root_)), size_(other.size_) {}

KeyTree& KeyTree::operator=(KeyTree other) noexcept {
  std::swap(root_, other.root_);
  std::swap(size_, other.size_);
  return *this;
}

KeyTree::~KeyTree() {
  release(root_);
}

bool KeyTree::insert(std::string_view key) {
  DIFFO_ASSERT(key.size() <= max_key_bytes);
  if (root_ == nullptr)
    root_ = make_leaf({});
  Grown grown;
  insert_into(root_, key, grown);
  if (!grown.inserted)
    return false;
  ++size_;
  if (grown.right != nullptr) {
    auto* root = new KeyInner();
    const std::uint64_t right = keys_below(grown.right);
    root->insert_child(0, root_, size_ - right, {});
    root->insert_child(1, grown.right, right, grown.separator);
    root_ = root;
  }
  return true;
}

bool KeyTree::erase(std::string_view key) {
  if (!contains(key))
    return false;
  erase_from(root_, key);
  --size_;
  while (!root_->is_leaf && root_->count == 1) {
    Node* only = retain(as_inner(root_)->child[0]);
    release(std::exchange(root_, only));
  }
  if (size_ == 0)
    release(std::exchange(root_, nullptr));
  return true;
}

bool KeyTree::contains(std::string_view key) const {
  const Node* node = root_;
  if (node == nullptr)
    return false;
  while (!node->is_leaf)
    node = as_inner(node)->child[as_inner(node)->child_of(key)];
  return as_leaf(node)->has(as_leaf(node)->lower_bound(key), key);
}

std::uint64_t KeyTree::rank(std::string_view key) const {
  const Node* node = root_;
  if (node == nullptr)
    return 0;
  std::uint64_t before = 0;
  while (!node->is_leaf) {
    const KeyInner& inner = *as_inner(node);
    const std::size_t at = inner.child_of(key);
    for (std::size_t index = 0; index < at; ++index)
      before += inner.below[index];
    node = inner.child[at];
  }
  return before + as_leaf(node)->lower_bound(key);
}

KeyTree::Cursor KeyTree::seek(std::string_view key) const {
  return at(rank(key));
}

KeyTree::Cursor KeyTree::at(std::uint64_t rank) const {
  Cursor cursor;
  if (rank >= size_)
    return cursor;
  const Node* node = root_;
  while (!node->is_leaf) {
    const KeyInner& inner = *as_inner(node);
    std::uint32_t child = 0;
    while (rank >= inner.below[child])
      rank -= inner.below[child++];
    DIFFO_ASSERT(cursor.depth_ < Cursor::max_depth);
    cursor.path_[cursor.depth_++] = {node, child};
    node = inner.child[child];
  }
  cursor.leaf_ = node;
  cursor.index_ = static_cast<std::uint32_t>(rank);
  cursor.load();
  return cursor;
}

std::uint64_t KeyTree::estimated_bytes() const {
  constexpr std::uint64_t samples = 64;
  constexpr std::uint64_t malloc_bytes = 16;
  std::uint64_t keys = 0;
  std::uint64_t bytes = 0;
  for (std::uint64_t sample = 0; sample < samples && size_ > 0; ++sample) {
    const Cursor cursor = at(size_ * sample / samples);
    keys += cursor.leaf_->count;
    bytes += as_leaf(cursor.leaf_)->total_bytes() + malloc_bytes;
    // The leaf's share of inner nodes, which are two thirds full.
    bytes += sizeof(KeyInner) * 3 / 2 / KeyInner::max_children;
  }
  return keys == 0 ? 0 : size_ * bytes / keys;
}

void KeyTree::Cursor::load() {
  key_.clear();
  as_leaf(leaf_)->append_key(index_, key_);
}

void KeyTree::Cursor::descend(const Node* node, bool to_first) {
  while (!node->is_leaf) {
    const std::uint32_t child = to_first ? 0U : node->count - 1U;
    path_[depth_++] = {node, child};
    node = as_inner(node)->child[child];
  }
  leaf_ = node;
  index_ = to_first ? 0U : node->count - 1U;
  load();
}

void KeyTree::Cursor::next() {
  if (++index_ < leaf_->count) {
    load();
    return;
  }
  while (depth_ > 0) {
    Step& step = path_[depth_ - 1];
    if (++step.child < step.inner->count) {
      descend(as_inner(step.inner)->child[step.child], true);
      return;
    }
    --depth_;
  }
  leaf_ = nullptr;
}

void KeyTree::Cursor::previous() {
  if (index_-- > 0) {
    load();
    return;
  }
  while (depth_ > 0) {
    Step& step = path_[depth_ - 1];
    if (step.child-- > 0) {
      descend(as_inner(step.inner)->child[step.child], false);
      return;
    }
    --depth_;
  }
  leaf_ = nullptr;
}

} // namespace diffo::store
