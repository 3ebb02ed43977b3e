#pragma once

#include "base/ip_prefix.h"
#include "http/message.h"

#include <diffo/result.h>

#include <string_view>
#include <vector>

namespace diffo::server {

/// What proxies tell of the request that they pass on: `Forwarded` (RFC 7239), else
/// `X-Forwarded-Proto`, `-Host`, `-Port`, `-Prefix` and `-For`. Heard from configured addresses
/// alone: whoever else sends these headers could give out links to anywhere. Immutable once
/// configured; any thread.
class Forwarding {
public:
  /// `10.0.0.7` or `10.0.0.0/8`. Errors: invalid.
  Result<void> trust(std::string_view address);

  /// Lets scheme, authority and prefix of the request be those that the client used. Nothing is
  /// done where its peer is not trusted. Errors: malformed for what a trusted proxy says and nobody
  /// can read, with the header as path.
  Result<void> apply(http::Request& request) const;

private:
  [[nodiscard]] bool is_trusted(std::string_view address) const;
  std::vector<IpPrefix> trusted_;
};

} // namespace diffo::server
