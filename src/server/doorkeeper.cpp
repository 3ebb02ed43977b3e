#include "server/doorkeeper.h"

#include "base/ip_prefix.h"
#include "base/text.h"
#include "server/coding.h"
#include "server/origin.h"
#include "tmf/error_body.h"

#include <algorithm>

namespace diffo::server {
namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// RFC 3986 §3.3: path = *( "/" *pchar )
bool is_path(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '%') {
      if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2]))
        return false;
      at += 2;
      continue;
    }
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && std::string_view("-._~!$&'()*+,;=:@/").find(c) == std::string_view::npos)
      return false;
  }
  return true;
}

http::Response refusal(int status, std::string_view message) {
  http::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = tmf::status_error_body(status, http::reason_of(status), message);
  return response;
}

std::optional<http::Response> refuse_body(const http::Request& request) {
  if (request.body.empty() && !(request.stream && request.has_body))
    return std::nullopt;
  const std::string coding = small_letters(request.joined_header("Content-Encoding"));
  if (!coding.empty() && coding != "identity" && !is_gzip(coding)) {
    http::Response response = refusal(415, "the only Content-Encoding that is taken is gzip");
    response.headers.emplace_back("Accept-Encoding", "gzip, identity"); // RFC 9110 §15.5.16
    return response;
  }
  if (request.header("Content-Type").empty())
    return refusal(415, "a body needs a Content-Type");
  return std::nullopt;
}

} // namespace

Result<PublicUrl> PublicUrl::parse(std::string_view text) {
  const auto origin = Origin::parse(text);
  if (!origin)
    return Error{ErrorCode::invalid, "a public URL is http:// or https:// with a host",
                 "--public-url"};
  std::string_view path = origin->rest;
  while (path.ends_with('/'))
    path.remove_suffix(1);
  if (!is_path(path))
    return Error{ErrorCode::invalid,
                 "a public URL has no query, no fragment and no characters that a path must escape",
                 "--public-url"};
  PublicUrl made;
  made.authority = small_letters(origin->authority.host);
  if (origin->authority.port)
    made.authority += ':' + std::to_string(*origin->authority.port);
  made.text = origin->scheme + "://" + made.authority + std::string(path);
  return made;
}

Result<void> Doorkeeper::also_answer_to(std::string_view authority) {
  const auto read = http::Authority::parse(authority);
  const bool is_address = read && (read->host.starts_with('[') || IpPrefix::parse(read->host));
  if (!read || !(is_address || http::is_host_name(read->host)))
    return Error{ErrorCode::invalid, "\"" + std::string(authority) + "\" is not HOST or HOST:PORT",
                 "--allow-host"};
  names_.push_back({std::string(read->host), read->port});
  return {};
}

bool Doorkeeper::is_named(const http::Authority& authority) const {
  return std::any_of(names_.begin(), names_.end(), [&authority](const Name& name) {
    return http::same_host(name.host, authority.host) &&
           (!name.port || name.port == authority.port);
  });
}

/// The port of a Host is not compared: it may be that of a proxy or of a forwarding.
bool Doorkeeper::is_own_host(std::string_view authority) const {
  const auto read = http::Authority::parse(authority);
  if (!read)
    return false;
  return read->is_loopback() ||
         std::any_of(names_.begin(), names_.end(),
                     [&read](const Name& name) { return http::same_host(name.host, read->host); });
}

/// A page of ours comes from where the request goes to, from our port of this machine, or from a
/// configured name. Another port of this machine is somebody else's page.
bool Doorkeeper::is_own_origin(std::string_view origin, std::string_view host) const {
  const auto page = Origin::parse(origin);
  if (!page || !page->rest.empty())
    return false;
  const std::uint16_t port = page->authority.port.value_or(page->default_port());
  const auto own = http::Authority::parse(host);
  if (own && http::same_host(own->host, page->authority.host) &&
      own->port.value_or(page->default_port()) == port)
    return true;
  return (page->authority.is_loopback() && port == port_) || is_named(page->authority);
}

std::optional<http::Response> Doorkeeper::refuse(const http::Request& request) const {
  if (!is_own_host(request.authority))
    return refusal(403, "this server answers to loopback names only, and to those that "
                        "--public-url and --allow-host give it");
  for (const http::Header& header : request.headers)
    if (http::same_header_name(header.name, "Origin") &&
        !is_own_origin(header.value, request.authority) && !cross_origin_.allows(header.value))
      return refusal(403, "requests of pages from another origin are refused while there is no "
                          "login, but for those that --cors-origin names");
  return refuse_body(request);
}

} // namespace diffo::server
