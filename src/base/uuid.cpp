#include "base/uuid.h"

#include "base/text.h"

#include <pthread.h>
#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace diffo {
namespace {

/// Whether a hyphen stands before that byte in the canonical text.
constexpr bool hyphen_before(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
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
  Error malformed{ErrorCode::malformed, "not a UUID"};
  if (text.size() != text_length)
    return malformed;
  Uuid uuid;
  const char* at = text.data();
  for (std::size_t index = 0; index < uuid.bytes.size(); ++index) {
    if (hyphen_before(index) && *at++ != '-')
      return malformed;
    const int high = hex_digit(*at++);
    const int low = hex_digit(*at++);
    if (high < 0 || low < 0)
      return malformed;
    uuid.bytes[index] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return uuid;
}

std::string Uuid::text() const {
  std::string out;
  write(out);
  return out;
}

void Uuid::write(std::string& out) const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, text_length> text;
  char* at = text.data();
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    if (hyphen_before(index))
      *at++ = '-';
    *at++ = digits[bytes[index] >> 4U];
    *at++ = digits[bytes[index] & 0x0FU];
  }
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
