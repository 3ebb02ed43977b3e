#pragma once

#include "graph/record.h"

#include <cstdint>
#include <optional>
#include <string>

/// The mark of an instance that a source no longer sees: an optional block of its root
/// (docs/formats/record.md §4).
namespace diffo::graph {

/// The number of the block that holds the mark.
inline constexpr std::uint32_t unseen_block = 2;

/// Who listed all there was, and not this one. The record says what was known before.
struct Unseen {
  std::string source;
  std::int64_t at = 0; ///< when it was found so first, microseconds since 1970
  bool gone = false;   ///< that means it is not there; else that nothing is known of it
  friend bool operator==(const Unseen&, const Unseen&) = default;
};

/// Nothing of a root without a mark, or with a damaged one.
std::optional<Unseen> unseen_of(const ElementView& root);
std::optional<Unseen> unseen_of(const Element& root, const Dictionary& dictionary);
/// Whether somebody who is believed says that the instance is not there.
bool is_gone(const ElementView& root);
/// Nothing takes the mark away.
void set_unseen(Element& root, const std::optional<Unseen>& unseen, const Dictionary& dictionary);

} // namespace diffo::graph
