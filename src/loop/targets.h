#pragma once

#include "graph/subgraph.h"
#include "loop/expectation_document.h"

#include <cstddef>
#include <string>
#include <vector>

namespace diffo::loop {

/// One thing an expectation is about, at one revision.
struct Target {
  std::string id;           ///< empty when it is known by kind and key only
  graph::RecordRef record;  ///< empty: it does not exist
  graph::Family family = 0; ///< 0: as the record's
};

/// Whether an instance has a specification of that id or name.
bool is_of_kind(const graph::Record& record, const std::string& kind,
                const graph::Dictionary& dictionary);

/// What the target names at the subgraph's revision, in a stable order. Errors: invalid for a
/// filter that cannot be read, too_large beyond `most`.
Result<std::vector<Target>> targets_of(const ExpectationTarget& target, graph::Subgraph& subgraph,
                                       graph::Tenant tenant, std::size_t most);

} // namespace diffo::loop
