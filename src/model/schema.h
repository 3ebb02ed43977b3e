#pragma once

#include "base/dates.h"
#include "graph/schema.h"
#include "model/api.h"
#include "model/kinds.h"

#include <string>
#include <string_view>

namespace diffo::model {

/// The families, kinds, words and indexes of an inventory. One object for the process.
const graph::Schema& inventory_schema();

/// The family of the roots of an API.
constexpr graph::Family family_of(Api api) {
  return api == Api::service ? family_service : family_resource;
}

/// The API whose roots are of a family: service or resource.
constexpr Api api_of(graph::Family family) {
  return family == family_service ? Api::service : Api::resource;
}

/// The index key of a text by how its attribute is read.
std::string key_of_text(std::string_view text, Reading reading);

/// The key of the index `characteristic`: a name and, as text or number, a value.
std::string characteristic_key(std::string_view name, const json::Value& value);

} // namespace diffo::model
