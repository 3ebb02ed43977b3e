#pragma once

#include "base/text_builder.h"
#include "graph/dictionary.h"

#include <diffo/json.h>

#include <cstdint>
#include <string>
#include <string_view>

/// The packed form of one JSON value, inside a record (docs/formats/record.md). It is
/// self-describing, smaller than JSON, and turns into JSON text without an intermediate tree.
namespace diffo::graph {

/// A cursor over packed bytes. Reading beyond the end or malformed bytes make it fail: it then
/// stays at the end and yields zeros, and ok() is false. Bytes from a file are checked once with
/// validate() and trusted afterwards.
class PackedReader {
public:
  PackedReader(const std::uint8_t* begin, const std::uint8_t* end) : at_(begin), end_(end) {}
  explicit PackedReader(std::string_view bytes)
      : at_(reinterpret_cast<const std::uint8_t*>(bytes.data())), end_(at_ + bytes.size()) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return at_ == end_; }
  [[nodiscard]] const std::uint8_t* position() const { return at_; }
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  std::uint8_t byte() {
    if (at_ == end_)
      return fail();
    return *at_++;
  }
  std::uint64_t varint() {
    if (at_ != end_ && *at_ < 0x80) [[likely]]
      return *at_++;
    if (left() >= 2 && at_[1] < 0x80) {
      const std::uint64_t value = (*at_ & 0x7FU) | std::uint64_t{at_[1]} << 7U;
      at_ += 2;
      return value;
    }
    return long_varint();
  }
  std::string_view bytes(std::size_t count) {
    if (left() < count) {
      fail();
      return {};
    }
    const auto* begin = reinterpret_cast<const char*>(at_);
    at_ += count;
    return {begin, count};
  }
  /// The next `count` bytes as a cursor of their own.
  PackedReader sub(std::size_t count) { return PackedReader(bytes(count)); }

private:
  std::uint64_t long_varint();
  std::uint8_t fail() {
    ok_ = false;
    at_ = end_;
    return 0;
  }
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool ok_ = true;
};

void append_long_varint(std::string& out, std::uint64_t value);
inline void append_varint(std::string& out, std::uint64_t value) {
  if (value < 0x80)
    out += static_cast<char>(value);
  else
    append_long_varint(out, value);
}

/// A name inside a packed object or among the extras of an element: a dictionary word or spelled
/// out.
struct Name {
  std::string_view text;
  std::size_t word = no_word; ///< its dictionary number, or no_word
  static constexpr std::size_t no_word = ~std::size_t{0};
};

void append_name(std::string& out, std::string_view name, const Dictionary& dictionary);
Name read_name(PackedReader& in, const Dictionary& dictionary);
/// Appends `"name":` to JSON text.
void emit_name(const Name& name, const Dictionary& dictionary, TextBuilder& json);

/// Appends the packed form of a value. `depth` guards our own recursion; values are at most 128
/// deep.
void append_value(std::string& out, const json::Value& value, const Dictionary& dictionary);
/// Appends the packed form of a text.
void append_text(std::string& out, std::string_view text, const Dictionary& dictionary);

/// One packed value, borrowed from a record. Thread rule: immutable.
class ValueView {
public:
  ValueView() = default;
  /// Takes one value from the cursor and leaves the cursor behind it.
  ValueView(PackedReader& in, const Dictionary& dictionary);

  /// False for a view of nothing (a field that is not there).
  [[nodiscard]] explicit operator bool() const { return !bytes_.empty(); }
  [[nodiscard]] json::Kind kind() const;
  [[nodiscard]] json::Value to_json() const;
  /// Appends its JSON text.
  void emit(TextBuilder& json) const;
  void emit(std::string& json) const;
  /// Its text when it is a string, else empty. Allocates only beyond short texts.
  [[nodiscard]] std::string text() const;
  /// The text without a copy when it is a string stored as such (not a date, a uuid or a text
  /// around one); else empty and `text()` must be asked.
  [[nodiscard]] std::string_view direct_text() const;
  /// True when it is a string equal to `text`; compares without building a string.
  [[nodiscard]] bool equals(std::string_view text) const;
  [[nodiscard]] std::string_view packed() const { return bytes_; }

private:
  std::string_view bytes_;
  const Dictionary* dictionary_ = nullptr;
};

/// Appends the JSON text of the next value of a record and leaves the cursor behind it.
void emit_value(PackedReader& in, const Dictionary& dictionary, TextBuilder& json);

/// Skips one value. False when the bytes are malformed.
bool skip_value(PackedReader& in);

} // namespace diffo::graph
