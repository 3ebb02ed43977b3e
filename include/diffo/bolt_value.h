#pragma once

#include <diffo/result.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// The values that travel over Bolt: what a query takes as parameters and what a record holds.
namespace diffo::bolt {

class Value;
struct Entry;

/// Raw bytes.
using Bytes = std::vector<std::uint8_t>;
using List = std::vector<Value>;

/// Text keys with values, in the order they came. Keys are unique; `find` is linear, which suits
/// the sizes of properties.
class Map {
public:
  // Defined where Entry is complete.
  Map();
  Map(std::initializer_list<Entry> entries);
  Map(const Map& other);
  Map(Map&& other) noexcept;
  Map& operator=(const Map& other);
  Map& operator=(Map&& other) noexcept;
  ~Map();
  /// Takes entries that may repeat a key: the last one wins and keeps its place. O(n log n).
  static Map from_entries(std::vector<Entry> entries);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const;
  /// The value of that key, or null pointer.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  [[nodiscard]] bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// Replaces the value of that key, or appends a new entry.
  Value& set(std::string_view key, Value value);
  /// The text under that key; empty when there is none or it is no text.
  [[nodiscard]] std::string_view text_of(std::string_view key) const;

  [[nodiscard]] std::vector<Entry>::const_iterator begin() const;
  [[nodiscard]] std::vector<Entry>::const_iterator end() const;

  /// Equal without regard to order.
  friend bool operator==(const Map& left, const Map& right);

private:
  std::vector<Entry> entries_;
};

/// Keeps a large or recursive value on the heap; copies are deep.
template <typename T> class Box {
public:
  explicit Box(T value) : value_(std::make_unique<T>(std::move(value))) {}
  Box(const Box& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Box(Box&&) noexcept = default;
  Box& operator=(const Box& other) {
    if (this != &other)
      value_ = other.value_ ? std::make_unique<T>(*other.value_) : nullptr;
    return *this;
  }
  Box& operator=(Box&&) noexcept = default;
  ~Box() = default;
  const T& operator*() const { return *value_; }
  T& operator*() { return *value_; }
  friend bool operator==(const Box& left, const Box& right) { return *left == *right; }

private:
  std::unique_ptr<T> value_;
};

/// A node as the server sent it. Below Bolt 5.0 `element_id` is the text of `id`.
struct Node {
  std::int64_t id = 0;
  std::vector<std::string> labels{};
  Map properties{};
  std::string element_id{};
  bool operator==(const Node&) const = default;
};

struct Relationship {
  std::int64_t id = 0;
  std::int64_t start_id = 0;
  std::int64_t end_id = 0;
  std::string type{};
  Map properties{};
  std::string element_id{};
  std::string start_element_id{};
  std::string end_element_id{};
  bool operator==(const Relationship&) const = default;
};

/// A relationship that does not know its ends; only inside a path on the wire.
struct UnboundRelationship {
  std::int64_t id = 0;
  std::string type{};
  Map properties{};
  std::string element_id{};
  bool operator==(const UnboundRelationship&) const = default;
};

/// An alternating walk: `relationships[i]` joins `nodes[i]` and `nodes[i + 1]`, in either
/// direction.
struct Path {
  std::vector<Node> nodes{};
  std::vector<Relationship> relationships{};
  bool operator==(const Path&) const = default;
};

/// Days since 1970-01-01.
struct Date {
  std::int64_t days = 0;
  bool operator==(const Date&) const = default;
};

/// A time of day without an offset.
struct LocalTime {
  std::int64_t nanoseconds = 0; ///< since midnight
  bool operator==(const LocalTime&) const = default;
};

/// A time of day with its offset from UTC.
struct Time {
  std::int64_t nanoseconds = 0; ///< since midnight, local
  std::int32_t offset_seconds = 0;
  bool operator==(const Time&) const = default;
};

/// A date and time without an offset.
struct LocalDateTime {
  std::int64_t seconds = 0; ///< since 1970-01-01T00:00:00 of the same unknown place
  std::int32_t nanoseconds = 0;
  bool operator==(const LocalDateTime&) const = default;
};

/// An instant with an offset from UTC.
struct DateTime {
  std::int64_t seconds = 0; ///< UTC, since 1970
  std::int32_t nanoseconds = 0;
  std::int32_t offset_seconds = 0;
  bool operator==(const DateTime&) const = default;
};

/// An instant with the name of a time zone.
struct ZonedDateTime {
  std::int64_t seconds = 0; ///< since 1970, UTC unless seconds_are_local
  std::int32_t nanoseconds = 0;
  /// Bolt 4.4 sends local seconds. Only for zones that are UTC can they be told apart without a
  /// zone database; all others keep them as they came, with this mark.
  bool seconds_are_local = false;
  std::string zone{};
  bool operator==(const ZonedDateTime&) const = default;
};

/// An amount of time; any part may be negative.
struct Duration {
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;
  bool operator==(const Duration&) const = default;
};

struct Point2D {
  std::int32_t srid = 4326;
  double x = 0;
  double y = 0;
  bool operator==(const Point2D&) const = default;
};

struct Point3D {
  std::int32_t srid = 4979;
  double x = 0;
  double y = 0;
  double z = 0;
  bool operator==(const Point3D&) const = default;
};

/// A vector of numbers of one type (Bolt 6.0).
struct Vector {
  std::variant<std::vector<std::int8_t>, std::vector<std::int16_t>, std::vector<std::int32_t>,
               std::vector<std::int64_t>, std::vector<float>, std::vector<double>>
      elements{};
  bool operator==(const Vector&) const = default;
};

/// A native UUID (Bolt 6.1).
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  bool operator==(const Uuid&) const = default;
};

/// What the server has but this protocol version cannot carry (Bolt 6.0).
struct UnsupportedType {
  std::string name{};
  std::int64_t minimum_major = 0;
  std::int64_t minimum_minor = 0;
  std::string message{}; ///< may be empty
  bool operator==(const UnsupportedType&) const = default;
};

/// A structure with a tag this driver does not know, kept so that a newer server does not break the
/// connection.
struct UnknownStructure {
  // Defined where Value is complete.
  UnknownStructure();
  UnknownStructure(std::uint8_t structure_tag, List structure_fields);
  UnknownStructure(const UnknownStructure& other);
  UnknownStructure(UnknownStructure&& other) noexcept;
  UnknownStructure& operator=(const UnknownStructure& other);
  UnknownStructure& operator=(UnknownStructure&& other) noexcept;
  ~UnknownStructure();
  std::uint8_t tag = 0;
  List fields;
  friend bool operator==(const UnknownStructure& left, const UnknownStructure& right);
};

/// What a Value holds, in the order of its alternatives.
enum class Kind : std::uint8_t {
  null,
  boolean,
  integer,
  real,
  string,
  bytes,
  list,
  map,
  date,
  local_time,
  time,
  local_date_time,
  date_time,
  duration,
  point_2d,
  point_3d,
  uuid,
  zoned_date_time,
  node,
  relationship,
  unbound_relationship,
  path,
  vector,
  unsupported_type,
  unknown_structure,
};

/// The kind in words, for messages: "zoned date-time".
std::string_view name_of(Kind kind);

template <typename T>
concept InlineStructure =
    std::same_as<T, Date> || std::same_as<T, LocalTime> || std::same_as<T, Time> ||
    std::same_as<T, LocalDateTime> || std::same_as<T, DateTime> || std::same_as<T, Duration> ||
    std::same_as<T, Point2D> || std::same_as<T, Point3D> || std::same_as<T, Uuid>;
template <typename T>
concept BoxedStructure =
    std::same_as<T, ZonedDateTime> || std::same_as<T, Node> || std::same_as<T, Relationship> ||
    std::same_as<T, UnboundRelationship> || std::same_as<T, Path> || std::same_as<T, Vector> ||
    std::same_as<T, UnsupportedType> || std::same_as<T, UnknownStructure>;

/// One value, owning all it holds. Thread rule: as a plain value.
///
///     Map parameters{{"name", "Ada"}, {"born", Date{-56271}}, {"scores", List{1, 2.5}}};
class Value {
public:
  Value() = default; ///< null
  Value(std::nullptr_t) {}
  Value(bool boolean) : state_(boolean) {}
  Value(int integer) : state_(std::int64_t{integer}) {}
  Value(std::int64_t integer) : state_(integer) {}
  Value(double real) : state_(real) {}
  Value(std::string text) : state_(std::move(text)) {}
  Value(std::string_view text) : state_(std::string(text)) {}
  Value(const char* text) : state_(std::string(text)) {}
  Value(Bytes bytes) : state_(std::move(bytes)) {}
  Value(List items) : state_(std::move(items)) {}
  Value(Map entries) : state_(std::move(entries)) {}
  template <InlineStructure T> Value(T structure) : state_(std::move(structure)) {}
  template <BoxedStructure T> Value(T structure) : state_(Box<T>(std::move(structure))) {}

  [[nodiscard]] Kind kind() const { return static_cast<Kind>(state_.index()); }
  [[nodiscard]] bool is_null() const { return kind() == Kind::null; }

  /// A pointer to the content when it is of that type, else null: `value.get_if<Node>()`.
  template <typename T> [[nodiscard]] const T* get_if() const {
    if constexpr (BoxedStructure<T>) {
      const Box<T>* box = std::get_if<Box<T>>(&state_);
      return box == nullptr ? nullptr : &**box;
    } else {
      return std::get_if<T>(&state_);
    }
  }
  template <typename T> [[nodiscard]] T* get_if() {
    return const_cast<T*>(std::as_const(*this).template get_if<T>());
  }
  /// The content; demands the right type (DIFFO_ASSERT). Use get_if or `as` where the server
  /// decides.
  template <typename T> [[nodiscard]] const T& get() const {
    const T* content = get_if<T>();
    DIFFO_ASSERT(content != nullptr);
    return *content;
  }

  friend bool operator==(const Value& left, const Value& right);

private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Bytes, List, Map, Date,
               LocalTime, Time, LocalDateTime, DateTime, Duration, Point2D, Point3D, Uuid,
               Box<ZonedDateTime>, Box<Node>, Box<Relationship>, Box<UnboundRelationship>,
               Box<Path>, Box<Vector>, Box<UnsupportedType>, Box<UnknownStructure>>
      state_;
};

struct Entry {
  std::string key;
  Value value;
  bool operator==(const Entry&) const = default;
};

/// ISO 8601 texts of the temporal values, as Cypher prints them.
std::string to_text(const Date& date);
std::string to_text(const LocalTime& time);
std::string to_text(const Time& time);
std::string to_text(const LocalDateTime& moment);
std::string to_text(const DateTime& moment);
std::string to_text(const ZonedDateTime& moment);
std::string to_text(const Duration& duration);
/// Lower-case text of 36 characters.
std::string to_text(const Uuid& uuid);
/// A readable text of any value, for messages and tests.
std::string to_text(const Value& value);

} // namespace diffo::bolt
