#include "base/uuid.h"

#include "base/text.h"

#include <pthread.h>
#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

namespace diffo {
namespace {

/// The two digits of each byte.
constexpr std::array<char, 512> digit_pairs = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = digits[byte >> 4U];
    pairs[2 * byte + 1] = digits[byte & 0x0FU];
  }
  return pairs;
}();

/// What each character is as a digit, with flags above its four bits.
constexpr unsigned no_digit = 0x10;
constexpr unsigned upper_letter = 0x20;
constexpr std::array<std::uint8_t, 256> digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  for (std::size_t at = 0; at < values.size(); ++at) {
    const char c = static_cast<char>(at);
    const int digit = hex_digit(c);
    const unsigned flags = digit < 0 ? no_digit : c >= 'A' && c <= 'F' ? upper_letter : 0U;
    values[at] = static_cast<std::uint8_t>(flags | (digit < 0 ? 0U : static_cast<unsigned>(digit)));
  }
  return values;
}();

/// Where the digits of each byte stand in the canonical text.
constexpr std::array<std::uint8_t, 16> places{0,  2,  4,  6,  9,  11, 14, 16,
                                              19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::array<std::uint8_t, 4> hyphens{8, 13, 18, 23};

// Unrolled: every document has many of these.

/// The flags of all digits.
template <std::size_t... index>
unsigned read_pairs(const char* text, std::uint8_t* bytes, std::index_sequence<index...>) {
  unsigned flags = 0;
  const auto read_pair = [&flags](const char* at) {
    const unsigned high = digit_values[static_cast<unsigned char>(at[0])];
    const unsigned low = digit_values[static_cast<unsigned char>(at[1])];
    flags |= high | low;
    return static_cast<std::uint8_t>((high & 0x0FU) << 4U | (low & 0x0FU));
  };
  ((bytes[index] = read_pair(text + places[index])), ...);
  return flags;
}

template <std::size_t... index>
void write_pairs(const std::uint8_t* bytes, char* text, std::index_sequence<index...>) {
  (std::memcpy(text + places[index], digit_pairs.data() + 2 * std::size_t{bytes[index]}, 2), ...);
}

/// How often this process was forked: a child must not hand out the bytes its parent has fetched.
std::atomic<unsigned>& forks() {
  static std::atomic<unsigned> count = 0;
  static const int registered = pthread_atfork(nullptr, nullptr, [] { ++forks(); });
  DIFFO_ASSERT(registered == 0);
  return count;
}

/// Random bytes of one thread.
class RandomBytes {
public:
  void take(std::uint8_t* out, std::size_t count) {
    const unsigned generation = forks().load(std::memory_order_relaxed);
    if (used_ + count > pool_.size() || generation != generation_) {
      fetch();
      generation_ = generation;
    }
    std::memcpy(out, pool_.data() + used_, count);
    used_ += count;
  }

private:
  void fetch() {
    // Requests of up to 256 bytes are never cut short once the kernel's pool is ready.
    static_assert(sizeof pool_ <= 256);
    ssize_t got = 0;
    do
      got = getrandom(pool_.data(), pool_.size(), 0);
    while (got < 0 && errno == EINTR);
    DIFFO_ASSERT(got == static_cast<ssize_t>(pool_.size()));
    used_ = 0;
  }

  std::array<std::uint8_t, 256> pool_{};
  std::size_t used_ = pool_.size();
  unsigned generation_ = 0;
};

Uuid random_bits() {
  thread_local RandomBytes source;
  Uuid uuid;
  source.take(uuid.bytes.data(), uuid.bytes.size());
  return uuid;
}

/// RFC 9562 §4.1 and §4.2.
void stamp(Uuid& uuid, unsigned version) {
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0FU) | (version << 4U));
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3FU) | 0x80U);
}

/// RFC 9562 §5.7: 48 bits of milliseconds, then 12 bits of the fraction of a millisecond (§6.2,
/// method 3).
void stamp_time(Uuid& uuid, Timestamp time) {
  const auto microseconds =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.microseconds));
  const std::uint64_t milliseconds = microseconds / 1000;
  for (std::size_t index = 0; index < 6; ++index)
    uuid.bytes[index] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * index));
  const std::uint64_t fraction = microseconds % 1000 * 4096 / 1000;
  uuid.bytes[6] = static_cast<std::uint8_t>(fraction >> 8U);
  uuid.bytes[7] = static_cast<std::uint8_t>(fraction);
  stamp(uuid, 7);
}

void put_count(Uuid& uuid, std::uint64_t count) {
  for (std::size_t index = 0; index < 6; ++index)
    uuid.bytes[15 - index] = static_cast<std::uint8_t>(count >> (8 * index));
}

} // namespace

Result<Uuid> Uuid::parse(std::string_view text) {
  Uuid uuid;
  if (!uuid.read(text))
    return Error{ErrorCode::malformed, "not a UUID"};
  return uuid;
}

bool Uuid::read(std::string_view text, Letters letters) {
  if (text.size() != text_length)
    return false;
  for (const std::uint8_t hyphen : hyphens)
    if (text[hyphen] != '-')
      return false;
  const unsigned refused = letters == Letters::lower ? no_digit | upper_letter : no_digit;
  return (read_pairs(text.data(), bytes.data(), std::make_index_sequence<16>()) & refused) == 0;
}

std::string Uuid::text() const {
  std::string out;
  write(out);
  return out;
}

std::array<char, Uuid::text_length> Uuid::letters() const {
  std::array<char, text_length> text;
  write_pairs(bytes.data(), text.data(), std::make_index_sequence<16>());
  for (const std::uint8_t hyphen : hyphens)
    text[hyphen] = '-';
  return text;
}

void Uuid::write(std::string& out) const {
  const auto text = letters();
  out.append(text.data(), text.size());
}

Uuid SystemUuids::random() {
  Uuid uuid = random_bits();
  stamp(uuid, 4);
  return uuid;
}

Uuid SystemUuids::timed(Timestamp time) {
  Uuid uuid = random_bits();
  stamp_time(uuid, time);
  return uuid;
}

Uuid CountingUuids::random() {
  Uuid uuid;
  put_count(uuid, ++count_);
  stamp(uuid, 4);
  return uuid;
}

Uuid CountingUuids::timed(Timestamp time) {
  Uuid uuid;
  put_count(uuid, ++count_);
  stamp_time(uuid, time);
  return uuid;
}

} // namespace diffo
