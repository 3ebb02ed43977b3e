#include "graph/unseen.h"

#include <algorithm>

namespace diffo::graph {
namespace {

std::optional<Unseen> read(std::string_view bytes, const Dictionary& dictionary) {
  if (bytes.empty())
    return std::nullopt;
  PackedReader in(bytes);
  Unseen unseen;
  unseen.source = read_name(in, dictionary).text;
  unseen.at = static_cast<std::int64_t>(in.varint());
  unseen.gone = in.varint() != 0;
  return in.ok() ? std::optional(std::move(unseen)) : std::nullopt;
}

} // namespace

std::optional<Unseen> unseen_of(const ElementView& root) {
  return read(root.block(unseen_block), root.dictionary());
}

std::optional<Unseen> unseen_of(const Element& root, const Dictionary& dictionary) {
  const auto found = std::find_if(root.blocks.begin(), root.blocks.end(),
                                  [](const Block& block) { return block.number == unseen_block; });
  return found != root.blocks.end() ? read(found->bytes, dictionary) : std::nullopt;
}

bool is_gone(const ElementView& root) {
  const auto unseen = unseen_of(root);
  return unseen && unseen->gone;
}

void set_unseen(Element& root, const std::optional<Unseen>& unseen, const Dictionary& dictionary) {
  std::erase_if(root.blocks, [](const Block& block) { return block.number == unseen_block; });
  if (!unseen)
    return;
  Block& block = root.blocks.emplace_back();
  block.number = unseen_block;
  append_name(block.bytes, unseen->source, dictionary);
  append_varint(block.bytes, static_cast<std::uint64_t>(unseen->at));
  append_varint(block.bytes, unseen->gone ? 1 : 0);
}

} // namespace diffo::graph
