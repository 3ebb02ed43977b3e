#pragma once

#include "model/model.h"
#include "tmf/field_selection.h"

#include <diffo/result.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace diffo::query {

/// Reads the values of all `fields` parameters: names, dotted paths and JSONPath (entity_path.h)
/// separated by commas, or `none`. What is in `always` (id, href, what the schema requires) is
/// shown whatever was asked; a name that exists nowhere selects nothing. No values: everything.
/// Errors: unsupported for entities by their position; invalid for what is no attribute name, and
/// for more than 100 paths.
Result<tmf::FieldSelection> parse_selection(std::span<const std::string> values,
                                            std::span<const std::string_view> always);

/// Reads the `fields` of a request about one entity; other parameters are refused. Nothing:
/// everything is shown. What is always shown is id and href and, in v5, @type (the attributes its
/// response schemas require).
Result<std::optional<tmf::FieldSelection>> parse_fields(std::string_view raw_query, model::Api api,
                                                        model::Version version,
                                                        const model::Model& model);
/// The same from the values of the `fields` parameters, decoded.
Result<std::optional<tmf::FieldSelection>> select_fields(std::span<const std::string> values,
                                                         model::Api api, model::Version version,
                                                         const model::Model& model);

} // namespace diffo::query
