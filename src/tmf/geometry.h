#pragma once

#include <diffo/json.h>
#include <diffo/result.h>

#include <optional>
#include <string>
#include <string_view>

namespace diffo::tmf {

/// What keeps a value from being a geometry of GeoJSON (RFC 7946 §3.1) or a feature around one
/// (§3.2), with a pointer below `path`; nothing for one that is. A ring need not end where it
/// begins: the published one does not. `of_type`: the type that whoever holds it says it has, which
/// also stands for one that it does not say itself (TMF675 v4 has none in its LineString); empty:
/// any. At most 100 000 positions.
std::optional<Error> geometry_problem(const json::Value& value, const std::string& path,
                                      std::string_view of_type);

/// Likewise of a bounding box (RFC 7946 §5): four numbers or six.
std::optional<Error> bounding_box_problem(const json::Value& value, const std::string& path);

} // namespace diffo::tmf
