#pragma once

#include "base/time.h"

#include <diffo/result.h>

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

namespace diffo {

/// A universally unique identifier (RFC 9562), sixteen bytes in network order. A plain value; nil
/// by default.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// The length of the canonical text.
  static constexpr std::size_t text_length = 36;

  /// Reads the canonical text, letters of either case, any version and variant;
  /// ErrorCode::malformed otherwise.
  static Result<Uuid> parse(std::string_view text);

  /// Which letters a text may have as digits.
  enum class Letters : std::uint8_t { either, lower };
  /// Reads the canonical text without saying what is wrong: false, with bytes of no meaning, when
  /// it is none.
  bool read(std::string_view text, Letters letters = Letters::either);

  /// The canonical text, lower case.
  [[nodiscard]] std::string text() const;
  /// Its characters.
  [[nodiscard]] std::array<char, text_length> letters() const;
  /// Appends the canonical text.
  void write(std::string& out) const;
  [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }
  [[nodiscard]] int version() const { return bytes[6] >> 4; }

  friend bool operator==(const Uuid&, const Uuid&) = default;
  friend std::strong_ordering operator<=>(const Uuid& left, const Uuid& right) {
    return std::memcmp(left.bytes.data(), right.bytes.data(), left.bytes.size()) <=> 0;
  }
};

/// Makes identifiers. What needs new ids is given one of these, so that tests can foresee them. Any
/// thread.
class UuidSource {
public:
  UuidSource() = default;
  UuidSource(const UuidSource&) = delete;
  UuidSource& operator=(const UuidSource&) = delete;
  virtual ~UuidSource() = default;
  /// Version 4: random.
  virtual Uuid random() = 0;
  /// Version 7: ordered by the time, to the quarter of a microsecond; random beyond that.
  virtual Uuid timed(Timestamp time) = 0;
};

/// Identifiers from the system's randomness, fetched some at a time for each thread. A forked child
/// makes others than its parent. Any thread.
class SystemUuids final : public UuidSource {
public:
  Uuid random() override;
  Uuid timed(Timestamp time) override;
};

/// Identifiers that count from one, of the right version: for tests. One thread.
class CountingUuids final : public UuidSource {
public:
  Uuid random() override;
  Uuid timed(Timestamp time) override;

private:
  std::uint64_t count_ = 0;
};

} // namespace diffo

/// Identifiers may be chosen by clients, so that all bytes take part in the hash.
template <> struct std::hash<diffo::Uuid> {
  std::size_t operator()(const diffo::Uuid& uuid) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, uuid.bytes.data(), sizeof high);
    std::memcpy(&low, uuid.bytes.data() + sizeof high, sizeof low);
    std::uint64_t mixed = (high ^ 0x9E3779B97F4A7C15U) * 0xFF51AFD7ED558CCDU;
    mixed = (mixed ^ (mixed >> 32U) ^ low) * 0xC4CEB9FE1A85EC53U;
    return static_cast<std::size_t>(mixed ^ (mixed >> 29U));
  }
};
