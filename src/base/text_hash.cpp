#include "base/text_hash.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <random>

namespace diffo {
namespace {

struct Key {
  std::uint64_t first;
  std::uint64_t second;
};

/// Drawn once; never shown to anybody.
const Key& process_key() {
  static const Key key = [] {
    std::random_device source;
    const auto word = [&source] { return std::uint64_t{source()} << 32U | source(); };
    return Key{word(), word()};
  }();
  return key;
}

/// The state of SipHash (Aumasson and Bernstein, 2012), with one round a word and three at the end.
struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

} // namespace

std::size_t TextHash::operator()(std::string_view text) const noexcept {
  const Key& key = process_key();
  State state{key.first ^ 0x736f6d6570736575U, key.second ^ 0x646f72616e646f6dU,
              key.first ^ 0x6c7967656e657261U, key.second ^ 0x7465646279746573U};
  const auto size = static_cast<std::uint64_t>(text.size());
  for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof word);
    state.take(word);
  }
  std::uint64_t last = size << 56U;
  for (std::size_t index = 0; index < text.size(); ++index)
    last |= std::uint64_t{static_cast<unsigned char>(text[index])} << (8U * index);
  state.take(last);
  state.v2 ^= 0xff;
  for (int round = 0; round < 3; ++round)
    state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

} // namespace diffo
