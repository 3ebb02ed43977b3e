#include "store/key_node.h"

#include <diffo/result.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace diffo::store {
namespace {

std::size_t common_prefix(std::string_view left, std::string_view right) {
  const std::size_t shorter = std::min(left.size(), right.size());
  return static_cast<std::size_t>(std::mismatch(left.begin(),
                                                left.begin() + static_cast<std::ptrdiff_t>(shorter),
                                                right.begin())
                                      .first -
                                  left.begin());
}

} // namespace

std::size_t KeyLeaf::lower_bound(std::string_view key) const {
  const std::string_view shared = prefix();
  const std::string_view head = key.substr(0, shared.size());
  const int order = head.compare(shared);
  if (order < 0)
    return 0;
  if (order > 0)
    return count;
  const std::string_view rest = key.substr(shared.size());
  std::size_t low = 0;
  std::size_t high = count;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (suffix(middle) < rest)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

bool KeyLeaf::has(std::size_t index, std::string_view key) const {
  return index < count && key.size() >= prefix_bytes && key.substr(0, prefix_bytes) == prefix() &&
         key.substr(prefix_bytes) == suffix(index);
}

void KeyLeaf::append_key(std::size_t index, std::string& out) const {
  out += prefix();
  out += suffix(index);
}

std::size_t KeyInner::child_of(std::string_view key) const {
  std::size_t low = 1;
  std::size_t high = count;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (separator(middle) <= key)
      low = middle + 1;
    else
      high = middle;
  }
  return low - 1;
}

std::uint64_t KeyInner::total() const {
  std::uint64_t sum = 0;
  for (std::size_t index = 0; index < count; ++index)
    sum += below[index];
  return sum;
}

void KeyInner::insert_child(std::size_t at, KeyTree::Node* node, std::uint64_t keys,
                            std::string_view before) {
  DIFFO_ASSERT(count <= max_children && at <= count);
  const std::size_t start = at == 0 ? 0U : ends[at - 1];
  separators.insert(start, before);
  for (std::size_t index = count; index > at; --index) {
    child[index] = child[index - 1];
    below[index] = below[index - 1];
    ends[index] = static_cast<std::uint16_t>(ends[index - 1] + before.size());
  }
  child[at] = node;
  below[at] = keys;
  ends[at] = static_cast<std::uint16_t>(start + before.size());
  ++count;
}

void KeyInner::remove_child(std::size_t at) {
  // The first child has no separator: when it goes, that of its successor goes too.
  const std::size_t dropped = at == 0 && count > 1 ? 1 : at;
  const std::size_t start = dropped == 0 ? 0U : ends[dropped - 1];
  const std::size_t length = ends[dropped] - start;
  separators.erase(start, length);
  for (std::size_t index = dropped; index + 1 < count; ++index)
    ends[index] = static_cast<std::uint16_t>(ends[index + 1] - length);
  for (std::size_t index = at; index + 1 < count; ++index) {
    child[index] = child[index + 1];
    below[index] = below[index + 1];
  }
  --count;
}

KeyTree::Node* retain(KeyTree::Node* node) {
  if (node != nullptr)
    node->references.fetch_add(1, std::memory_order_relaxed);
  return node;
}

void release(KeyTree::Node* node) {
  if (node == nullptr || node->references.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  if (node->is_leaf) {
    ::operator delete(static_cast<KeyLeaf*>(node));
    return;
  }
  auto* inner = static_cast<KeyInner*>(node);
  for (std::size_t index = 0; index < inner->count; ++index)
    release(inner->child[index]);
  delete inner;
}

KeyLeaf* make_leaf(std::span<const std::string_view> keys) {
  const std::size_t prefix = keys.empty() ? 0 : common_prefix(keys.front(), keys.back());
  std::size_t bytes = prefix;
  for (const std::string_view key : keys)
    bytes += key.size() - prefix;
  void* memory = ::operator new(sizeof(KeyLeaf) + keys.size() * sizeof(std::uint16_t) + bytes);
  auto* leaf = new (memory) KeyLeaf();
  leaf->count = static_cast<std::uint16_t>(keys.size());
  leaf->prefix_bytes = static_cast<std::uint16_t>(prefix);
  char* out = leaf->text();
  if (prefix > 0)
    std::memcpy(out, keys.front().data(), prefix);
  out += prefix;
  std::size_t end = 0;
  for (std::size_t index = 0; index < keys.size(); ++index) {
    const std::string_view suffix = keys[index].substr(prefix);
    std::copy(suffix.begin(), suffix.end(), out + end);
    end += suffix.size();
    leaf->ends()[index] = static_cast<std::uint16_t>(end);
  }
  return leaf;
}

std::string_view separator_between(std::string_view left, std::string_view right) {
  return right.substr(0, common_prefix(left, right) + 1);
}

} // namespace diffo::store
