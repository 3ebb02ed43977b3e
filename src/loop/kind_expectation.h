#pragma once

#include "graph/record.h"
#include "graph/schema.h"
#include "loop/expectation_document.h"

#include <optional>
#include <string>

/// What the kind of an instance expects of it: that what was observed is allowed (wire.md §8).
/// There is no record of such an expectation; nobody changes it but with the model, and its
/// document is another for each instance, as it says only what is not met.
namespace diffo::loop {

/// Its residues are kept by the key `kind/NAME`, which is no id of a record.
bool is_kind_expectation(const graph::KeyView& expectation);
/// The kind's name.
std::string kind_of_expectation(const graph::KeyView& expectation);

struct KindExpectation {
  graph::Key key;
  ExpectationDocument document;
};
/// Nothing where all that the instance says is allowed. Errors: those of compiling it.
Result<std::optional<KindExpectation>> kind_expectation_of(const graph::Record& record,
                                                           const graph::Schema& schema);

} // namespace diffo::loop
