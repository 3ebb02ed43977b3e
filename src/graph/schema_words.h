#pragma once

#include "graph/schema.h"

#include <diffo/result.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::graph {

/// Makes the schema of a description that a store has kept. Its dictionary begins with the words
/// given, under their numbers. Errors: unsupported, saying what this program lacks for it.
using MakeSchema = std::function<Result<std::shared_ptr<const Schema>>(
    std::string_view description, const std::vector<std::string>& words)>;

/// The schema with those words of a store that it lacks. Errors: unsupported, where a word has
/// another number there.
Result<std::shared_ptr<const Schema>> schema_with(std::shared_ptr<const Schema> schema,
                                                  const std::vector<std::string>& words);

} // namespace diffo::graph
