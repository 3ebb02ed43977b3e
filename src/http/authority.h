#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace diffo::http {

/// `host[:port]`, as it stands in a Host header, an absolute target and a URL (RFC 3986 §3.2).
/// Views look into the text it was read from.
struct Authority {
  std::string_view host; ///< with the brackets of IPv6
  std::optional<std::uint16_t> port;

  /// Nothing for an empty host, a user, an unclosed bracket, a port that is no port, and every
  /// character that does not stand in a host's name.
  static std::optional<Authority> parse(std::string_view text);
  /// Whether the host is this machine: "localhost", 127.0.0.0/8, [::1]. By form, never by lookup: a
  /// name that resolves to loopback is what an attacker would bring.
  [[nodiscard]] bool is_loopback() const;
};

/// Whether a text is what names a host in the DNS: labels of letters, digits, hyphens and
/// underscores (RFC 1123 §2.1; the underscore is in use), the last of which does not begin as a
/// number does, for that is an address. A wildcard is none.
bool is_host_name(std::string_view text);

/// Whether two hosts are the same name: ASCII letters compare without case, a final dot is ignored.
bool same_host(std::string_view left, std::string_view right);

} // namespace diffo::http
