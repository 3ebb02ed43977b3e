#pragma once

#include "bolt/version.h"

#include <diffo/bolt_error.h>
#include <diffo/bolt_value.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace diffo::bolt {

/// Sizes on the wire end here (neo4j.md §2.4).
inline constexpr std::size_t max_size = 0x7FFFFFFF;

/// Appends PackStream v1 to a buffer, each thing in its shortest form. One thread.
class Packer {
public:
  /// The buffer must outlive the packer.
  explicit Packer(std::string& out) : out_(out) {}

  void null();
  void boolean(bool value);
  void integer(std::int64_t value);
  void real(double value);
  void string(std::string_view text);
  void bytes(std::span<const std::uint8_t> bytes);
  void list_header(std::size_t size);
  void map_header(std::size_t size);
  void structure_header(std::size_t fields, std::uint8_t tag);
  void uuid(const Uuid& uuid);

private:
  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void big_endian(std::uint64_t value, std::size_t width);
  void sized(std::size_t size, std::uint8_t tiny, std::uint8_t marker_8, std::uint8_t marker_16);

  std::string& out_;
};

/// Whether graph structures may be written: a client never may, the fake server must.
enum class GraphValues : std::uint8_t { refuse, allow };

/// Appends any value in the form of that protocol version. On failure the buffer holds a part of
/// the value.
Outcome<void> pack(Packer& packer, const Value& value, Version version,
                   GraphValues graph = GraphValues::refuse);
Outcome<void> pack(Packer& packer, const Map& map, Version version,
                   GraphValues graph = GraphValues::refuse);

/// Bounds on what a peer may make us build from one message.
struct UnpackLimits {
  std::size_t max_depth = 100;
  std::size_t max_values = std::size_t{1} << 24;
};

/// Reads PackStream v1 from bytes that are wholly there. Never allocates from an announced size: an
/// entry takes at least one byte, so what is there bounds what is announced. After a failure
/// nothing more may be read. One thread.
class Unpacker {
public:
  Unpacker(std::string_view bytes, Version version, const UnpackLimits& limits = {})
      : bytes_(bytes), version_(version), limits_(limits) {}

  /// False on failure; `failure()` then says what and where.
  [[nodiscard]] bool value(Value& out);
  /// A list without its Value around it.
  [[nodiscard]] bool list(List& out);
  [[nodiscard]] bool map(Map& out);
  [[nodiscard]] bool structure_header(std::size_t& fields, std::uint8_t& tag);

  [[nodiscard]] bool at_end() const { return position_ == bytes_.size(); }
  [[nodiscard]] Failure failure() const;

private:
  bool fail(const char* what);
  bool need(std::size_t count);
  bool byte(std::uint8_t& out);
  bool big_endian(std::size_t width, std::uint64_t& out);
  bool size_of(std::size_t width, std::size_t& out);
  bool marked_value(std::uint8_t marker, Value& out);
  bool integer_of(std::size_t width, Value& out);
  bool string_of(std::size_t size, std::string& out);
  bool list_of(std::size_t size, List& out);
  bool map_of(std::size_t size, Map& out);
  bool sized_string(std::uint8_t marker, std::string& out);
  bool structure_of(std::size_t fields, Value& out);
  bool build_structure(std::uint8_t tag, List& fields, Value& out);

  std::string_view bytes_;
  std::size_t position_ = 0;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  Version version_;
  UnpackLimits limits_;
  std::string problem_;
};

/// Turns the fields of a structure into the value its tag names; UnknownStructure for a tag nobody
/// knows. Empty text on success, else what is wrong.
std::string structure_from_fields(std::uint8_t tag, List& fields, Version version, Value& out);

/// True when the bytes are well-formed UTF-8.
bool is_utf8(std::string_view text);

} // namespace diffo::bolt
