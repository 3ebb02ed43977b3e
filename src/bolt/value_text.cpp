#include "diffo/bolt_value.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <span>

namespace diffo::bolt {

namespace {

constexpr std::int64_t seconds_per_day = 86400;
constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

std::string padded(std::int64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() >= width ? digits : std::string(width - digits.size(), '0') + digits;
}

std::string fraction_text(std::int64_t nanoseconds) {
  if (nanoseconds == 0)
    return "";
  std::string digits = padded(nanoseconds, 9);
  digits.erase(digits.find_last_not_of('0') + 1);
  return "." + digits;
}

std::string clock_text(std::int64_t seconds, std::int64_t nanoseconds) {
  return padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" +
         padded(seconds % 60, 2) + fraction_text(nanoseconds);
}

std::string offset_text(std::int32_t offset) {
  if (offset == 0)
    return "Z";
  const std::int64_t size = std::abs(std::int64_t{offset});
  std::string text =
      (offset < 0 ? "-" : "+") + padded(size / 3600, 2) + ":" + padded(size / 60 % 60, 2);
  if (size % 60 != 0)
    text += ":" + padded(size % 60, 2);
  return text;
}

std::int64_t floor_divide(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

// Without overflow: what an outside value adds saturates.
std::int64_t add(std::int64_t left, std::int64_t right) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(left, right, &sum))
    return right < 0 ? INT64_MIN : INT64_MAX;
  return sum;
}

std::string date_text(std::int64_t days) {
  // The years that the calendar of the standard library has.
  static constexpr std::chrono::sys_days first = std::chrono::year::min() / 1 / 1;
  static constexpr std::chrono::sys_days last = std::chrono::year::max() / 12 / 31;
  if (days < first.time_since_epoch().count() || days > last.time_since_epoch().count())
    return std::to_string(days) + " days since 1970-01-01";
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  const int year = static_cast<int>(date.year());
  const std::string year_text = year < 0      ? "-" + padded(-year, 4)
                                : year > 9999 ? "+" + std::to_string(year)
                                              : padded(year, 4);
  return year_text + "-" + padded(static_cast<unsigned>(date.month()), 2) + "-" +
         padded(static_cast<unsigned>(date.day()), 2);
}

std::string moment_text(std::int64_t seconds, std::int32_t nanoseconds) {
  const std::int64_t days = floor_divide(seconds, seconds_per_day);
  return date_text(days) + "T" + clock_text(seconds - days * seconds_per_day, nanoseconds);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += "\\u" + padded(static_cast<unsigned char>(c) / 16, 3) + "0123456789abcdef"[c % 16];
    else
      out += c;
  }
  return out + '"';
}

std::string hex(std::span<const std::uint8_t> bytes);

std::string real_text(double number) {
  char buffer[32];
  const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof buffer, number);
  std::string text(buffer, end.ptr);
  if (std::isfinite(number) && text.find_first_of(".e") == std::string::npos)
    text += ".0";
  return text;
}

} // namespace

std::string to_text(const Date& date) {
  return date_text(date.days);
}

std::string to_text(const LocalTime& time) {
  return clock_text(time.nanoseconds / nanoseconds_per_second,
                    time.nanoseconds % nanoseconds_per_second);
}

std::string to_text(const Time& time) {
  return to_text(LocalTime{time.nanoseconds}) + offset_text(time.offset_seconds);
}

std::string to_text(const LocalDateTime& moment) {
  return moment_text(moment.seconds, moment.nanoseconds);
}

std::string to_text(const DateTime& moment) {
  return moment_text(add(moment.seconds, moment.offset_seconds), moment.nanoseconds) +
         offset_text(moment.offset_seconds);
}

std::string to_text(const ZonedDateTime& moment) {
  return moment_text(moment.seconds, moment.nanoseconds) + (moment.seconds_are_local ? "" : "Z") +
         "[" + moment.zone + "]";
}

std::string to_text(const Duration& duration) {
  std::string text =
      "P" + std::to_string(duration.months) + "M" + std::to_string(duration.days) + "DT";
  // The nanoseconds always count upwards from the seconds; as text they stand behind the same sign.
  std::int64_t seconds = duration.seconds;
  std::int64_t nanoseconds = duration.nanoseconds;
  if (seconds < 0 && nanoseconds > 0) {
    seconds += 1;
    nanoseconds = nanoseconds_per_second - nanoseconds;
  }
  if (duration.seconds < 0 && seconds == 0)
    text += "-";
  return text + std::to_string(seconds) + fraction_text(std::abs(nanoseconds)) + "S";
}

std::string to_text(const Uuid& uuid) {
  const std::string digits = hex(uuid.bytes);
  return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" +
         digits.substr(16, 4) + "-" + digits.substr(20);
}

namespace {

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

template <typename Items> std::string joined(const Items& items) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty())
      out += ", ";
    out += to_text(Value(item));
  }
  return out;
}

std::string map_text(const Map& map) {
  std::string out;
  for (const Entry& entry : map) {
    if (!out.empty())
      out += ", ";
    out += quoted(entry.key) + ": " + to_text(entry.value);
  }
  return "{" + out + "}";
}

std::string node_text(const Node& node) {
  std::string out = "(" + node.element_id;
  for (const std::string& label : node.labels)
    out += ":" + label;
  return out + " " + map_text(node.properties) + ")";
}

std::string path_text(const Path& path) {
  std::string out = path.nodes.empty() ? "()" : node_text(path.nodes.front());
  for (std::size_t i = 0; i < path.relationships.size() && i + 1 < path.nodes.size(); ++i) {
    const Relationship& step = path.relationships[i];
    const bool backwards = step.end_element_id == path.nodes[i].element_id &&
                           step.start_element_id != path.nodes[i].element_id;
    out += (backwards ? "<-[:" : "-[:") + step.type + (backwards ? "]-" : "]->") +
           node_text(path.nodes[i + 1]);
  }
  return out;
}

std::string point_text(std::int32_t srid, std::initializer_list<double> coordinates) {
  std::string out = "point(" + std::to_string(srid);
  for (const double coordinate : coordinates)
    out += ", " + real_text(coordinate);
  return out + ")";
}

std::string vector_text(const Vector& vector) {
  return std::visit(
      [](const auto& elements) {
        std::string out;
        for (const auto element : elements) {
          if (!out.empty())
            out += ", ";
          if constexpr (std::is_floating_point_v<std::decay_t<decltype(element)>>)
            out += real_text(static_cast<double>(element));
          else
            out += std::to_string(element);
        }
        return "vector[" + out + "]";
      },
      vector.elements);
}

std::string structure_text(const Value& value) {
  if (const Node* node = value.get_if<Node>())
    return node_text(*node);
  if (const Relationship* edge = value.get_if<Relationship>())
    return "[" + edge->element_id + ":" + edge->type + " " + map_text(edge->properties) + "]";
  if (const UnboundRelationship* edge = value.get_if<UnboundRelationship>())
    return "[" + edge->element_id + ":" + edge->type + " " + map_text(edge->properties) + "]";
  if (const Path* path = value.get_if<Path>())
    return path_text(*path);
  if (const Point2D* point = value.get_if<Point2D>())
    return point_text(point->srid, {point->x, point->y});
  if (const Point3D* point = value.get_if<Point3D>())
    return point_text(point->srid, {point->x, point->y, point->z});
  if (const Vector* vector = value.get_if<Vector>())
    return vector_text(*vector);
  if (const UnsupportedType* type = value.get_if<UnsupportedType>())
    return "unsupported(" + type->name + ")";
  const UnknownStructure& unknown = value.get<UnknownStructure>();
  return "structure(" + std::to_string(unknown.tag) + ", [" + joined(unknown.fields) + "])";
}

} // namespace

std::string to_text(const Value& value) {
  if (value.is_null())
    return "null";
  if (const bool* boolean = value.get_if<bool>())
    return *boolean ? "true" : "false";
  if (const std::int64_t* integer = value.get_if<std::int64_t>())
    return std::to_string(*integer);
  if (const double* real = value.get_if<double>())
    return real_text(*real);
  if (const std::string* text = value.get_if<std::string>())
    return quoted(*text);
  if (const Bytes* bytes = value.get_if<Bytes>())
    return "bytes(" + hex(*bytes) + ")";
  if (const List* items = value.get_if<List>())
    return "[" + joined(*items) + "]";
  if (const Map* map = value.get_if<Map>())
    return map_text(*map);
  if (const Date* date = value.get_if<Date>())
    return to_text(*date);
  if (const LocalTime* time = value.get_if<LocalTime>())
    return to_text(*time);
  if (const Time* time = value.get_if<Time>())
    return to_text(*time);
  if (const LocalDateTime* moment = value.get_if<LocalDateTime>())
    return to_text(*moment);
  if (const DateTime* moment = value.get_if<DateTime>())
    return to_text(*moment);
  if (const ZonedDateTime* moment = value.get_if<ZonedDateTime>())
    return to_text(*moment);
  if (const Duration* duration = value.get_if<Duration>())
    return to_text(*duration);
  if (const Uuid* uuid = value.get_if<Uuid>())
    return to_text(*uuid);
  return structure_text(value);
}

} // namespace diffo::bolt
