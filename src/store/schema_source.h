#pragma once

#include "graph/schema_words.h"

#include <diffo/result.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::store {

using graph::MakeSchema;

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
