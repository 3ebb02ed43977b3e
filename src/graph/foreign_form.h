#pragma once

#include "graph/record.h"

#include <diffo/json.h>

#include <cstdint>
#include <string>
#include <vector>

/// What an element that came from the shared graph says of its form there and our own model has no
/// word for: an optional block of the element (docs/formats/record.md §4).
namespace diffo::graph {

/// The number of the block.
inline constexpr std::uint32_t foreign_form_block = 3;

struct ForeignForm {
  /// All labels of its node; empty: those that the schema tells.
  std::vector<std::string> labels{};
  /// What others call the types of its values, in their order; empty texts for those without a
  /// name.
  std::vector<std::string> value_types{};
  json::Object aside{}; ///< properties of its node that are kept and not shown
  /// Properties that are shown and never written back, for our values have not all their types.
  std::vector<std::string> unwritten{};

  [[nodiscard]] bool empty() const {
    return labels.empty() && value_types.empty() && aside.empty() && unwritten.empty();
  }
};

/// An empty one for elements without, or with a damaged one.
ForeignForm foreign_form_of(const ElementView& element);
ForeignForm foreign_form_of(const Element& element);
/// An empty one takes the block away.
void set_foreign_form(Element& element, const ForeignForm& form);

} // namespace diffo::graph
