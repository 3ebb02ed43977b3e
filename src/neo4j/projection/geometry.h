#pragma once

#include "graph/schema.h"

#include <diffo/bolt_value.h>
#include <diffo/json.h>

#include <optional>
#include <string>
#include <string_view>

/// Geometries as the shared graph has them (neo4j.md §1.4): an attribute `a` is the property
/// `a.json`, a text of GeoJSON, with companions that the database can search: `a.point` of a point,
/// `a.bbSW` and `a.bbNE`, the corners of the bounding box, of what is wider.
namespace diffo::neo4j {

/// A geometry that others can read: a point of two or three dimensions, or anything wider of two.
/// A plain value.
struct Geometry {
  std::string type{};
  json::Value shape{}; ///< the coordinates; of a collection the geometries; all numbers real
  double west = 0;
  double south = 0;
  double east = 0;
  double north = 0;
  std::optional<double> height{}; ///< of a point

  [[nodiscard]] bool is_point() const { return type == "Point"; }
};

/// The geometry that a value is, or holds as a feature does. Nothing for others, and for what
/// others cannot read: wide ones of three dimensions, and positions that are none on the earth.
std::optional<Geometry> geometry_of(const json::Value& value);

/// Whether a field holds a geometry: points stand under its property, areas under its
/// list_property, and what is neither is not said.
bool is_geometry(const graph::FieldDefinition& field);
/// The properties of such a field.
void add_geometry(const graph::FieldDefinition& field, const json::Value& value,
                  bolt::Map& properties);
/// What they say, as a feature holds it: `{"geometry": {"type", "coordinates"}}`. Sets `attribute`
/// to the name they stand under.
std::optional<json::Value> read_geometry(const graph::FieldDefinition& field,
                                         const bolt::Map& properties, std::string& attribute);

/// A property of a kind that nobody told us of (untyped_value()), with what a geometry has beside:
/// one that is the value itself, and those inside of an object.
void add_untyped(const std::string& name, const json::Value& value, bolt::Map& properties);
/// The attribute whose geometry such a property is ("spot" of "spot.json"); nothing: it is another.
std::optional<std::string> geometry_attribute(const bolt::Map& properties, std::string_view name);
/// The geometry, without its bounding box.
std::optional<json::Value> read_geometry(const bolt::Map& properties, const std::string& attribute);
/// Whether a property only repeats what a text says.
bool is_companion(const bolt::Map& properties, std::string_view name);

/// What is wrong with the companions of an attribute; empty: nothing. For those who hold the graph
/// against its rules.
std::string_view companion_fault(const bolt::Map& properties, const std::string& attribute);

} // namespace diffo::neo4j
