#pragma once

#include <diffo/result.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace diffo::json {

class Value;
struct Member;

/// What a Value holds.
enum class Kind : std::uint8_t { null, boolean, integer, real, number, string, array, object };

/// The text of a number that neither a 64-bit integer nor the shortest text of a double reproduces:
/// `1e3`, `1.50`, integers beyond 64 bits. It is written back as it came; who makes one vouches for
/// its syntax.
struct Number {
  std::string text;
};

using Array = std::vector<Value>;

/// The members of a JSON object, in the order they came. Names are unique when read; find is linear
/// for small objects, which is what documents have.
class Object {
public:
  Object();
  Object(std::initializer_list<Member> members);
  Object(const Object& other);
  Object(Object&& other) noexcept;
  Object& operator=(const Object& other);
  Object& operator=(Object&& other) noexcept;
  ~Object();

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const;
  /// The value of that name, or null pointer.
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] Value* find(std::string_view name);
  [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }
  /// Replaces the value of that name in place, or appends a new member. Returns the value kept.
  Value& set(std::string_view name, Value value);
  /// Appends without looking for an existing member; the caller knows that there is none.
  Value& append(std::string name, Value value);
  /// True when there was such a member.
  bool erase(std::string_view name);
  void reserve(std::size_t count);

  [[nodiscard]] std::vector<Member>::iterator begin();
  [[nodiscard]] std::vector<Member>::iterator end();
  [[nodiscard]] std::vector<Member>::const_iterator begin() const;
  [[nodiscard]] std::vector<Member>::const_iterator end() const;

private:
  std::vector<Member> members_;
};

/// One JSON value that owns all it holds. Copies are deep. Thread rule: as a plain value.
class Value {
public:
  Value() = default; // null
  Value(std::nullptr_t) {}
  Value(bool boolean) : state_(boolean) {}
  Value(const void*) = delete; // a pointer is no boolean
  Value(int integer) : state_(std::int64_t{integer}) {}
  Value(std::int64_t integer) : state_(integer) {}
  Value(double real) : state_(real) {}
  Value(Number number) : state_(std::move(number)) {}
  Value(std::string text) : state_(std::move(text)) {}
  Value(std::string_view text) : state_(std::string(text)) {}
  Value(const char* text) : state_(std::string(text)) {}
  Value(Array items) : state_(std::move(items)) {}
  Value(Object members) : state_(std::move(members)) {}

  [[nodiscard]] Kind kind() const { return static_cast<Kind>(state_.index()); }
  [[nodiscard]] bool is_null() const { return kind() == Kind::null; }
  [[nodiscard]] bool is_boolean() const { return kind() == Kind::boolean; }
  [[nodiscard]] bool is_string() const { return kind() == Kind::string; }
  [[nodiscard]] bool is_array() const { return kind() == Kind::array; }
  [[nodiscard]] bool is_object() const { return kind() == Kind::object; }
  /// True for integer, real and number.
  [[nodiscard]] bool is_number() const;

  /// Each accessor demands the right kind (DIFFO_ASSERT); ask kind() or use the get_if forms on
  /// input.
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] double real() const;
  [[nodiscard]] const std::string& number_text() const;
  [[nodiscard]] const std::string& string() const;
  [[nodiscard]] const Array& array() const;
  [[nodiscard]] Array& array();
  [[nodiscard]] const Object& object() const;
  [[nodiscard]] Object& object();

  [[nodiscard]] const std::string* if_string() const { return std::get_if<std::string>(&state_); }
  [[nodiscard]] const Array* if_array() const { return std::get_if<Array>(&state_); }
  [[nodiscard]] const Object* if_object() const { return std::get_if<Object>(&state_); }
  [[nodiscard]] Array* if_array() { return std::get_if<Array>(&state_); }
  [[nodiscard]] Object* if_object() { return std::get_if<Object>(&state_); }
  [[nodiscard]] const std::int64_t* if_integer() const {
    return std::get_if<std::int64_t>(&state_);
  }
  [[nodiscard]] const bool* if_boolean() const { return std::get_if<bool>(&state_); }
  [[nodiscard]] const double* if_real() const { return std::get_if<double>(&state_); }
  /// The member of that name when this is an object that has it.
  [[nodiscard]] const Value* find(std::string_view name) const;
  /// The member's text when this is an object with a text of that name, else empty.
  [[nodiscard]] std::string_view text_of(std::string_view name) const;
  /// Any kind of number as the nearest double, infinite when beyond its range; 0 for what is no
  /// number.
  [[nodiscard]] double as_double() const;

private:
  std::variant<std::monostate, bool, std::int64_t, double, Number, std::string, Array, Object>
      state_;
};

struct Member {
  std::string name;
  Value value;
};

// The members of Object need a complete Member.
inline Object::Object() = default;
inline Object::Object(const Object& other) = default;
inline Object::Object(Object&& other) noexcept = default;
inline Object& Object::operator=(const Object& other) = default;
inline Object& Object::operator=(Object&& other) noexcept = default;
inline Object::~Object() = default;
inline std::size_t Object::size() const {
  return members_.size();
}
inline bool Object::empty() const {
  return members_.empty();
}
inline std::vector<Member>::iterator Object::begin() {
  return members_.begin();
}
inline std::vector<Member>::iterator Object::end() {
  return members_.end();
}
inline std::vector<Member>::const_iterator Object::begin() const {
  return members_.begin();
}
inline std::vector<Member>::const_iterator Object::end() const {
  return members_.end();
}

/// Equality as JSON means it: objects without regard to order, numbers by numeric value (1
/// equals 1.0).
bool operator==(const Value& left, const Value& right);

/// -1, 0 or 1 by exact numeric value; both must be numbers. Never loses precision (2^53+1 differs
/// from 2^53). A real stands for the decimal that write_real shows, so 0.1 equals the number 0.10.
/// Linear in the length of the texts.
int compare_numbers(const Value& left, const Value& right);

/// Bounds on what a reader accepts.
struct ReadLimits {
  std::size_t max_bytes = std::size_t{16} << 20;
  /// Nesting of arrays and objects; a scalar document has depth 0. Never more than 512.
  std::size_t max_depth = 64;
  /// Scalars, arrays and objects; each takes some 100 bytes of memory, though it may have but 2 of
  /// text.
  std::size_t max_values = 1'000'000;
};

/// Reads one JSON text (RFC 8259), nothing after it but white space; a byte order mark before it is
/// ignored. Refused with
/// ErrorCode::malformed, the byte offset named in the message: bad syntax, invalid UTF-8, lone
/// surrogates, duplicate member names, nesting beyond the limit (a bad document rather than a large
/// one, wire.md §11); with too_large: what exceeds the other limits, and exponents of more than
/// nine digits. Integers within 64 bits become `integer`; a number with fraction or exponent
/// becomes `real` when our writer reproduces its text, else `number`. `-0` is a `number`.
Result<Value> read(std::string_view text, const ReadLimits& limits = {});

/// Appends the compact JSON text of the value. `/` and non-ASCII are not escaped; a real keeps a
/// decimal point (5.0).
void write(const Value& value, std::string& out);
/// The compact JSON text.
std::string to_text(const Value& value);
/// JSON text for people: two spaces of indent, one member a line.
std::string to_pretty_text(const Value& value);
/// Appends a JSON string literal, quotes included.
void write_quoted(std::string_view text, std::string& out);
/// True when the text can stand between quotes as it is.
bool needs_no_escape(std::string_view text);
/// Appends the shortest text of a double that reads back the same, always with a decimal
/// point: 5.0, -0.0, 1.0e22. What JSON cannot say (not a number, infinite) becomes null.
void write_real(double value, std::string& out);

/// A parsed JSON pointer (RFC 6901).
class Pointer {
public:
  Pointer() = default;
  explicit Pointer(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}
  /// `""` is the whole document; others begin with `/`.
  static Result<Pointer> parse(std::string_view text);

  [[nodiscard]] const std::vector<std::string>& tokens() const { return tokens_; }
  [[nodiscard]] std::string text() const;
  /// What the pointer names in the document, or null pointer.
  [[nodiscard]] const Value* find_in(const Value& document) const;
  [[nodiscard]] Pointer child(std::string_view token) const;

private:
  std::vector<std::string> tokens_;
};

/// Appends `/token` with `~` and `/` escaped (RFC 6901 §3).
void append_token(std::string& pointer, std::string_view token);

/// Applies an RFC 7396 merge patch. Time is linear in the sizes of patch and target.
void merge_patch(Value& target, const Value& patch);

/// Bounds on what a patch may do, so that a few `copy` operations cannot fill the memory.
struct PatchLimits {
  std::size_t max_operations = 1'000;
  std::size_t max_copied =
      100'000; ///< values copied by `copy` operations, 64 bytes of text counting as one value
  std::size_t max_depth = 64; ///< nesting of the result
};

/// Applies an RFC 6902 patch: all operations or, on an error, none. The error's path names the
/// operation and its message the reason. NOTE: as TMF638 v5's examples do, a path may lack its
/// leading slash; and as TMF639 v5's do, `add` of an object at an existing array appends to it
/// (tmf.md §1.10). ErrorCode::malformed: no patch at all; unprocessable: it does not fit the
/// document, or a `test` failed; too_large: beyond the limits.
Result<void> apply_patch(Value& target, const Value& operations, const PatchLimits& limits = {});

/// Applies a patch of the media type `application/json-patch-query+json` (TMF630 Parts 5 and 6):
/// all operations or, on an error, none. `path` and `from` are JSONPath, with or without `$`, as in
/// `note[?(@.author=='x')].text`, or `/note/text?note.author=x`. An operation is carried out
/// wherever its path leads; `from` must lead to one place. `add` appends to an array (all items of
/// an array that is added), puts members into an object, replaces what else is there, and makes the
/// member that the path ends with where there is none. Errors as apply_patch(), unprocessable also
/// for what leads nowhere.
Result<void> apply_patch_query(Value& target, const Value& operations,
                               const PatchLimits& limits = {});

/// The RFC 6902 patch that turns the one value into an equal of the other, empty where they are
/// equal already (as `==` means it): `add`, `remove` and `replace` alone, at most as many as
/// apply_patch() takes, else one `replace` of the whole. An item that comes to an array or goes
/// leaves those around it alone; of several apart that holds in arrays of some hundred items. Time
/// is linear in the size of both, times how deep they nest.
///
///     difference(*read(R"({"a": [1, 3]})"), *read(R"({"a": [1, 2, 3]})"))
///     // [{"op": "add", "path": "/a/1", "value": 2}]
Value difference(const Value& before, const Value& after);

} // namespace diffo::json
