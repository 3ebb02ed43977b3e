#include "base/ip_prefix.h"

#include <arpa/inet.h>

#include <charconv>

namespace diffo {
namespace {

constexpr int most_numbered_bits = 62;

Error unreadable(std::string_view text) {
  return {ErrorCode::malformed,
          "\"" + std::string(text.substr(0, 64)) + "\" is no IPv4 or IPv6 address or prefix"};
}

bool bit_of(const IpPrefix& prefix, int index) {
  const auto byte = prefix.bytes[static_cast<std::size_t>(index / 8)];
  return (byte >> (7 - index % 8) & 1) != 0;
}

void set_bit(IpPrefix& prefix, int index) {
  auto& byte = prefix.bytes[static_cast<std::size_t>(index / 8)];
  byte = static_cast<std::uint8_t>(byte | 1U << (7 - index % 8));
}

} // namespace

Result<IpPrefix> IpPrefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  IpPrefix prefix;
  prefix.v6 = address.find(':') != std::string::npos;
  if (inet_pton(prefix.v6 ? AF_INET6 : AF_INET, address.c_str(), prefix.bytes.data()) != 1)
    return unreadable(text);
  prefix.length = prefix.bits();
  if (slash == std::string_view::npos)
    return prefix;
  const std::string_view length = text.substr(slash + 1);
  const char* const last = length.data() + length.size();
  const auto [end, problem] = std::from_chars(length.data(), last, prefix.length);
  const bool padded = length.size() > 1 && length.front() == '0';
  if (problem != std::errc() || end != last || padded || prefix.length < 0 ||
      prefix.length > prefix.bits())
    return unreadable(text);
  for (int index = prefix.length; index < prefix.bits(); ++index)
    if (bit_of(prefix, index))
      return Error{ErrorCode::invalid, "\"" + std::string(text) + "\" has bits behind its length"};
  return prefix;
}

std::string IpPrefix::text() const {
  char address[INET6_ADDRSTRLEN] = {};
  inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), address, sizeof address);
  return std::string(address) + '/' + std::to_string(length);
}

std::optional<std::int64_t> IpPrefix::count_of(int inner_length) const {
  const int more = inner_length - length;
  if (more < 0 || inner_length > bits() || more > most_numbered_bits)
    return std::nullopt;
  return std::int64_t{1} << more;
}

IpPrefix IpPrefix::inner(int inner_length, std::int64_t number) const {
  IpPrefix made = *this;
  made.length = inner_length;
  for (int index = inner_length - 1; index >= length; --index, number >>= 1)
    if ((number & 1) != 0)
      set_bit(made, index);
  return made;
}

bool IpPrefix::contains(const IpPrefix& inner) const {
  if (inner.v6 != v6 || inner.length < length)
    return false;
  for (int index = 0; index < length; ++index)
    if (bit_of(inner, index) != bit_of(*this, index))
      return false;
  return true;
}

std::optional<std::int64_t> IpPrefix::number_of(const IpPrefix& inner) const {
  if (!contains(inner) || !count_of(inner.length))
    return std::nullopt;
  std::int64_t number = 0;
  for (int index = length; index < inner.length; ++index)
    number = number << 1 | (bit_of(inner, index) ? 1 : 0);
  return number;
}

} // namespace diffo
