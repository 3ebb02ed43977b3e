#pragma once

#include "graph/record.h"
#include "model/kinds.h"
#include "model/words.h"

#include <algorithm>
#include <string>
#include <string_view>

/// What rules look up in elements again and again.
namespace diffo::rules {

/// The text of a field, or empty.
inline std::string text_of(const graph::ElementView& element, graph::Word word) {
  const graph::ValueView view = element.field(word);
  return view ? view.text() : std::string();
}

/// The characteristic of that name among the children; a null pointer for none.
inline graph::Element* characteristic_named(graph::Element& root, std::string_view name) {
  const auto found =
      std::find_if(root.children.begin(), root.children.end(), [name](const graph::Element& child) {
        return child.kind == model::kinds::characteristic &&
               child.field_text(model::words::name) == name;
      });
  return found == root.children.end() ? nullptr : &*found;
}

} // namespace diffo::rules
