#pragma once

#include "model/attributes.h"
#include "model/kinds.h"

#include <string_view>
#include <vector>

/// The entities that references of instances lead to, as rows of the one table: TMF632, TMF633,
/// TMF634, TMF673, TMF674 and TMF675, and the topics of TMF688 (tmf.md §6). What no rule asks for
/// is kept as it came.
namespace diffo::model {

/// Attribute::schema of what is to be a geometry of GeoJSON, or a bounding box of one.
inline constexpr std::string_view geometry_schema = "geo+json";
inline constexpr std::string_view bounding_box_schema = "bbox";

void add_neighbour_attributes(std::vector<Attribute>& all);
void add_neighbour_kinds(std::vector<Kind>& all);

} // namespace diffo::model
