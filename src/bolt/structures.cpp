#include "bolt/packstream.h"

#include <bit>
#include <limits>

namespace diffo::bolt {

namespace {

constexpr std::uint8_t tag_node = 0x4E;
constexpr std::uint8_t tag_relationship = 0x52;
constexpr std::uint8_t tag_unbound_relationship = 0x72;
constexpr std::uint8_t tag_path = 0x50;
constexpr std::uint8_t tag_date = 0x44;
constexpr std::uint8_t tag_time = 0x54;
constexpr std::uint8_t tag_local_time = 0x74;
constexpr std::uint8_t tag_local_date_time = 0x64;
constexpr std::uint8_t tag_date_time = 0x49;
constexpr std::uint8_t tag_zoned_date_time = 0x69;
constexpr std::uint8_t tag_legacy_date_time = 0x46;
constexpr std::uint8_t tag_legacy_zoned_date_time = 0x66;
constexpr std::uint8_t tag_duration = 0x45;
constexpr std::uint8_t tag_point_2d = 0x58;
constexpr std::uint8_t tag_point_3d = 0x59;
constexpr std::uint8_t tag_vector = 0x56;
constexpr std::uint8_t tag_unsupported_type = 0x3F;

bool is_utc_zone(std::string_view zone) {
  return zone == "Etc/UTC" || zone == "UTC" || zone == "Z" || zone == "GMT" || zone == "Etc/GMT";
}

// Reads fields in order; the first that is not of the asked type makes the whole structure wrong.
class Fields {
public:
  explicit Fields(List& fields) : fields_(fields) {}

  template <typename T> T take() {
    T* content = next_ < fields_.size() ? fields_[next_].get_if<T>() : nullptr;
    ++next_;
    if (content == nullptr) {
      good_ = false;
      return T{};
    }
    return std::move(*content);
  }
  std::int64_t integer() { return take<std::int64_t>(); }
  std::int32_t small_integer(std::int64_t low = std::numeric_limits<std::int32_t>::min(),
                             std::int64_t high = std::numeric_limits<std::int32_t>::max()) {
    const std::int64_t wide = integer();
    good_ = good_ && wide >= low && wide <= high;
    return good_ ? static_cast<std::int32_t>(wide) : 0;
  }
  std::int32_t nanoseconds() { return small_integer(0, 999'999'999); }
  // Offsets reach ±18 hours.
  std::int32_t offset() { return small_integer(-64'800, 64'800); }
  std::int64_t nanoseconds_of_day() {
    const std::int64_t value = integer();
    good_ = good_ && value >= 0 && value < 86'400'000'000'000;
    return value;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    List items = take<List>();
    for (Value& item : items) {
      std::string* text = item.get_if<std::string>();
      good_ = good_ && text != nullptr;
      if (text != nullptr)
        out.push_back(std::move(*text));
    }
    return out;
  }
  bool good() const { return good_ && next_ == fields_.size(); }
  void refuse() { good_ = false; }

private:
  List& fields_;
  std::size_t next_ = 0;
  bool good_ = true;
};

bool has_element_ids(Version version) {
  return version >= bolt_5_0;
}

Node read_node(Fields& fields, Version version) {
  Node node;
  node.id = fields.integer();
  node.labels = fields.texts();
  node.properties = fields.take<Map>();
  node.element_id = has_element_ids(version) ? fields.take<std::string>() : std::to_string(node.id);
  return node;
}

Relationship read_relationship(Fields& fields, Version version) {
  Relationship edge;
  edge.id = fields.integer();
  edge.start_id = fields.integer();
  edge.end_id = fields.integer();
  edge.type = fields.take<std::string>();
  edge.properties = fields.take<Map>();
  const bool named = has_element_ids(version);
  edge.element_id = named ? fields.take<std::string>() : std::to_string(edge.id);
  edge.start_element_id = named ? fields.take<std::string>() : std::to_string(edge.start_id);
  edge.end_element_id = named ? fields.take<std::string>() : std::to_string(edge.end_id);
  return edge;
}

UnboundRelationship read_unbound(Fields& fields, Version version) {
  UnboundRelationship edge;
  edge.id = fields.integer();
  edge.type = fields.take<std::string>();
  edge.properties = fields.take<Map>();
  edge.element_id = has_element_ids(version) ? fields.take<std::string>() : std::to_string(edge.id);
  return edge;
}

Relationship bind(const UnboundRelationship& edge, const Node& start, const Node& end) {
  return {edge.id,         start.id,        end.id,           edge.type,
          edge.properties, edge.element_id, start.element_id, end.element_id};
}

// Indices come in pairs: a relationship counted from 1, negative when walked backwards, and a node
// counted from 0.
Path read_path(Fields& fields) {
  Path path;
  const List nodes = fields.take<List>();
  const List edges = fields.take<List>();
  const List indices = fields.take<List>();
  const Node* at = nodes.empty() ? nullptr : nodes.front().get_if<Node>();
  if (at == nullptr || indices.size() % 2 != 0) {
    fields.refuse();
    return path;
  }
  path.nodes.push_back(*at);
  for (std::size_t i = 0; i < indices.size(); i += 2) {
    const std::int64_t* step = indices[i].get_if<std::int64_t>();
    const std::int64_t* to = indices[i + 1].get_if<std::int64_t>();
    const auto edge_count = static_cast<std::int64_t>(edges.size());
    if (step == nullptr || to == nullptr || *step == 0 || *step > edge_count ||
        *step < -edge_count || *to < 0 || *to >= static_cast<std::int64_t>(nodes.size())) {
      fields.refuse();
      return path;
    }
    const auto* edge = edges[static_cast<std::size_t>(*step > 0 ? *step : -*step) - 1]
                           .get_if<UnboundRelationship>();
    const Node* next = nodes[static_cast<std::size_t>(*to)].get_if<Node>();
    if (edge == nullptr || next == nullptr) {
      fields.refuse();
      return path;
    }
    path.relationships.push_back(*step > 0 ? bind(*edge, *at, *next) : bind(*edge, *next, *at));
    path.nodes.push_back(*next);
    at = next;
  }
  return path;
}

template <typename T, typename Raw> std::vector<T> read_elements(const Bytes& data) {
  std::vector<T> out;
  out.reserve(data.size() / sizeof(T));
  for (std::size_t i = 0; i + sizeof(T) <= data.size(); i += sizeof(T)) {
    std::uint64_t raw = 0;
    for (std::size_t k = 0; k < sizeof(T); ++k)
      raw = raw << 8 | data[i + k];
    out.push_back(std::bit_cast<T>(static_cast<Raw>(raw)));
  }
  return out;
}

Vector read_vector(Fields& fields) {
  const Bytes type = fields.take<Bytes>();
  const Bytes data = fields.take<Bytes>();
  const std::uint8_t marker = type.size() == 1 ? type.front() : std::uint8_t{0};
  const std::size_t width = marker == 0xC8                     ? 1
                            : marker == 0xC9                   ? 2
                            : marker == 0xCA || marker == 0xC6 ? 4
                                                               : 8;
  if (data.size() % width != 0)
    fields.refuse();
  switch (marker) {
  case 0xC8:
    return {read_elements<std::int8_t, std::uint8_t>(data)};
  case 0xC9:
    return {read_elements<std::int16_t, std::uint16_t>(data)};
  case 0xCA:
    return {read_elements<std::int32_t, std::uint32_t>(data)};
  case 0xCB:
    return {read_elements<std::int64_t, std::uint64_t>(data)};
  case 0xC6:
    return {read_elements<float, std::uint32_t>(data)};
  case 0xC1:
    return {read_elements<double, std::uint64_t>(data)};
  default:
    fields.refuse();
    return {};
  }
}

UnsupportedType read_unsupported(Fields& fields) {
  UnsupportedType type;
  type.name = fields.take<std::string>();
  type.minimum_major = fields.integer();
  type.minimum_minor = fields.integer();
  type.message = std::string(fields.take<Map>().text_of("message"));
  return type;
}

DateTime read_date_time(Fields& fields, std::uint8_t tag) {
  DateTime moment{fields.integer(), fields.nanoseconds(), fields.offset()};
  if (tag == tag_legacy_date_time &&
      __builtin_sub_overflow(moment.seconds, std::int64_t{moment.offset_seconds}, &moment.seconds))
    fields.refuse();
  return moment;
}

ZonedDateTime read_zoned(Fields& fields, std::uint8_t tag) {
  ZonedDateTime moment{fields.integer(), fields.nanoseconds(), false, fields.take<std::string>()};
  moment.seconds_are_local = tag == tag_legacy_zoned_date_time && !is_utc_zone(moment.zone);
  return moment;
}

Value read_spatial(Fields& fields, std::uint8_t tag) {
  const std::int32_t srid = fields.small_integer();
  const double x = fields.take<double>();
  const double y = fields.take<double>();
  if (tag == tag_point_2d)
    return Point2D{srid, x, y};
  return Point3D{srid, x, y, fields.take<double>()};
}

Value read_temporal(Fields& fields, std::uint8_t tag) {
  switch (tag) {
  case tag_date:
    return Date{fields.integer()};
  case tag_local_time:
    return LocalTime{fields.nanoseconds_of_day()};
  case tag_time: {
    const std::int64_t nanoseconds = fields.nanoseconds_of_day();
    return Time{nanoseconds, fields.offset()};
  }
  case tag_local_date_time: {
    const std::int64_t seconds = fields.integer();
    return LocalDateTime{seconds, fields.nanoseconds()};
  }
  case tag_duration: {
    Duration duration{fields.integer(), fields.integer(), fields.integer(), 0};
    duration.nanoseconds = fields.small_integer();
    return duration;
  }
  case tag_date_time:
  case tag_legacy_date_time:
    return read_date_time(fields, tag);
  default:
    return read_zoned(fields, tag);
  }
}

bool is_temporal(std::uint8_t tag, Version version) {
  switch (tag) {
  case tag_date:
  case tag_local_time:
  case tag_time:
  case tag_local_date_time:
  case tag_duration:
  // The utc patch makes these known to 4.4 as well.
  case tag_date_time:
  case tag_zoned_date_time:
    return true;
  case tag_legacy_date_time:
  case tag_legacy_zoned_date_time:
    return version < bolt_5_0;
  default:
    return false;
  }
}

Value read_structure(std::uint8_t tag, Fields& fields, Version version) {
  switch (tag) {
  case tag_node:
    return read_node(fields, version);
  case tag_relationship:
    return read_relationship(fields, version);
  case tag_unbound_relationship:
    return read_unbound(fields, version);
  case tag_path:
    return read_path(fields);
  case tag_point_2d:
  case tag_point_3d:
    return read_spatial(fields, tag);
  case tag_vector:
    return read_vector(fields);
  case tag_unsupported_type:
    return read_unsupported(fields);
  default:
    return read_temporal(fields, tag);
  }
}

bool is_known(std::uint8_t tag, Version version) {
  switch (tag) {
  case tag_node:
  case tag_relationship:
  case tag_unbound_relationship:
  case tag_path:
  case tag_point_2d:
  case tag_point_3d:
    return true;
  case tag_vector:
  case tag_unsupported_type:
    return version >= bolt_6_0;
  default:
    return is_temporal(tag, version);
  }
}

} // namespace

std::string structure_from_fields(std::uint8_t tag, List& fields, Version version, Value& out) {
  if (!is_known(tag, version)) {
    out = UnknownStructure{tag, std::move(fields)};
    return {};
  }
  Fields reader(fields);
  out = read_structure(tag, reader, version);
  if (reader.good())
    return {};
  return "wrong fields in a " + std::string(name_of(out.kind()));
}

} // namespace diffo::bolt
