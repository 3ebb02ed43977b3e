#pragma once

#include "graph/schema.h"

#include <diffo/result.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::store {

/// Makes the schema of a description that a folder has kept. Its dictionary begins with the words
/// given, under their numbers. Errors: unsupported, saying what this program lacks for it.
using MakeSchema = std::function<Result<std::shared_ptr<const graph::Schema>>(
    std::string_view description, const std::vector<std::string>& words)>;

/// Where the schema of a folder comes from. A plain value.
struct SchemaSource {
  const graph::Schema* program; ///< of a folder in which it was never replaced; outlives its users
  MakeSchema make;              ///< none: replaced ones are unsupported
  // Not explicit: mostly there is only the program's.
  SchemaSource(const graph::Schema& schema,
               MakeSchema make_schema = {}) // NOLINT(google-explicit-constructor)
      : program(&schema), make(std::move(make_schema)) {}
};

} // namespace diffo::store
