#pragma once

#include "graph/schema.h"
#include "loop/expectation_document.h"

#include <diffo/expectation.h>
#include <diffo/json.h>

#include <cstdint>
#include <vector>

namespace diffo::loop {

/// How what was found is written where it is expected from then on.
enum class Literals : std::uint8_t {
  quoted,     ///< what could be taken for a matcher or a partial document as `$eq`
  as_they_are ///< of an expected instance, in which there are none
};

/// The expectation document that follows what is there at these leaves (wire.md §7.2): a value or a
/// matcher becomes what was found, what is missing is no longer expected, and what is not desired
/// may be there. The leaves are those of one evaluation of it. Errors: conflict for a leaf that
/// cannot be adopted: what is unknown, and a document that does not exist.
Result<json::Value> adopted(json::Value document, const std::vector<outstanding::Leaf>& leaves,
                            Literals literals = Literals::quoted);

/// What closes leaves and nothing else, as an expectation to be applied to the document: `left` are
/// the leaves of the same evaluation that are to stay as they are. Errors: those of adopted().
Result<outstanding::Expectation> closing(const outstanding::Expectation& expectation,
                                         const std::vector<outstanding::Leaf>& left,
                                         const graph::Schema& schema);

} // namespace diffo::loop
