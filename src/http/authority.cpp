#include "http/authority.h"

#include "http/message.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>
#include <string>

namespace diffo::http {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 3986 §3.2.2: reg-name without percent-escapes, which no resolver would understand.
bool is_name_character(char c) {
  return is_letter_or_digit(c) ||
         std::string_view("-._~!$&'()*+;=").find(c) != std::string_view::npos;
}

bool is_ipv6(std::string_view text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, port);
  if (problem != std::errc() || stopped != end)
    return std::nullopt;
  return port;
}

} // namespace

std::optional<Authority> Authority::parse(std::string_view text) {
  Authority made;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || !is_ipv6(text.substr(1, close - 1)))
      return std::nullopt;
    made.host = text.substr(0, close + 1);
    rest = text.substr(close + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    made.host = text.substr(0, colon);
    rest = text.substr(colon);
    if (made.host.empty() || !std::all_of(made.host.begin(), made.host.end(), is_name_character))
      return std::nullopt;
  }
  if (rest.empty() || rest == ":") // a port may be empty
    return made;
  if (rest.front() != ':')
    return std::nullopt;
  made.port = parse_port(rest.substr(1));
  if (!made.port)
    return std::nullopt;
  return made;
}

bool Authority::is_loopback() const {
  if (same_host(host, "localhost"))
    return true;
  if (host.starts_with('[')) {
    in6_addr address{};
    return ::inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) ==
               1 &&
           IN6_IS_ADDR_LOOPBACK(&address);
  }
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24U) == 127;
}

bool is_host_name(std::string_view text) {
  constexpr std::size_t longest_name = 253;
  constexpr std::size_t longest_label = 63;
  if (text.size() > longest_name)
    return false;
  std::string_view label;
  do {
    label = text.substr(0, text.find('.'));
    text.remove_prefix(std::min(text.size(), label.size() + 1));
    if (label.empty() || label.size() > longest_label || label.front() == '-' ||
        label.back() == '-' || !std::all_of(label.begin(), label.end(), [](char c) {
          return is_letter_or_digit(c) || c == '-' || c == '_';
        }))
      return false;
  } while (!text.empty());
  return label.front() < '0' || label.front() > '9';
}

bool same_host(std::string_view left, std::string_view right) {
  for (std::string_view* one : {&left, &right})
    if (one->ends_with('.'))
      one->remove_suffix(1);
  return same_header_name(left, right);
}

} // namespace diffo::http
