#pragma once

#include "graph/record.h"

#include <diffo/expectation.h>

#include <memory>
#include <string>
#include <vector>

/// By what the items of TMF's lists are told apart: derived from the kinds, for patching and
/// expecting alike.
namespace diffo::model {

class Model;
struct Kind;

/// One part of a key.
struct ListKeyPart {
  std::string attribute;  ///< as in documents; `@target`: the id of what the item refers to
  graph::Word word = 0;   ///< the field of the element, if `is_field`
  bool is_field = false;  ///< elements of the kind have such a field
  bool is_target = false; ///< it is the id of an edge's target
};

/// The groups of parts that tell items apart, the best first; the first of which an item has a part
/// is its key.
using ListKeys = std::vector<std::vector<ListKeyPart>>;

/// The keys of a kind; none when nothing but an `id` does.
ListKeys list_keys_of(const Model& model, const Kind& kind);

/// The same for documents of every version and of profile diffo, with what else is known of their
/// attributes. The model outlives it.
std::unique_ptr<const outstanding::DocumentShapes> document_shapes_of(const Model& model);

} // namespace diffo::model
