#include "tmf/geometry.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace diffo::tmf {
namespace {

constexpr std::size_t most_positions = 100'000;
constexpr int deepest_collection = 8;
constexpr std::size_t fewest_of_ring = 4;

/// The form of coordinates: how deep their positions stand, and what holds of the lists of them.
struct Shape {
  std::string_view type;
  int depth = 0;          ///< lists around a position
  std::size_t fewest = 0; ///< positions in the innermost list, where it holds any
};
// RFC 7946 §3.1.2–§3.1.7.
constexpr std::array<Shape, 6> shapes = {{{"Point", 0, 0},
                                          {"MultiPoint", 1, 0},
                                          {"LineString", 1, 2},
                                          {"MultiLineString", 2, 2},
                                          {"Polygon", 2, fewest_of_ring},
                                          {"MultiPolygon", 3, fewest_of_ring}}};

Error invalid(std::string message, std::string path) {
  return {ErrorCode::invalid, std::move(message), std::move(path)};
}

class Checker {
public:
  std::optional<Error> geometry(const json::Value& value, const std::string& path,
                                std::string_view of_type, int depth) {
    const json::Object* object = value.if_object();
    if (object == nullptr)
      return invalid("a geometry must be an object", path);
    const json::Value* named = object->find("type");
    if (named != nullptr && !named->is_string())
      return invalid("type must be a string", path + "/type");
    // TMF675 has an example of each: a geometry, and what is around one in a feature (§3.2).
    const json::Value* inner = object->find("geometry");
    if (inner != nullptr && (named == nullptr || named->string() == "Feature"))
      return inner->is_null() ? std::nullopt : within(depth, *inner, path + "/geometry", of_type);
    const std::string_view type = named != nullptr ? std::string_view(named->string()) : of_type;
    if (!of_type.empty() && type != of_type)
      return invalid("the type of the geometry is not the one that @type names: " +
                         std::string(of_type),
                     path + "/type");
    if (const json::Value* box = object->find("bbox"))
      if (auto problem = bounding_box_problem(*box, path + "/bbox"))
        return problem;
    if (type == "GeometryCollection")
      return collection(*object, path, depth);
    const auto* shape = std::find_if(shapes.begin(), shapes.end(),
                                     [type](const Shape& one) { return one.type == type; });
    if (shape == shapes.end())
      return invalid("type must be Point, MultiPoint, LineString, MultiLineString, Polygon, "
                     "MultiPolygon or GeometryCollection",
                     path + "/type");
    const json::Value* coordinates = object->find("coordinates");
    if (coordinates == nullptr)
      return invalid("coordinates are mandatory", path + "/coordinates");
    return list(*coordinates, *shape, shape->depth, path + "/coordinates");
  }

private:
  std::optional<Error> within(int depth, const json::Value& value, const std::string& path,
                              std::string_view of_type) {
    return depth < deepest_collection ? geometry(value, path, of_type, depth + 1)
                                      : invalid("geometries stand in each other too deep", path);
  }

  std::optional<Error> collection(const json::Object& object, const std::string& path, int depth) {
    const json::Value* member = object.find("geometries");
    const json::Array* items = member != nullptr ? member->if_array() : nullptr;
    if (items == nullptr)
      return invalid("geometries must be an array", path + "/geometries");
    for (std::size_t index = 0; index < items->size(); ++index)
      if (auto problem =
              within(depth, (*items)[index], path + "/geometries/" + std::to_string(index), {}))
        return problem;
    return std::nullopt;
  }

  std::optional<Error> list(const json::Value& value, const Shape& shape, int depth,
                            const std::string& path) {
    if (depth == 0)
      return position(value, path);
    const json::Array* items = value.if_array();
    if (items == nullptr)
      return invalid("must be an array", path);
    for (std::size_t index = 0; index < items->size(); ++index)
      if (auto problem =
              list((*items)[index], shape, depth - 1, path + '/' + std::to_string(index)))
        return problem;
    if (depth > 1 || items->empty())
      return std::nullopt;
    if (items->size() < shape.fewest)
      return invalid("a " + std::string(shape.fewest == fewest_of_ring ? "ring" : "line") +
                         " has at least " + std::to_string(shape.fewest) + " positions",
                     path);
    return std::nullopt;
  }

  std::optional<Error> position(const json::Value& value, const std::string& path) {
    if (++positions_ > most_positions)
      return invalid("a geometry has at most " + std::to_string(most_positions) + " positions",
                     path);
    const json::Array* numbers = value.if_array();
    if (numbers == nullptr || numbers->size() < 2 || numbers->size() > 3 ||
        !std::all_of(numbers->begin(), numbers->end(),
                     [](const json::Value& number) { return number.is_number(); }))
      return invalid("a position is an array of two or three numbers", path);
    return std::nullopt;
  }

  std::size_t positions_ = 0;
};

} // namespace

std::optional<Error> geometry_problem(const json::Value& value, const std::string& path,
                                      std::string_view of_type) {
  return Checker().geometry(value, path, of_type, 0);
}

std::optional<Error> bounding_box_problem(const json::Value& value, const std::string& path) {
  const json::Array* numbers = value.if_array();
  if (numbers == nullptr || (numbers->size() != 4 && numbers->size() != 6) ||
      !std::all_of(numbers->begin(), numbers->end(),
                   [](const json::Value& number) { return number.is_number(); }))
    return invalid("a bounding box is an array of four or six numbers", path);
  return std::nullopt;
}

} // namespace diffo::tmf
