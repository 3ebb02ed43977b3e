#pragma once

#include "graph/record.h"
#include "graph/schema.h"

#include <diffo/json.h>

#include <string>
#include <string_view>

/// What an expected instance expects of its twin (wire.md §7).
namespace diffo::loop {

/// The partial document that is expected: of the document of v5 what the server does not set, of
/// that what `expect` of the kind names, and where `customize` says something of an attribute or a
/// field that the instance has, that in its place.
json::Value compared_document(const graph::Record& expected, json::Value document,
                              const graph::Schema& schema);

/// Where in the instance's own document stands what is at a JSON pointer into the one that is
/// compared: of characteristics some may not be compared.
std::string pointer_in_instance(std::string_view pointer, const json::Value& compared,
                                const json::Value& document);

} // namespace diffo::loop
