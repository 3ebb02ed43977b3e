#include "neo4j/projection/geometry.h"

#include "neo4j/projection/shared_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace diffo::neo4j {
namespace {

constexpr std::int32_t flat_earth = 4326;
constexpr std::int32_t with_height = 4979;

constexpr std::string_view text_suffix = ".json";
constexpr std::string_view point_suffix = ".point";
constexpr std::string_view south_west = ".bbSW";
constexpr std::string_view north_east = ".bbNE";
constexpr std::array companions{point_suffix, south_west, north_east};

/// How deep objects are looked through for geometries.
constexpr int most_levels = 8;

/// How many lists stand around the positions of a type; nothing for others.
std::optional<int> depth_of(std::string_view type) {
  if (type == "Point")
    return 0;
  if (type == "MultiPoint" || type == "LineString")
    return 1;
  if (type == "Polygon" || type == "MultiLineString")
    return 2;
  if (type == "MultiPolygon")
    return 3;
  return std::nullopt;
}

/// Reads one geometry and what it reaches over.
class GeometryReader {
public:
  std::optional<Geometry> read(const json::Value& value) {
    Geometry geometry;
    geometry.type = value.text_of("type");
    if (auto shape = shape_of(value, geometry.type, 0)) // also sets what it reaches over
      geometry.shape = std::move(*shape);
    else
      return std::nullopt;
    if (positions_ == 0 || (has_height_ && !geometry.is_point()))
      return std::nullopt;
    geometry.west = west_;
    geometry.south = south_;
    geometry.east = east_;
    geometry.north = north_;
    if (has_height_)
      geometry.height = height_;
    return geometry;
  }

private:
  std::optional<json::Value> shape_of(const json::Value& value, std::string_view type, int level) {
    if (type == "GeometryCollection")
      return level < most_levels ? members_of(value, level) : std::nullopt;
    const auto depth = depth_of(type);
    const json::Value* coordinates = value.find("coordinates");
    return depth && coordinates != nullptr ? lists(*coordinates, *depth) : std::nullopt;
  }

  std::optional<json::Value> members_of(const json::Value& value, int level) {
    const json::Value* members = value.find("geometries");
    if (members == nullptr || !members->is_array())
      return std::nullopt;
    json::Array read;
    for (const json::Value& member : members->array()) {
      const std::string type(member.text_of("type"));
      auto shape = shape_of(member, type, level + 1);
      if (!shape)
        return std::nullopt;
      read.emplace_back(json::Object{
          {type == "GeometryCollection" ? "geometries" : "coordinates", std::move(*shape)},
          {"type", type}});
    }
    return json::Value(std::move(read));
  }

  std::optional<json::Value> lists(const json::Value& value, int depth) {
    if (depth == 0)
      return position(value);
    if (!value.is_array())
      return std::nullopt;
    json::Array read;
    for (const json::Value& item : value.array()) {
      auto inner = lists(item, depth - 1);
      if (!inner)
        return std::nullopt;
      read.push_back(std::move(*inner));
    }
    return json::Value(std::move(read));
  }

  std::optional<json::Value> position(const json::Value& value) {
    const json::Array* numbers = value.if_array();
    if (numbers == nullptr || numbers->size() < 2 || numbers->size() > 3 ||
        !std::all_of(numbers->begin(), numbers->end(), [](const json::Value& number) {
          return number.is_number() && std::isfinite(number.as_double());
        }))
      return std::nullopt;
    const double x = (*numbers)[0].as_double();
    const double y = (*numbers)[1].as_double();
    // The database refuses a point beyond, and with it the whole commit.
    if (std::abs(x) > 180 || std::abs(y) > 90)
      return std::nullopt;
    json::Array read{x, y};
    if (numbers->size() == 3) {
      has_height_ = true;
      height_ = (*numbers)[2].as_double();
      read.emplace_back(height_);
    }
    west_ = positions_ == 0 ? x : std::min(west_, x);
    east_ = positions_ == 0 ? x : std::max(east_, x);
    south_ = positions_ == 0 ? y : std::min(south_, y);
    north_ = positions_ == 0 ? y : std::max(north_, y);
    ++positions_;
    return json::Value(std::move(read));
  }

  std::size_t positions_ = 0;
  bool has_height_ = false;
  double height_ = 0;
  double west_ = 0;
  double south_ = 0;
  double east_ = 0;
  double north_ = 0;
};

const char* shape_name(const Geometry& geometry) {
  return geometry.type == "GeometryCollection" ? "geometries" : "coordinates";
}

bolt::Value point(double x, double y) {
  return bolt::Point2D{.srid = flat_earth, .x = x, .y = y};
}

bolt::Value point_of(const Geometry& geometry) {
  if (geometry.height)
    return bolt::Point3D{
        .srid = with_height, .x = geometry.west, .y = geometry.south, .z = *geometry.height};
  return point(geometry.west, geometry.south);
}

void add_companions(const std::string& attribute, const Geometry& geometry, bolt::Map& properties) {
  if (geometry.is_point()) {
    properties.set(attribute + std::string(point_suffix), point_of(geometry));
    return;
  }
  properties.set(attribute + std::string(south_west), point(geometry.west, geometry.south));
  properties.set(attribute + std::string(north_east), point(geometry.east, geometry.north));
}

void add_exploded(const std::string& attribute, const Geometry& geometry, bolt::Map& properties) {
  const json::Object text{
      {"bbox", json::Array{geometry.west, geometry.south, geometry.east, geometry.north}},
      {shape_name(geometry), geometry.shape},
      {"type", geometry.type}};
  properties.set(attribute + std::string(text_suffix), canonical_text(text));
  add_companions(attribute, geometry, properties);
}

/// Nothing else stands in it than what a geometry has.
bool is_pure(const json::Value& value) {
  const json::Object* members = value.if_object();
  return members != nullptr &&
         std::all_of(members->begin(), members->end(), [](const json::Member& member) {
           return member.name == "type" || member.name == "coordinates" ||
                  member.name == "geometries" || member.name == "bbox";
         });
}

bool is_name(std::string_view name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

/// Geometries inside of an object have companions beside its text.
void add_nested(const std::string& path, const json::Value& value, int level,
                bolt::Map& properties) {
  const json::Object* members = value.if_object();
  if (members == nullptr || level == most_levels)
    return;
  for (const json::Member& member : *members) {
    if (!is_name(member.name))
      continue;
    const std::string inner = path + '.' + member.name;
    if (const auto geometry =
            is_pure(member.value) ? GeometryReader().read(member.value) : std::nullopt)
      add_companions(inner, *geometry, properties);
    else
      add_nested(inner, member.value, level + 1, properties);
  }
}

std::optional<json::Value> text_at(const bolt::Map& properties, const std::string& attribute) {
  const bolt::Value* value = properties.find(attribute + std::string(text_suffix));
  const std::string* text = value == nullptr ? nullptr : value->get_if<std::string>();
  if (text == nullptr)
    return std::nullopt;
  auto read = json::read(*text);
  return read ? std::optional(std::move(*read)) : std::nullopt;
}

} // namespace

std::optional<Geometry> geometry_of(const json::Value& value) {
  const json::Value* inner = value.find("geometry");
  return GeometryReader().read(inner == nullptr ? value : *inner);
}

bool is_geometry(const graph::FieldDefinition& field) {
  return field.encoding == graph::PropertyEncoding::json_text && !field.list_property.empty();
}

void add_geometry(const graph::FieldDefinition& field, const json::Value& value,
                  bolt::Map& properties) {
  const auto geometry = geometry_of(value);
  if (!geometry)
    return;
  const bool is_area = geometry->type == "Polygon";
  if (is_area || geometry->is_point())
    add_exploded(is_area ? field.list_property : field.property, *geometry, properties);
}

std::optional<json::Value> read_geometry(const bolt::Map& properties,
                                         const std::string& attribute) {
  const auto text = text_at(properties, attribute);
  const auto geometry = text ? GeometryReader().read(*text) : std::nullopt;
  if (!geometry)
    return std::nullopt;
  // Numbers as they came.
  return json::Value(json::Object{{"type", geometry->type},
                                  {shape_name(*geometry), *text->find(shape_name(*geometry))}});
}

std::optional<json::Value> read_geometry(const graph::FieldDefinition& field,
                                         const bolt::Map& properties, std::string& attribute) {
  for (const std::string& name : {field.property, field.list_property})
    if (auto geometry = read_geometry(properties, name)) {
      attribute = name;
      return json::Value(json::Object{{"geometry", std::move(*geometry)}});
    }
  return std::nullopt;
}

void add_untyped(const std::string& name, const json::Value& value, bolt::Map& properties) {
  if (const auto geometry = is_pure(value) ? GeometryReader().read(value) : std::nullopt)
    return add_exploded(name, *geometry, properties);
  properties.set(name, untyped_value(value));
  add_nested(name, value, 0, properties);
}

std::optional<std::string> geometry_attribute(const bolt::Map& properties, std::string_view name) {
  if (!name.ends_with(text_suffix))
    return std::nullopt;
  std::string attribute(name.substr(0, name.size() - text_suffix.size()));
  return read_geometry(properties, attribute) ? std::optional(std::move(attribute)) : std::nullopt;
}

bool is_companion(const bolt::Map& properties, std::string_view name) {
  for (const std::string_view suffix : companions) {
    if (!name.ends_with(suffix))
      continue;
    const std::string_view attribute = name.substr(0, name.size() - suffix.size());
    const std::size_t dot = attribute.find('.');
    // Of a geometry, or of one inside of an object.
    return properties.contains(std::string(attribute) + std::string(text_suffix)) ||
           (dot != std::string_view::npos && properties.contains(attribute.substr(0, dot)));
  }
  return false;
}

std::string_view companion_fault(const bolt::Map& properties, const std::string& attribute) {
  const auto text = text_at(properties, attribute);
  const auto geometry = text ? GeometryReader().read(*text) : std::nullopt;
  bolt::Map wanted;
  if (geometry)
    add_companions(attribute, *geometry, wanted);
  else if (properties.contains(attribute + std::string(text_suffix)))
    return "has a geometry that none of the others can read";
  for (const std::string_view suffix : companions) {
    const std::string name = attribute + std::string(suffix);
    const bolt::Value* present = properties.find(name);
    const bolt::Value* right = wanted.find(name);
    const bool is_there = present != nullptr && !present->is_null();
    if (is_there != (right != nullptr) || (is_there && !(*present == *right)))
      return "has a geometry whose companions are incomplete or stale";
  }
  return {};
}

} // namespace diffo::neo4j
