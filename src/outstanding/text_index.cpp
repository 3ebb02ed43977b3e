#include "outstanding/text_index.h"

#include <array>
#include <cstring>
#include <random>

namespace diffo::outstanding {
namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t mixed(std::uint64_t left, std::uint64_t right) {
  const Wide product = Wide{left} * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::array<std::uint64_t, 3> random_secrets() {
  std::random_device device;
  std::array<std::uint64_t, 3> secrets{};
  for (std::uint64_t& secret : secrets)
    secret = (std::uint64_t{device()} << 32) | device() | 1;
  return secrets;
}

} // namespace

std::uint64_t secret_hash(std::string_view text) {
  static const std::array<std::uint64_t, 3> secrets = random_secrets();
  std::uint64_t hash = secrets[0] ^ text.size();
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t taken = text.size() < sizeof word ? text.size() : sizeof word;
    std::memcpy(&word, text.data(), taken);
    hash = mixed(word ^ secrets[1], hash ^ secrets[2]);
    text.remove_prefix(taken);
  }
  return mixed(hash, secrets[1]);
}

} // namespace diffo::outstanding
