#include "base/checksum.h"

#include <array>
#include <cstddef>
#include <cstring>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace diffo {
namespace {

constexpr std::uint32_t polynomial = 0x82F63B78; // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit)
      remainder = (remainder >> 1U) ^ ((remainder & 1U) != 0 ? polynomial : 0);
    table[byte] = remainder;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> table = make_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::string_view bytes,
                                                                      std::uint32_t before) {
  std::uint64_t remainder = ~before;
  while (bytes.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    remainder = _mm_crc32_u64(remainder, word);
    bytes.remove_prefix(sizeof word);
  }
  auto rest = static_cast<std::uint32_t>(remainder);
  for (char byte : bytes)
    rest = _mm_crc32_u8(rest, static_cast<unsigned char>(byte));
  return ~rest;
}
#endif

/// Polynomials over GF(2) modulo ours, reflected: the highest bit is x⁰.
constexpr std::uint32_t one = 0x80000000U;

constexpr std::uint32_t product(std::uint32_t left, std::uint32_t right) {
  std::uint32_t sum = 0;
  for (std::uint32_t bit = one; bit != 0; bit >>= 1U) {
    sum ^= (left & bit) != 0 ? right : 0;
    right = (right >> 1U) ^ ((right & 1U) != 0 ? polynomial : 0);
  }
  return sum;
}

/// What so many more bytes do to a checksum: a multiplication, which is linear, so that the
/// products with each four bits of it are looked up and added.
using Shift = std::array<std::array<std::uint32_t, 16>, 8>;

constexpr Shift make_shift(std::uint32_t power) {
  Shift shift{};
  for (std::size_t nibble = 0; nibble < shift.size(); ++nibble)
    for (std::uint32_t bit = 0; bit < 4; ++bit) {
      const std::uint32_t image = product(power, std::uint32_t{1} << (4 * nibble + bit));
      for (std::uint32_t value = 0; value < 16; ++value)
        if ((value >> bit & 1U) != 0)
          shift[nibble][value] ^= image;
    }
  return shift;
}

/// By 2ⁿ bytes: x to the power of 8·2ⁿ.
constexpr std::array<Shift, 64> make_shifts() {
  std::array<Shift, 64> shifts{};
  std::uint32_t power = one >> 8U;
  for (Shift& shift : shifts) {
    shift = make_shift(power);
    power = product(power, power);
  }
  return shifts;
}

constexpr std::array<Shift, 64> shifts = make_shifts();

std::uint32_t shifted(const Shift& shift, std::uint32_t checksum) {
  std::uint32_t sum = 0;
  for (const auto& products : shift) {
    sum ^= products[checksum & 0x0FU];
    checksum >>= 4U;
  }
  return sum;
}

} // namespace

std::uint32_t crc32c_of_both(std::uint32_t first, std::uint32_t second, std::uint64_t second_size) {
  for (std::size_t bit = 0; second_size != 0; ++bit, second_size >>= 1U)
    if ((second_size & 1U) != 0)
      first = shifted(shifts[bit], first);
  return first ^ second;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction)
    return crc32c_by_instruction(bytes, before);
#endif
  return detail::crc32c_by_table(bytes, before);
}

std::uint32_t detail::crc32c_by_table(std::string_view bytes, std::uint32_t before) {
  std::uint32_t remainder = ~before;
  for (char byte : bytes)
    remainder = (remainder >> 8U) ^ table[(remainder ^ static_cast<unsigned char>(byte)) & 0xFFU];
  return ~remainder;
}

} // namespace diffo
