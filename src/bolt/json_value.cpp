#include "diffo/bolt_json.h"

#include <cmath>
#include <cstdlib>

namespace diffo::bolt {

namespace {

std::string base64(const Bytes& bytes) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const unsigned group = static_cast<unsigned>(
        bytes[i] << 16 | (left > 1 ? bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0));
    out += digits[group >> 18 & 63];
    out += digits[group >> 12 & 63];
    out += left > 1 ? digits[group >> 6 & 63] : '=';
    out += left > 2 ? digits[group & 63] : '=';
  }
  return out;
}

json::Value real_json(double real) {
  if (std::isnan(real))
    return "NaN";
  if (std::isinf(real))
    return real < 0 ? "-Infinity" : "Infinity";
  return real;
}

json::Value map_json(const Map& map) {
  json::Object out;
  out.reserve(map.size());
  for (const Entry& entry : map)
    out.append(entry.key, to_json(entry.value));
  return out;
}

template <typename Items> json::Value list_json(const Items& items) {
  json::Array out;
  out.reserve(items.size());
  for (const auto& item : items)
    out.push_back(to_json(Value(item)));
  return out;
}

json::Value vector_json(const Vector& vector) {
  return std::visit(
      [](const auto& elements) {
        json::Array out;
        for (const auto element : elements) {
          if constexpr (std::is_floating_point_v<std::decay_t<decltype(element)>>)
            out.push_back(real_json(static_cast<double>(element)));
          else
            out.emplace_back(std::int64_t{element});
        }
        return json::Value(std::move(out));
      },
      vector.elements);
}

json::Value relationship_json(const Relationship& edge) {
  return json::Object{{"id", edge.id},
                      {"elementId", edge.element_id},
                      {"type", edge.type},
                      {"startElementId", edge.start_element_id},
                      {"endElementId", edge.end_element_id},
                      {"properties", map_json(edge.properties)}};
}

json::Value structure_json(const Value& value) {
  if (const Node* node = value.get_if<Node>())
    return json::Object{{"id", node->id},
                        {"elementId", node->element_id},
                        {"labels", list_json(node->labels)},
                        {"properties", map_json(node->properties)}};
  if (const Relationship* edge = value.get_if<Relationship>())
    return relationship_json(*edge);
  if (const UnboundRelationship* edge = value.get_if<UnboundRelationship>())
    return json::Object{{"id", edge->id},
                        {"elementId", edge->element_id},
                        {"type", edge->type},
                        {"properties", map_json(edge->properties)}};
  if (const Path* path = value.get_if<Path>())
    return json::Object{{"nodes", list_json(path->nodes)},
                        {"relationships", list_json(path->relationships)}};
  if (const Point2D* point = value.get_if<Point2D>())
    return json::Object{{"srid", std::int64_t{point->srid}},
                        {"x", real_json(point->x)},
                        {"y", real_json(point->y)}};
  if (const Point3D* point = value.get_if<Point3D>())
    return json::Object{{"srid", std::int64_t{point->srid}},
                        {"x", real_json(point->x)},
                        {"y", real_json(point->y)},
                        {"z", real_json(point->z)}};
  if (const Vector* vector = value.get_if<Vector>())
    return vector_json(*vector);
  if (const UnknownStructure* unknown = value.get_if<UnknownStructure>())
    return json::Object{{"tag", std::int64_t{unknown->tag}},
                        {"fields", list_json(unknown->fields)}};
  // The temporal values, UUIDs and what the server could not send have texts.
  return to_text(value);
}

} // namespace

json::Value to_json(const Value& value) {
  switch (value.kind()) {
  case Kind::null:
    return nullptr;
  case Kind::boolean:
    return value.get<bool>();
  case Kind::integer:
    return value.get<std::int64_t>();
  case Kind::real:
    return real_json(value.get<double>());
  case Kind::string:
    return value.get<std::string>();
  case Kind::bytes:
    return base64(value.get<Bytes>());
  case Kind::list:
    return list_json(value.get<List>());
  case Kind::map:
    return map_json(value.get<Map>());
  default:
    return structure_json(value);
  }
}

Value from_json(const json::Value& value) {
  switch (value.kind()) {
  case json::Kind::null:
    return nullptr;
  case json::Kind::boolean:
    return value.boolean();
  case json::Kind::integer:
    return value.integer();
  case json::Kind::real:
    return value.real();
  case json::Kind::number:
    return std::strtod(value.number_text().c_str(), nullptr);
  case json::Kind::string:
    return value.string();
  case json::Kind::array: {
    List out;
    out.reserve(value.array().size());
    for (const json::Value& item : value.array())
      out.push_back(from_json(item));
    return out;
  }
  case json::Kind::object: {
    std::vector<Entry> entries;
    entries.reserve(value.object().size());
    for (const json::Member& member : value.object())
      entries.push_back({member.name, from_json(member.value)});
    return Map::from_entries(std::move(entries));
  }
  }
  return {};
}

} // namespace diffo::bolt
