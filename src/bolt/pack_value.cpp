#include "bolt/packstream.h"

#include <bit>
#include <map>

namespace diffo::bolt {

namespace {

constexpr std::size_t max_pack_depth = 100;

bool is_utc_zone(std::string_view zone) {
  return zone == "Etc/UTC" || zone == "UTC" || zone == "Z" || zone == "GMT" || zone == "Etc/GMT";
}

/// Writes one value of any kind; the first thing that cannot be written ends it.
class ValuePacker {
public:
  ValuePacker(Packer& out, Version version, GraphValues graph)
      : out_(out), version_(version), graph_(graph) {}

  bool any(const Value& value);
  bool map(const Map& map);
  std::string problem;

private:
  bool fail(std::string what) {
    problem = std::move(what);
    return false;
  }
  bool sized(std::size_t size) { return size <= max_size || fail("a size above 2^31-1"); }
  bool text(std::string_view text) {
    if (!sized(text.size()))
      return false;
    if (!is_utf8(text))
      return fail("a string that is not UTF-8");
    out_.string(text);
    return true;
  }
  bool list(const List& items);
  bool structure(const Value& value);
  bool graph(const Value& value);
  bool node(const Node& node);
  bool relationship(const Relationship& edge);
  bool unbound(const UnboundRelationship& edge);
  bool path(const Path& path);
  bool date_time(const DateTime& moment);
  bool zoned(const ZonedDateTime& moment);
  bool vector(const Vector& vector);
  void point(const Point2D& point);
  void point(const Point3D& point);
  bool named() const { return version_ >= bolt_5_0; }

  Packer& out_;
  Version version_;
  GraphValues graph_;
  std::size_t depth_ = 0;
};

bool ValuePacker::list(const List& items) {
  if (!sized(items.size()))
    return false;
  out_.list_header(items.size());
  for (const Value& item : items)
    if (!any(item))
      return false;
  return true;
}

bool ValuePacker::map(const Map& map) {
  if (!sized(map.size()))
    return false;
  out_.map_header(map.size());
  for (const Entry& entry : map)
    if (!text(entry.key) || !any(entry.value))
      return false;
  return true;
}

bool ValuePacker::any(const Value& value) {
  if (depth_ == max_pack_depth)
    return fail("too deeply nested");
  ++depth_;
  const bool good = [&] {
    switch (value.kind()) {
    case Kind::null:
      out_.null();
      return true;
    case Kind::boolean:
      out_.boolean(value.get<bool>());
      return true;
    case Kind::integer:
      out_.integer(value.get<std::int64_t>());
      return true;
    case Kind::real:
      out_.real(value.get<double>());
      return true;
    case Kind::string:
      return text(value.get<std::string>());
    case Kind::bytes:
      if (!sized(value.get<Bytes>().size()))
        return false;
      out_.bytes(value.get<Bytes>());
      return true;
    case Kind::list:
      return list(value.get<List>());
    case Kind::map:
      return map(value.get<Map>());
    default:
      return structure(value);
    }
  }();
  --depth_;
  return good;
}

bool ValuePacker::date_time(const DateTime& moment) {
  std::int64_t seconds = moment.seconds;
  if (!named() && __builtin_add_overflow(seconds, std::int64_t{moment.offset_seconds}, &seconds))
    return fail("a date-time out of range");
  out_.structure_header(3, named() ? 0x49 : 0x46);
  out_.integer(seconds);
  out_.integer(moment.nanoseconds);
  out_.integer(moment.offset_seconds);
  return true;
}

bool ValuePacker::zoned(const ZonedDateTime& moment) {
  const bool same = is_utc_zone(moment.zone);
  if (!same && moment.seconds_are_local == named())
    return fail(named() ? "a zoned date-time with local seconds, which only Bolt 4.4 carries"
                        : "a zoned date-time in UTC seconds, which Bolt 4.4 does not carry");
  out_.structure_header(3, named() ? 0x69 : 0x66);
  out_.integer(moment.seconds);
  out_.integer(moment.nanoseconds);
  return text(moment.zone);
}

bool ValuePacker::vector(const Vector& vector) {
  if (version_ < bolt_6_0)
    return fail("a vector, which needs Bolt 6.0");
  static constexpr std::uint8_t markers[] = {0xC8, 0xC9, 0xCA, 0xCB, 0xC6, 0xC1};
  Bytes data;
  std::visit(
      [&](const auto& elements) {
        for (const auto element : elements) {
          std::uint64_t raw = 0;
          if constexpr (std::is_same_v<std::decay_t<decltype(element)>, float>)
            raw = std::bit_cast<std::uint32_t>(element);
          else if constexpr (std::is_same_v<std::decay_t<decltype(element)>, double>)
            raw = std::bit_cast<std::uint64_t>(element);
          else
            raw = static_cast<std::make_unsigned_t<std::decay_t<decltype(element)>>>(element);
          for (std::size_t i = sizeof(element); i-- > 0;)
            data.push_back(static_cast<std::uint8_t>(raw >> (8 * i)));
        }
      },
      vector.elements);
  out_.structure_header(2, 0x56);
  out_.bytes(Bytes{markers[vector.elements.index()]});
  out_.bytes(data);
  return sized(data.size());
}

void ValuePacker::point(const Point2D& point) {
  out_.structure_header(3, 0x58);
  out_.integer(point.srid);
  out_.real(point.x);
  out_.real(point.y);
}

void ValuePacker::point(const Point3D& point) {
  out_.structure_header(4, 0x59);
  out_.integer(point.srid);
  out_.real(point.x);
  out_.real(point.y);
  out_.real(point.z);
}

bool ValuePacker::structure(const Value& value) {
  switch (value.kind()) {
  case Kind::date:
    out_.structure_header(1, 0x44);
    out_.integer(value.get<Date>().days);
    return true;
  case Kind::local_time:
    out_.structure_header(1, 0x74);
    out_.integer(value.get<LocalTime>().nanoseconds);
    return true;
  case Kind::time:
    out_.structure_header(2, 0x54);
    out_.integer(value.get<Time>().nanoseconds);
    out_.integer(value.get<Time>().offset_seconds);
    return true;
  case Kind::local_date_time:
    out_.structure_header(2, 0x64);
    out_.integer(value.get<LocalDateTime>().seconds);
    out_.integer(value.get<LocalDateTime>().nanoseconds);
    return true;
  case Kind::date_time:
    return date_time(value.get<DateTime>());
  case Kind::zoned_date_time:
    return zoned(value.get<ZonedDateTime>());
  case Kind::duration: {
    const Duration& duration = value.get<Duration>();
    out_.structure_header(4, 0x45);
    for (const std::int64_t part :
         {duration.months, duration.days, duration.seconds, std::int64_t{duration.nanoseconds}})
      out_.integer(part);
    return true;
  }
  case Kind::point_2d:
    point(value.get<Point2D>());
    return true;
  case Kind::point_3d:
    point(value.get<Point3D>());
    return true;
  case Kind::vector:
    return vector(value.get<Vector>());
  case Kind::uuid:
    if (version_ < bolt_6_1 && graph_ == GraphValues::refuse)
      return fail("a native UUID, which needs Bolt 6.1");
    out_.uuid(value.get<Uuid>());
    return true;
  default:
    return graph(value);
  }
}

bool ValuePacker::graph(const Value& value) {
  if (graph_ == GraphValues::refuse)
    return fail("a " + std::string(name_of(value.kind())) + ", which cannot be a parameter");
  if (const Node* content = value.get_if<Node>())
    return node(*content);
  if (const Relationship* content = value.get_if<Relationship>())
    return relationship(*content);
  if (const UnboundRelationship* content = value.get_if<UnboundRelationship>())
    return unbound(*content);
  if (const Path* content = value.get_if<Path>())
    return path(*content);
  if (const UnsupportedType* content = value.get_if<UnsupportedType>()) {
    out_.structure_header(4, 0x3F);
    out_.string(content->name);
    out_.integer(content->minimum_major);
    out_.integer(content->minimum_minor);
    return map(content->message.empty() ? Map{} : Map{{"message", content->message}});
  }
  const UnknownStructure& unknown = value.get<UnknownStructure>();
  if (unknown.fields.size() > 15)
    return fail("a structure of more than 15 fields");
  out_.structure_header(unknown.fields.size(), unknown.tag);
  for (const Value& field : unknown.fields)
    if (!any(field))
      return false;
  return true;
}

bool ValuePacker::node(const Node& node) {
  out_.structure_header(named() ? 4 : 3, 0x4E);
  out_.integer(node.id);
  out_.list_header(node.labels.size());
  for (const std::string& label : node.labels)
    if (!text(label))
      return false;
  return map(node.properties) && (!named() || text(node.element_id));
}

bool ValuePacker::relationship(const Relationship& edge) {
  out_.structure_header(named() ? 8 : 5, 0x52);
  out_.integer(edge.id);
  out_.integer(edge.start_id);
  out_.integer(edge.end_id);
  if (!text(edge.type) || !map(edge.properties))
    return false;
  return !named() ||
         (text(edge.element_id) && text(edge.start_element_id) && text(edge.end_element_id));
}

bool ValuePacker::unbound(const UnboundRelationship& edge) {
  out_.structure_header(named() ? 4 : 3, 0x72);
  out_.integer(edge.id);
  return text(edge.type) && map(edge.properties) && (!named() || text(edge.element_id));
}

bool ValuePacker::path(const Path& path) {
  if (path.nodes.size() != path.relationships.size() + 1)
    return fail("a path whose nodes and relationships do not alternate");
  std::map<std::string_view, std::size_t> known;
  std::vector<const Node*> nodes;
  std::vector<std::size_t> places;
  for (const Node& node : path.nodes) {
    const auto [entry, added] = known.try_emplace(node.element_id, nodes.size());
    if (added)
      nodes.push_back(&node);
    places.push_back(entry->second);
  }
  out_.structure_header(3, 0x50);
  out_.list_header(nodes.size());
  for (const Node* content : nodes)
    if (!node(*content))
      return false;
  out_.list_header(path.relationships.size());
  for (const Relationship& edge : path.relationships)
    if (!unbound({edge.id, edge.type, edge.properties, edge.element_id}))
      return false;
  out_.list_header(2 * path.relationships.size());
  for (std::size_t i = 0; i < path.relationships.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i + 1);
    const bool forwards = path.relationships[i].start_element_id == path.nodes[i].element_id;
    out_.integer(forwards ? number : -number);
    out_.integer(static_cast<std::int64_t>(places[i + 1]));
  }
  return true;
}

Failure refused(const ValuePacker& packer) {
  return make_failure(FailureKind::usage, "cannot be sent: " + packer.problem);
}

} // namespace

Outcome<void> pack(Packer& packer, const Value& value, Version version, GraphValues graph) {
  ValuePacker writer(packer, version, graph);
  if (!writer.any(value))
    return refused(writer);
  return {};
}

Outcome<void> pack(Packer& packer, const Map& map, Version version, GraphValues graph) {
  ValuePacker writer(packer, version, graph);
  if (!writer.map(map))
    return refused(writer);
  return {};
}

} // namespace diffo::bolt
