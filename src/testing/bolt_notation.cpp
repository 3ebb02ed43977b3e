#include "testing/bolt_notation.h"

#include <charconv>

namespace diffo::bolt::fake {

namespace {

constexpr std::uint8_t wildcard_tag = 0x2A;

Value wildcard() {
  return UnknownStructure{wildcard_tag, {}};
}

bool is_wildcard(const Value& value) {
  const UnknownStructure* structure = value.get_if<UnknownStructure>();
  return structure != nullptr && structure->tag == wildcard_tag && structure->fields.empty();
}

Failure malformed(std::string_view text, const char* what) {
  return make_failure(FailureKind::usage,
                      std::string(what) + " at: " + std::string(text.substr(0, 40)));
}

void skip_space(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
}

bool take(std::string_view& text, char c) {
  skip_space(text);
  if (text.empty() || text.front() != c)
    return false;
  text.remove_prefix(1);
  return true;
}

Outcome<std::string> read_string(std::string_view& text) {
  std::string out;
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) {
      text.remove_prefix(1);
      out += text.front() == 'n' ? '\n' : text.front();
    } else {
      out += text.front();
    }
    text.remove_prefix(1);
  }
  if (text.empty())
    return malformed(text, "a string without its end");
  text.remove_prefix(1);
  return out;
}

Outcome<Value> read_number(std::string_view& text) {
  const std::size_t length = std::min(text.find_first_not_of("+-.0123456789eE"), text.size());
  const std::string_view digits = text.substr(0, length);
  const char* end = digits.data() + digits.size();
  text.remove_prefix(length);
  if (digits.find_first_of(".eE") != std::string_view::npos) {
    double real = 0;
    if (std::from_chars(digits.data(), end, real).ptr == end)
      return Value(real);
  } else {
    std::int64_t integer = 0;
    if (std::from_chars(digits.data(), end, integer).ptr == end && !digits.empty())
      return Value(integer);
  }
  return malformed(digits, "a number was expected");
}

Outcome<List> read_list(std::string_view& text, char close) {
  List items;
  if (take(text, close))
    return items;
  do
    items.push_back(TRY(read_value(text)));
  while (take(text, ','));
  if (!take(text, close))
    return malformed(text, "a list without its end");
  return items;
}

Outcome<Value> read_map(std::string_view& text) {
  std::vector<Entry> entries;
  if (take(text, '}'))
    return Value(Map{});
  do {
    skip_space(text);
    if (text.empty() || text.front() != '"')
      return malformed(text, "a key was expected");
    std::string key = TRY(read_string(text));
    if (!take(text, ':'))
      return malformed(text, "a colon was expected");
    entries.push_back({std::move(key), TRY(read_value(text))});
  } while (take(text, ','));
  if (!take(text, '}'))
    return malformed(text, "a map without its end");
  return Value(Map::from_entries(std::move(entries)));
}

// Reads the arguments of a named structure; a wrong one makes the whole line wrong.
class Arguments {
public:
  explicit Arguments(const List& values) : values_(values) {}
  template <typename T> T next() {
    const T* content = at_ < values_.size() ? values_[at_].get_if<T>() : nullptr;
    ++at_;
    good_ = good_ && content != nullptr;
    return content == nullptr ? T{} : *content;
  }
  std::int64_t integer() { return next<std::int64_t>(); }
  std::int32_t small() { return static_cast<std::int32_t>(integer()); }
  std::string text() { return next<std::string>(); }
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    const List items = next<List>();
    for (const Value& item : items)
      out.push_back(item.get_if<std::string>() == nullptr ? "" : item.get<std::string>());
    return out;
  }
  template <typename T> std::vector<T> all() {
    std::vector<T> out;
    const List items = next<List>();
    for (const Value& item : items)
      if (const T* content = item.get_if<T>())
        out.push_back(*content);
    return out;
  }
  bool has_more() const { return at_ < values_.size(); }
  bool good() const { return good_ && at_ == values_.size(); }

private:
  const List& values_;
  std::size_t at_ = 0;
  bool good_ = true;
};

template <typename T, typename From> std::vector<T> convert(const std::vector<From>& numbers) {
  std::vector<T> out;
  out.reserve(numbers.size());
  for (const From number : numbers)
    out.push_back(static_cast<T>(number));
  return out;
}

Value read_vector(Arguments& in) {
  const std::string type = in.text();
  Vector vector;
  if (type == "f32")
    vector.elements = convert<float>(in.all<double>());
  else if (type == "f64")
    vector.elements = in.all<double>();
  else if (type == "i8")
    vector.elements = convert<std::int8_t>(in.all<std::int64_t>());
  else if (type == "i16")
    vector.elements = convert<std::int16_t>(in.all<std::int64_t>());
  else if (type == "i32")
    vector.elements = convert<std::int32_t>(in.all<std::int64_t>());
  else
    vector.elements = in.all<std::int64_t>();
  return vector;
}

Value read_graph(std::string_view name, Arguments& in) {
  if (name == "Node")
    return Node{in.integer(), in.texts(), in.next<Map>(), in.text()};
  if (name == "Relationship")
    return Relationship{in.integer(),   in.integer(), in.integer(), in.text(),
                        in.next<Map>(), in.text(),    in.text(),    in.text()};
  if (name == "UnboundRelationship")
    return UnboundRelationship{in.integer(), in.text(), in.next<Map>(), in.text()};
  return Path{in.all<Node>(), in.all<Relationship>()};
}

Value read_temporal(std::string_view name, Arguments& in) {
  if (name == "Date")
    return Date{in.integer()};
  if (name == "LocalTime")
    return LocalTime{in.integer()};
  if (name == "Time")
    return Time{in.integer(), in.small()};
  if (name == "LocalDateTime")
    return LocalDateTime{in.integer(), in.small()};
  if (name == "DateTime")
    return DateTime{in.integer(), in.small(), in.small()};
  if (name == "ZonedDateTime")
    return ZonedDateTime{in.integer(), in.small(), false, in.text()};
  return Duration{in.integer(), in.integer(), in.integer(), in.small()};
}

Outcome<Value> read_structure(std::string_view name, Arguments& in) {
  if (name == "Node" || name == "Relationship" || name == "UnboundRelationship" || name == "Path")
    return read_graph(name, in);
  if (name == "Date" || name == "LocalTime" || name == "Time" || name == "LocalDateTime" ||
      name == "DateTime" || name == "ZonedDateTime" || name == "Duration")
    return read_temporal(name, in);
  if (name == "Point") {
    const Point2D flat{in.small(), in.next<double>(), in.next<double>()};
    return in.has_more() ? Value(Point3D{flat.srid, flat.x, flat.y, in.next<double>()})
                         : Value(flat);
  }
  if (name == "Bytes" || name == "Uuid") {
    const std::string bytes = TRY(read_hex(in.text()));
    if (name == "Bytes")
      return Value(Bytes(bytes.begin(), bytes.end()));
    Uuid uuid;
    for (std::size_t i = 0; i < 16 && i < bytes.size(); ++i)
      uuid.bytes[i] = static_cast<std::uint8_t>(bytes[i]);
    return Value(uuid);
  }
  if (name == "Vector")
    return read_vector(in);
  if (name == "Unsupported")
    return Value(UnsupportedType{in.text(), in.integer(), in.integer(), in.text()});
  if (name == "Structure")
    return Value(UnknownStructure{static_cast<std::uint8_t>(in.integer()), in.next<List>()});
  return make_failure(FailureKind::usage, "no structure is called " + std::string(name));
}

Outcome<Value> read_word(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && std::isalnum(static_cast<unsigned char>(text[length])))
    ++length;
  const std::string name(text.substr(0, length));
  text.remove_prefix(length);
  if (name == "null")
    return Value();
  if (name == "true" || name == "false")
    return Value(name == "true");
  if (!take(text, '('))
    return malformed(text, "a value was expected");
  const List values = TRY(read_list(text, ')'));
  Arguments arguments(values);
  Value value = TRY(read_structure(name, arguments));
  if (!arguments.good())
    return make_failure(FailureKind::usage, "wrong arguments for " + name);
  return value;
}

bool matches_map(const Map& pattern, const Map& map) {
  std::size_t named = 0;
  for (const Entry& entry : pattern) {
    if (entry.key == "*")
      continue;
    const Value* value = map.find(entry.key);
    if (value == nullptr || !matches(entry.value, *value))
      return false;
    ++named;
  }
  return pattern.contains("*") || named == map.size();
}

} // namespace

Outcome<Value> read_value(std::string_view& text) {
  skip_space(text);
  if (text.empty())
    return malformed(text, "a value was expected");
  const char first = text.front();
  if (first == '*') {
    text.remove_prefix(1);
    return wildcard();
  }
  if (first == '"')
    return Value(TRY(read_string(text)));
  if (take(text, '['))
    return Value(TRY(read_list(text, ']')));
  if (take(text, '{'))
    return read_map(text);
  if (first == '-' || (first >= '0' && first <= '9'))
    return read_number(text);
  return read_word(text);
}

Outcome<List> read_values(std::string_view text) {
  List values;
  for (skip_space(text); !text.empty(); skip_space(text))
    values.push_back(TRY(read_value(text)));
  return values;
}

bool matches(const Value& pattern, const Value& value) {
  if (is_wildcard(pattern))
    return true;
  if (const Map* map = pattern.get_if<Map>())
    return value.get_if<Map>() != nullptr && matches_map(*map, value.get<Map>());
  if (const List* list = pattern.get_if<List>())
    return value.get_if<List>() != nullptr && matches(*list, value.get<List>());
  return pattern == value;
}

bool matches(const List& patterns, const List& values) {
  if (patterns.size() != values.size())
    return false;
  for (std::size_t i = 0; i < patterns.size(); ++i)
    if (!matches(patterns[i], values[i]))
      return false;
  return true;
}

Outcome<Signature> read_signature(std::string_view name) {
  for (const Signature signature :
       {Signature::hello, Signature::goodbye, Signature::reset, Signature::run, Signature::begin,
        Signature::commit, Signature::rollback, Signature::discard, Signature::pull,
        Signature::telemetry, Signature::route, Signature::logon, Signature::logoff,
        Signature::success, Signature::record, Signature::ignored, Signature::failure})
    if (name_of(signature) == name)
      return signature;
  return make_failure(FailureKind::usage, "no message is called " + std::string(name));
}

Outcome<std::string> read_hex(std::string_view text) {
  std::string out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ')
      continue;
    const std::size_t digit =
        std::string_view("0123456789abcdef").find(static_cast<char>(std::tolower(c)));
    if (digit == std::string_view::npos)
      return malformed(text, "hexadecimal digits were expected");
    if (high < 0) {
      high = static_cast<int>(digit);
    } else {
      out += static_cast<char>(high * 16 + static_cast<int>(digit));
      high = -1;
    }
  }
  if (high >= 0)
    return malformed(text, "an odd number of hexadecimal digits");
  return out;
}

} // namespace diffo::bolt::fake
