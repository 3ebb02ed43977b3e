#pragma once

#include "http/authority.h"
#include "http/message.h"
#include "server/cross_origin.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::server {

/// The configured public URL: what hrefs begin with.
struct PublicUrl {
  std::string text;      ///< scheme and host in small letters, no '/' at the end; empty: none
  std::string authority; ///< "inventory.example:8443"

  /// Errors: invalid for what is no http or https URL of a host and a path.
  static Result<PublicUrl> parse(std::string_view text);
};

/// Refuses what no client of ours sends, before any handler sees it. While there is no login, every
/// web page that somebody opens on this machine could speak to us, and a name that its owner lets
/// point here would make it same-origin (DNS rebinding). So only loopback names and configured ones
/// are answered, requests of pages from elsewhere are refused, and a body says what it is: without
/// a media type it is what a plain HTML form can send. For every method, since a read tells too.
/// Immutable after `listen_on`; any thread.
class Doorkeeper {
public:
  /// `HOST` or `HOST:PORT`, as further names of this server. Errors: invalid.
  Result<void> also_answer_to(std::string_view authority);
  /// Pages of that origin may speak to this server too. Errors: invalid.
  Result<void> also_serve_pages_of(std::string_view origin) { return cross_origin_.allow(origin); }
  [[nodiscard]] const CrossOrigin& cross_origin() const { return cross_origin_; }
  /// The port behind which pages of our own may stand.
  void listen_on(std::uint16_t port) { port_ = port; }

  /// The answer to a request that is refused.
  [[nodiscard]] std::optional<http::Response> refuse(const http::Request& request) const;

private:
  struct Name {
    std::string host;
    std::optional<std::uint16_t> port; ///< none: any
  };
  [[nodiscard]] bool is_named(const http::Authority& authority) const;
  [[nodiscard]] bool is_own_host(std::string_view authority) const;
  [[nodiscard]] bool is_own_origin(std::string_view origin, std::string_view host) const;

  std::vector<Name> names_;
  CrossOrigin cross_origin_;
  std::uint16_t port_ = 0;
};

} // namespace diffo::server
