#pragma once

#include "graph/record.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Where the values of an element came from: an optional block of the element
/// (docs/formats/record.md §4).
namespace diffo::graph {

/// The number of the block that holds an element's annotations.
inline constexpr std::uint32_t annotation_block = 1;

/// Who said so last, and when it changed. When a source last *saw* something is
/// not in the record.
struct Annotation {
  std::string member; ///< name of the field or extra member; empty: the element
                      ///< as a whole
  std::string source;
  std::int64_t changed_at = 0; ///< microseconds since 1970
  friend bool operator==(const Annotation&, const Annotation&) = default;
};

/// All of an element, as they stand there. Damaged ones end the list.
std::vector<Annotation> annotations_of(const ElementView& element);
std::vector<Annotation> annotations_of(const Element& element, const Dictionary& dictionary);
/// That of one member, or of the element as a whole when there is none of its
/// own.
std::optional<Annotation> annotation_of(const ElementView& element, std::string_view member);
/// Replaces all; with none the block goes.
void set_annotations(Element& element, std::span<const Annotation> annotations,
                     const Dictionary& dictionary);

} // namespace diffo::graph
