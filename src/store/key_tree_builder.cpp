#include "store/key_node.h"

#include <diffo/result.h>

#include <utility>

namespace diffo::store {
namespace {

// Leaves and nodes are not filled to the brim, so that the first insertions do not split them all.
constexpr std::size_t built_leaf_keys = max_leaf_keys * 7 / 8;
constexpr std::size_t built_leaf_bytes = max_leaf_bytes * 3 / 4;
constexpr std::size_t built_children = KeyInner::max_children * 7 / 8;

} // namespace

KeyTree::Builder::~Builder() {
  for (const Built& leaf : leaves_)
    release(leaf.node);
}

void KeyTree::Builder::add(std::string_view key) {
  DIFFO_ASSERT(key.size() <= max_key_bytes);
  if (!ends_.empty()) {
    const std::size_t begin = ends_.size() == 1 ? 0U : ends_[ends_.size() - 2];
    const auto last = std::string_view(bytes_).substr(begin);
    DIFFO_ASSERT(last <= key);
    if (last == key)
      return;
    if (ends_.size() >= built_leaf_keys || bytes_.size() >= built_leaf_bytes)
      flush();
  }
  bytes_ += key;
  ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
}

void KeyTree::Builder::flush() {
  std::vector<std::string_view> keys;
  keys.reserve(ends_.size());
  std::size_t begin = 0;
  for (const std::uint32_t end : ends_) {
    keys.push_back(std::string_view(bytes_).substr(begin, end - begin));
    begin = end;
  }
  std::string separator;
  if (!leaves_.empty())
    separator = separator_between(last_of_previous_, keys.front());
  leaves_.push_back({make_leaf(keys), keys.size(), std::move(separator)});
  last_of_previous_ = keys.back();
  bytes_.clear();
  ends_.clear();
}

std::vector<KeyTree::Builder::Built> KeyTree::Builder::build_level(std::vector<Built>& below) {
  std::vector<Built> level;
  KeyInner* inner = nullptr;
  for (Built& node : below) {
    if (inner == nullptr || inner->count >= built_children) {
      inner = new KeyInner();
      level.push_back({inner, 0, node.separator});
    }
    inner->insert_child(inner->count, node.node, node.count,
                        inner->count == 0 ? std::string_view() : node.separator);
    level.back().count += node.count;
  }
  below.clear();
  return level;
}

KeyTree KeyTree::Builder::finish() {
  if (!ends_.empty())
    flush();
  std::vector<Built> level = std::move(leaves_);
  leaves_.clear();
  while (level.size() > 1)
    level = build_level(level);
  KeyTree tree;
  if (!level.empty()) {
    tree.root_ = level.front().node;
    tree.size_ = level.front().count;
  }
  return tree;
}

} // namespace diffo::store
