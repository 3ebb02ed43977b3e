#include "graph/annotation.h"

#include <algorithm>
#include <utility>

namespace diffo::graph {
namespace {

std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
}

std::vector<Annotation> read(std::string_view bytes, const Dictionary& dictionary) {
  std::vector<Annotation> all;
  for (PackedReader in(bytes); !in.at_end();) {
    Annotation annotation;
    annotation.member = read_name(in, dictionary).text;
    annotation.source = read_name(in, dictionary).text;
    annotation.changed_at = from_zigzag(in.varint());
    if (!in.ok())
      break;
    all.push_back(std::move(annotation));
  }
  return all;
}

} // namespace

std::vector<Annotation> annotations_of(const ElementView& element) {
  return read(element.block(annotation_block), element.dictionary());
}

std::vector<Annotation> annotations_of(const Element& element, const Dictionary& dictionary) {
  for (const Block& block : element.blocks)
    if (block.number == annotation_block)
      return read(block.bytes, dictionary);
  return {};
}

std::optional<Annotation> annotation_of(const ElementView& element, std::string_view member) {
  std::optional<Annotation> whole;
  for (Annotation& annotation : annotations_of(element)) {
    if (annotation.member == member)
      return std::move(annotation);
    if (annotation.member.empty())
      whole = std::move(annotation);
  }
  return whole;
}

void set_annotations(Element& element, std::span<const Annotation> annotations,
                     const Dictionary& dictionary) {
  std::erase_if(element.blocks,
                [](const Block& block) { return block.number == annotation_block; });
  if (annotations.empty())
    return;
  Block& block = element.blocks.emplace_back();
  block.number = annotation_block;
  for (const Annotation& annotation : annotations) {
    append_name(block.bytes, annotation.member, dictionary);
    append_name(block.bytes, annotation.source, dictionary);
    append_varint(block.bytes, zigzag(annotation.changed_at));
  }
}

} // namespace diffo::graph
