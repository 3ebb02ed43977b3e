#pragma once

#include "http/authority.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diffo::server {

/// An `http` or `https` origin at the front of a text (RFC 6454 §6), which must outlive it.
struct Origin {
  std::string scheme; ///< in small letters
  http::Authority authority;
  std::string_view rest; ///< what stands behind it

  /// Nothing for another scheme, or for what is no host.
  static std::optional<Origin> parse(std::string_view text);
  [[nodiscard]] std::uint16_t default_port() const { return scheme == "https" ? 443 : 80; }
};

} // namespace diffo::server
