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

/// The API of instances of a family: service or resource.
constexpr Api api_of(graph::Family family) {
  return family == family_service ? Api::service : Api::resource;
}

/// The API whose collection shows a record; of what none shows, that of its family.
Api api_of(const graph::Record& record, const graph::Schema& schema);

/// The index of the records of families that several collections share, by the name of theirs.
inline constexpr const char* collection_index_name = "collection";
std::string collection_key(Api api);

/// The index key of a text by how its attribute is read.
std::string key_of_text(std::string_view text, Reading reading);

/// The key of the index `characteristic`: a name and, as text or number, a value.
std::string characteristic_key(std::string_view name, const json::Value& value);

} // namespace diffo::model
