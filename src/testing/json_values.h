#pragma once

#include <diffo/json.h>

#include <array>
#include <cstring>
#include <limits>
#include <span>
#include <string>

namespace diffo::json {

/// Builds a Value from bytes: the same bytes give the same value, fewer bytes a simpler one. For
/// property tests and fuzz targets, whose engines know how to vary bytes. One thread.
class ValueMaker {
public:
  explicit ValueMaker(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  Value value(std::size_t depth = 4) {
    switch (next() % (depth == 0 ? 8U : 12U)) {
    case 0:
      return nullptr;
    case 1:
      return next() % 2 == 0;
    case 2:
      return static_cast<int>(next()) - 128;
    case 3:
      return static_cast<std::int64_t>(next_eight());
    case 4:
      return finite(next_eight());
    case 5:
      return number();
    case 6:
    case 7:
      return text();
    case 8:
    case 9:
      return array(depth - 1);
    default:
      return object(depth - 1);
    }
  }

  Value object(std::size_t depth) {
    Object object;
    for (std::size_t count = next() % 6; count > 0; --count)
      object.set(text(), value(depth));
    return object;
  }

  Value array(std::size_t depth) {
    Array array;
    for (std::size_t count = next() % 6; count > 0; --count)
      array.push_back(value(depth));
    return array;
  }

  std::string text() {
    constexpr std::array<std::string_view, 16> pieces = {
        "a", "b", "c", "state", "", "/", "~", "\"", "\\", "\n", "é", "0", "\x1f", "😀", "-", "01"};
    std::string out;
    for (std::size_t count = next() % 3; count > 0; --count)
      out += pieces[next() % pieces.size()];
    return out;
  }

  std::uint8_t next() {
    if (bytes_.empty())
      return 0;
    const std::uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }

private:
  std::uint64_t next_eight() {
    std::uint64_t all = 0;
    for (int index = 0; index < 8; ++index)
      all = all << 8U | next();
    return all;
  }

  static double finite(std::uint64_t bits) {
    double real = 0;
    static_assert(std::numeric_limits<double>::is_iec559);
    std::memcpy(&real, &bits, sizeof real);
    return real - real == 0 ? real : 0.0;
  }

  Number number() {
    constexpr std::array<std::string_view, 8> texts = {
        "1.50", "1e3", "-0", "1E+400", "123456789012345678901234567890", "0.10", "-0e-0", "10e-1"};
    return Number{std::string(texts[next() % texts.size()])};
  }

  std::span<const std::uint8_t> bytes_;
};

} // namespace diffo::json
