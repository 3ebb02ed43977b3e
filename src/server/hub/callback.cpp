#include "server/hub/callback.h"

#include "base/text.h"
#include "http/authority.h"

#include <algorithm>
#include <array>
#include <optional>

namespace diffo::server {
namespace {

constexpr std::size_t longest_url = 2048;
constexpr std::size_t mapped_bytes = 12;

Error refused(std::string message) {
  return {ErrorCode::invalid, std::move(message), "/callback"};
}

bool is_plain(char c) {
  return c > ' ' && c <= '~' && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

bool is_localhost(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

/// `127.1`, `0x7f.1`, `2130706433`: what some read as an address of IPv4.
bool ends_in_number(std::string_view host) {
  const std::size_t point = host.rfind('.');
  const std::string_view last = point == std::string_view::npos ? host : host.substr(point + 1);
  return !last.empty() && last.front() >= '0' && last.front() <= '9';
}

/// IPv4 within IPv6 (RFC 4291 §2.5.5.2, RFC 6052 §2.1) is meant as IPv4.
IpPrefix plain_address(const IpPrefix& address) {
  constexpr std::array<std::uint8_t, mapped_bytes> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  constexpr std::array<std::uint8_t, mapped_bytes> translated{0, 0x64, 0xFF, 0x9B};
  if (!address.v6 || !(std::equal(mapped.begin(), mapped.end(), address.bytes.begin()) ||
                       std::equal(translated.begin(), translated.end(), address.bytes.begin())))
    return address;
  IpPrefix plain;
  plain.length = plain.bits();
  std::copy(address.bytes.begin() + mapped_bytes, address.bytes.end(), plain.bytes.begin());
  return plain;
}

/// What is not reached over the internet: this host, private, shared and link-local networks,
/// groups, and what is reserved (RFC 6890).
const std::vector<IpPrefix>& inner_networks() {
  static const std::vector<IpPrefix> networks = [] {
    std::vector<IpPrefix> made;
    for (const char* text :
         {"0.0.0.0/8",     "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
          "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15",  "224.0.0.0/4",
          "240.0.0.0/4",   "2001::/32",    "::/96",          "64:ff9b:1::/48", "100::/64",
          "2002::/16",     "fc00::/7",     "fe80::/10",      "fec0::/10",      "ff00::/8"})
      made.push_back(IpPrefix::parse(text).value());
    return made;
  }();
  return networks;
}

bool contains(const std::vector<IpPrefix>& networks, const IpPrefix& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const IpPrefix& one) { return one.contains(address); });
}

} // namespace

Result<Callback> Callback::parse(std::string_view url) {
  if (url.size() > longest_url)
    return refused("is longer than 2048 bytes");
  if (!std::all_of(url.begin(), url.end(), is_plain))
    return refused("has characters that no URL has; encode them as %XX");
  const std::size_t colon = url.find("://");
  const std::string scheme =
      colon == std::string_view::npos ? "" : small_letters(url.substr(0, colon));
  if (scheme != "http" && scheme != "https")
    return refused("must be an absolute URL that begins with http:// or https://");
  if (url.find('#') != std::string_view::npos)
    return refused("has a fragment, which is never sent");
  const std::string_view rest = url.substr(colon + 3);
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  const auto authority = http::Authority::parse(rest.substr(0, path));
  if (!authority)
    return refused("has no host that can be read; a user does not belong there");
  if (authority->port == 0)
    return refused("has the port 0, which nobody listens at");
  Callback callback;
  callback.host = small_letters(authority->host);
  callback.server = scheme + "://" + callback.host;
  if (authority->port)
    callback.server += ':' + std::to_string(*authority->port);
  if (callback.host.starts_with('['))
    callback.host = callback.host.substr(1, callback.host.size() - 2);
  else if (ends_in_number(callback.host) && !IpPrefix::parse(callback.host))
    return refused("has a host that is neither a name nor an address as usual: " + callback.host);
  while (callback.host.ends_with('.'))
    callback.host.pop_back();
  const std::size_t query = std::min(rest.find('?', path), rest.size());
  callback.path = query > path ? rest.substr(path, query - path) : "/";
  callback.query = rest.substr(query);
  return callback;
}

std::string Callback::target(std::string_view more) const {
  if (more.empty())
    return path + query;
  std::string_view begin = path;
  while (begin.ends_with('/'))
    begin.remove_suffix(1);
  return std::string(begin).append(more).append(query);
}

Result<void> CallbackRule::check(const Callback& callback) const {
  const auto address = IpPrefix::parse(callback.host);
  const bool is_address =
      address && address->length == address->bits() && callback.host.find('/') == std::string::npos;
  bool allowed = true;
  if (is_address)
    allowed = may_connect(callback.host, callback.host);
  else if (is_localhost(callback.host))
    allowed = may_connect(callback.host, "127.0.0.1") || may_connect(callback.host, "::1");
  else // where else a name leads is seen when a connection is made
    allowed = anybody || !addresses.empty() || may_connect(callback.host, {});
  if (allowed)
    return {};
  return refused(
      "leads to " + callback.host +
      ", where no events may be sent: callbacks.allow in the file that diffo serve --hub "
      "reads must name it");
}

bool CallbackRule::may_connect(std::string_view host, std::string_view address) const {
  if (std::find(hosts.begin(), hosts.end(), host) != hosts.end())
    return true;
  const auto parsed = IpPrefix::parse(address);
  if (!parsed)
    return false;
  const IpPrefix plain = plain_address(*parsed);
  return contains(addresses, plain) || contains(addresses, *parsed) ||
         (anybody && !contains(inner_networks(), plain));
}

} // namespace diffo::server
