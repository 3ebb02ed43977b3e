#pragma once

#include "graph/schema.h"
#include "model/attributes.h"
#include "model/kinds.h"

#include <memory>
#include <string>
#include <vector>

namespace diffo::model {

class DeclaredKinds;

/// What a schema has beside the table. A plain value.
struct SchemaExtras {
  /// The words of a store that the dictionary begins with; none: the program's own.
  std::vector<std::string> words = {};
  std::string description = {};            ///< graph::SchemaOrigin
  const DeclaredKinds* declared = nullptr; ///< their indexes and labels; outlives the schema
};

/// What stores and graph databases are told of the table: words, families, kinds with their fields,
/// indexes with their keys.
std::unique_ptr<const graph::Schema> build_schema(const std::vector<Attribute>& attributes,
                                                  const std::vector<Kind>& kinds,
                                                  const graph::SchemaOwner& model,
                                                  const SchemaExtras& extras = {});

} // namespace diffo::model
