#pragma once

#include "graph/record.h"
#include "graph/schema.h"
#include "model/field_place.h"
#include "model/model.h"

#include <diffo/json.h>

#include <string_view>

/// What stands in an instance at a path as models name it (domain.md §1.1).
namespace diffo::rules {

/// What stands at a path in the value of a characteristic. `type`: a null pointer for a pool, and
/// for what nothing is declared of; then the path is that on the wire, and a range has a `size`.
model::ValuesAt values_in(const model::Model& model, const model::Type* type,
                          const json::Value& value, std::string_view path);

/// The value of an attribute (`name`, `state`), of a characteristic (`card`) or of a member of it
/// (`card.family`) of an instance; null for what there is not, a list where one is on the way.
json::Value value_at(const graph::Record& record, const graph::Schema& schema,
                     std::string_view path);

} // namespace diffo::rules
