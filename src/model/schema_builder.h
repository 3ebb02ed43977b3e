#pragma once

#include "graph/schema.h"
#include "model/attributes.h"
#include "model/kinds.h"

#include <memory>
#include <vector>

namespace diffo::model {

/// What stores and graph databases are told of the table: words, families, kinds with their fields,
/// indexes with their keys.
std::unique_ptr<const graph::Schema> build_schema(const std::vector<Attribute>& attributes,
                                                  const std::vector<Kind>& kinds,
                                                  const graph::SchemaOwner& model);

} // namespace diffo::model
