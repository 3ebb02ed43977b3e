#include "bolt/packstream.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace diffo::bolt {
namespace {

/// Makes the value an empty T and gives it to be filled.
template <typename T> T& made(Value& out) {
  out = T();
  T* inside = out.get_if<T>();
  DIFFO_ASSERT(inside != nullptr);
  return *inside;
}

} // namespace

void Packer::big_endian(std::uint64_t value, std::size_t width) {
  char bytes[8];
  for (std::size_t i = 0; i < width; ++i)
    bytes[i] = static_cast<char>(value >> (8 * (width - 1 - i)));
  out_.append(bytes, width);
}

void Packer::null() {
  byte(0xC0);
}
void Packer::boolean(bool value) {
  byte(value ? 0xC3 : 0xC2);
}

void Packer::integer(std::int64_t value) {
  const auto raw = static_cast<std::uint64_t>(value);
  if (value >= -16 && value <= 127)
    return byte(static_cast<std::uint8_t>(raw));
  const bool fits_8 = value >= INT8_MIN && value <= INT8_MAX;
  const bool fits_16 = value >= INT16_MIN && value <= INT16_MAX;
  const bool fits_32 = value >= INT32_MIN && value <= INT32_MAX;
  byte(fits_8 ? 0xC8 : fits_16 ? 0xC9 : fits_32 ? 0xCA : 0xCB);
  big_endian(raw, fits_8 ? 1 : fits_16 ? 2 : fits_32 ? 4 : 8);
}

void Packer::real(double value) {
  byte(0xC1);
  big_endian(std::bit_cast<std::uint64_t>(value), 8);
}

void Packer::sized(std::size_t size, std::uint8_t tiny, std::uint8_t marker_8,
                   std::uint8_t marker_16) {
  DIFFO_ASSERT(size <= max_size);
  if (tiny != 0 && size < 16)
    return byte(static_cast<std::uint8_t>(tiny | size));
  const std::size_t width = size <= 0xFF ? 1 : size <= 0xFFFF ? 2 : 4;
  byte(width == 1 ? marker_8 : width == 2 ? marker_16 : static_cast<std::uint8_t>(marker_16 + 1));
  big_endian(size, width);
}

void Packer::string(std::string_view text) {
  sized(text.size(), 0x80, 0xD0, 0xD1);
  out_.append(text);
}

void Packer::bytes(std::span<const std::uint8_t> bytes) {
  sized(bytes.size(), 0, 0xCC, 0xCD);
  out_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void Packer::list_header(std::size_t size) {
  sized(size, 0x90, 0xD4, 0xD5);
}
void Packer::map_header(std::size_t size) {
  sized(size, 0xA0, 0xD8, 0xD9);
}

void Packer::structure_header(std::size_t fields, std::uint8_t tag) {
  DIFFO_ASSERT(fields < 16);
  byte(static_cast<std::uint8_t>(0xB0 | fields));
  byte(tag);
}

void Packer::uuid(const Uuid& uuid) {
  byte(0xE0);
  out_.append(reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size());
}

bool Unpacker::fail(const char* what) {
  if (problem_.empty())
    problem_ = std::string(what) + " at byte " + std::to_string(position_);
  return false;
}

Failure Unpacker::failure() const {
  Failure failure = make_failure(FailureKind::protocol_error, "PackStream: " + problem_);
  if (problem_.starts_with("too "))
    failure.code = ErrorCode::too_large;
  return failure;
}

bool Unpacker::need(std::size_t count) {
  return bytes_.size() - position_ >= count || fail("the message ends inside a value");
}

bool Unpacker::byte(std::uint8_t& out) {
  if (!need(1))
    return false;
  out = static_cast<std::uint8_t>(bytes_[position_++]);
  return true;
}

bool Unpacker::big_endian(std::size_t width, std::uint64_t& out) {
  if (!need(width))
    return false;
  out = 0;
  for (std::size_t i = 0; i < width; ++i)
    out = out << 8 | static_cast<std::uint8_t>(bytes_[position_++]);
  return true;
}

bool Unpacker::size_of(std::size_t width, std::size_t& out) {
  std::uint64_t size = 0;
  if (!big_endian(width, size))
    return false;
  out = static_cast<std::size_t>(size);
  return size <= max_size || fail("a size above 2^31-1");
}

bool Unpacker::integer_of(std::size_t width, Value& out) {
  std::uint64_t raw = 0;
  if (!big_endian(width, raw))
    return false;
  const std::size_t unused = 64 - 8 * width;
  out = static_cast<std::int64_t>(raw << unused) >> unused;
  return true;
}

bool Unpacker::string_of(std::size_t size, std::string& out) {
  if (!need(size))
    return false;
  const std::string_view text = bytes_.substr(position_, size);
  if (!is_utf8(text))
    return fail("a string that is not UTF-8");
  out.assign(text);
  position_ += size;
  return true;
}

bool Unpacker::list_of(std::size_t size, List& out) {
  if (!need(size))
    return false;
  if (++depth_ > limits_.max_depth)
    return fail("too deeply nested");
  out.clear();
  // The bytes bound the reserve, but a Value is far larger than a byte: grow beyond a page's worth
  // by need.
  out.reserve(std::min<std::size_t>(size, 1024));
  for (std::size_t i = 0; i < size; ++i)
    if (!value(out.emplace_back()))
      return false;
  --depth_;
  return true;
}

bool Unpacker::sized_string(std::uint8_t marker, std::string& out) {
  if ((marker & 0xF0) == 0x80)
    return string_of(marker & 0x0F, out);
  if (marker < 0xD0 || marker > 0xD2)
    return fail("a key that is no string");
  std::size_t size = 0;
  return size_of(std::size_t{1} << (marker - 0xD0), size) && string_of(size, out);
}

bool Unpacker::map_of(std::size_t size, Map& out) {
  if (size > max_size / 2 || !need(2 * size))
    return fail("the message ends inside a value");
  if (++depth_ > limits_.max_depth)
    return fail("too deeply nested");
  std::vector<Entry> entries;
  entries.reserve(std::min<std::size_t>(size, 1024));
  for (std::size_t i = 0; i < size; ++i) {
    std::uint8_t marker = 0;
    Entry& entry = entries.emplace_back();
    if (!byte(marker) || !sized_string(marker, entry.key) || !value(entry.value))
      return false;
  }
  --depth_;
  out = Map::from_entries(std::move(entries));
  return true;
}

bool Unpacker::structure_of(std::size_t fields, Value& out) {
  std::uint8_t tag = 0;
  List content;
  if (!byte(tag) || !list_of(fields, content))
    return false;
  const std::string problem = structure_from_fields(tag, content, version_, out);
  return problem.empty() || fail(problem.c_str());
}

bool Unpacker::value(Value& out) {
  std::uint8_t marker = 0;
  if (!byte(marker))
    return false;
  if (++values_ > limits_.max_values)
    return fail("too many values");
  if (marker <= 0x7F || marker >= 0xF0) {
    out = std::int64_t{static_cast<std::int8_t>(marker)};
    return true;
  }
  switch (marker & 0xF0) {
  case 0x80:
    return string_of(marker & 0x0F, made<std::string>(out));
  case 0x90:
    return list_of(marker & 0x0F, made<List>(out));
  case 0xA0:
    return map_of(marker & 0x0F, made<Map>(out));
  case 0xB0:
    return structure_of(marker & 0x0F, out);
  default:
    return marked_value(marker, out);
  }
}

bool Unpacker::marked_value(std::uint8_t marker, Value& out) {
  std::uint64_t raw = 0;
  std::size_t size = 0;
  switch (marker) {
  case 0xC0:
    out = nullptr;
    return true;
  case 0xC1:
    if (!big_endian(8, raw))
      return false;
    out = std::bit_cast<double>(raw);
    return true;
  case 0xC2:
  case 0xC3:
    out = marker == 0xC3;
    return true;
  case 0xC8:
  case 0xC9:
  case 0xCA:
  case 0xCB:
    return integer_of(std::size_t{1} << (marker - 0xC8), out);
  case 0xCC:
  case 0xCD:
  case 0xCE: {
    if (!size_of(std::size_t{1} << (marker - 0xCC), size) || !need(size))
      return false;
    const auto* start = reinterpret_cast<const std::uint8_t*>(bytes_.data() + position_);
    out = Bytes(start, start + size);
    position_ += size;
    return true;
  }
  case 0xD0:
  case 0xD1:
  case 0xD2:
    return sized_string(marker, made<std::string>(out));
  case 0xD4:
  case 0xD5:
  case 0xD6:
    return size_of(std::size_t{1} << (marker - 0xD4), size) && list_of(size, made<List>(out));
  case 0xD8:
  case 0xD9:
  case 0xDA:
    return size_of(std::size_t{1} << (marker - 0xD8), size) && map_of(size, made<Map>(out));
  case 0xE0: {
    if (!need(16))
      return false;
    Uuid uuid;
    std::memcpy(uuid.bytes.data(), bytes_.data() + position_, 16);
    position_ += 16;
    out = uuid;
    return true;
  }
  default:
    --position_;
    return fail("a reserved marker");
  }
}

bool Unpacker::list(List& out) {
  Value any;
  if (!value(any))
    return false;
  List* items = any.get_if<List>();
  if (items == nullptr)
    return fail("a list was expected");
  out = std::move(*items);
  return true;
}

bool Unpacker::map(Map& out) {
  Value any;
  if (!value(any))
    return false;
  Map* entries = any.get_if<Map>();
  if (entries == nullptr)
    return fail("a map was expected");
  out = std::move(*entries);
  return true;
}

bool Unpacker::structure_header(std::size_t& fields, std::uint8_t& tag) {
  std::uint8_t marker = 0;
  if (!byte(marker))
    return false;
  if ((marker & 0xF0) != 0xB0)
    return fail("a structure was expected");
  fields = marker & 0x0F;
  return byte(tag);
}

namespace {

// The length of the well-formed sequence at the front of `text`, 0 when there is none (Unicode
// table 3-7).
std::size_t sequence_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto continues = [&](std::size_t i, std::uint8_t low, std::uint8_t high) {
    return i < text.size() && at(i) >= low && at(i) <= high;
  };
  const std::uint8_t lead = at(0);
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return continues(1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2, 0x80, 0xBF) && continues(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

} // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (text.size() >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data(), 8);
      if ((word & 0x8080808080808080U) == 0) {
        text.remove_prefix(8);
        continue;
      }
    }
    const std::size_t length = sequence_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

} // namespace diffo::bolt
