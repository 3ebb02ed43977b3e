#pragma once

#include "graph/record.h"

#include <diffo/expectation.h>

#include <span>
#include <string>
#include <vector>

/// By what the items of TMF's lists are told apart: the one table that patching and expecting
/// share.
namespace diffo::model {

/// One part of a key.
struct ListKeyPart {
  std::string attribute; ///< as in documents; `@target`: the id of what the item refers to
  graph::Word word = 0;  ///< the field of the element
  bool is_target = false;
};

/// The groups of parts that tell items of that kind apart, the best first; empty when nothing does
/// but an `id`.
std::span<const std::vector<ListKeyPart>> list_keys(graph::ElementKind kind);

/// The same for documents of every version and of profile diffo, with what else is known of their
/// attributes.
const outstanding::DocumentShapes& document_shapes();

} // namespace diffo::model
