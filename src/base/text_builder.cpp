#include "base/text_builder.h"

namespace diffo {
namespace {

/// Small, since the text is filled with zeros so far, and large against a piece.
constexpr std::size_t step = 1024;

} // namespace

void TextBuilder::grow(std::size_t wanted) {
  const std::size_t used = size();
  text_.resize(used + wanted + step);
  look_at(used);
}

} // namespace diffo
