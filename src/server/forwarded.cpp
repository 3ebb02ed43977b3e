#include "server/forwarded.h"

#include "base/text.h"
#include "http/authority.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::size_t most_proxies = 32;

/// What one proxy says.
struct Hop {
  std::string client; ///< who spoke to it
  std::string scheme;
  std::string host;
};

/// What all of them say together, as the request keeps it.
struct Told {
  std::string scheme;
  std::string authority;
  std::string prefix;
  std::shared_ptr<const void> before;
};

/// The next part up to a mark that stands outside of quotes.
std::string_view take_part(std::string_view& left, char mark) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < left.size() && (quoted || left[end] != mark); ++end) {
    if (quoted && left[end] == '\\' && end + 1 < left.size())
      ++end;
    else if (left[end] == '"')
      quoted = !quoted;
  }
  const std::string_view part = trimmed(left.substr(0, end));
  left.remove_prefix(std::min(end + 1, left.size()));
  return part;
}

std::string without_quotes(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"')
    return std::string(text);
  std::string plain;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    if (text[at] == '\\' && at + 2 < text.size())
      ++at;
    plain += text[at];
  }
  return plain;
}

Error unreadable(std::string_view header) {
  return {ErrorCode::malformed, "a proxy says what cannot be read", std::string(header)};
}

Result<std::vector<Hop>> hops_of_forwarded(std::string_view header) {
  std::vector<Hop> hops;
  for (std::string_view left = header; !left.empty();) {
    Hop& hop = hops.emplace_back();
    if (hops.size() > most_proxies)
      return unreadable("Forwarded");
    for (std::string_view element = take_part(left, ','); !element.empty();) {
      const std::string_view pair = take_part(element, ';');
      const std::size_t mark = pair.find('=');
      if (pair.empty())
        continue;
      if (mark == std::string_view::npos)
        return unreadable("Forwarded");
      const std::string_view name = trimmed(pair.substr(0, mark));
      std::string value = without_quotes(trimmed(pair.substr(mark + 1)));
      if (http::same_header_name(name, "for"))
        hop.client = std::move(value);
      else if (http::same_header_name(name, "proto"))
        hop.scheme = std::move(value);
      else if (http::same_header_name(name, "host"))
        hop.host = std::move(value);
    }
  }
  return hops;
}

std::vector<std::string> items_of(const http::Request& request, std::string_view header) {
  std::vector<std::string> items;
  const std::string joined = request.joined_header(header);
  for (std::string_view left = joined; !left.empty() && items.size() <= most_proxies;)
    items.emplace_back(take_part(left, ','));
  return items;
}

/// The lists may differ in length: some proxies add to one, others replace another. Their ends are
/// of the same proxy.
std::vector<Hop> hops_of_x_forwarded(const http::Request& request) {
  const auto clients = items_of(request, "X-Forwarded-For");
  const auto schemes = items_of(request, "X-Forwarded-Proto");
  const auto hosts = items_of(request, "X-Forwarded-Host");
  std::vector<Hop> hops(std::max({clients.size(), schemes.size(), hosts.size()}));
  const auto fill = [&hops](const std::vector<std::string>& items, std::string Hop::* member) {
    for (std::size_t back = 1; back <= items.size(); ++back)
      hops[hops.size() - back].*member = items[items.size() - back];
  };
  fill(clients, &Hop::client);
  fill(schemes, &Hop::scheme);
  fill(hosts, &Hop::host);
  return hops;
}

/// `10.0.0.7`, `10.0.0.7:5031`, `[2001:db8::1]:80`, `2001:db8::1`.
std::string_view address_in(std::string_view node) {
  if (node.starts_with('['))
    return node.substr(1, node.find(']') - 1);
  const std::size_t colon = node.find(':');
  return colon != std::string_view::npos && node.find(':', colon + 1) == std::string_view::npos
             ? node.substr(0, colon)
             : node;
}

/// Nothing that could end the quotes of a link or lead to another host.
bool is_prefix(std::string_view text) {
  return text.starts_with('/') && text.find("//") == std::string_view::npos &&
         text.find("/.") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("/-._~").find(c) != std::string_view::npos;
         });
}

/// The host with a port that is told apart from it.
std::string with_port(std::string host, std::string_view port, std::string_view scheme) {
  const auto read = http::Authority::parse(host);
  const bool is_default = port == (scheme == "https" ? "443" : "80");
  if (!read || read->port || port.empty() || is_default)
    return host;
  return host + ':' + std::string(port);
}

/// Also nothing: it is not said.
bool is_port(std::string_view text) {
  std::uint16_t port = 1;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  return text.empty() || (read.ec == std::errc() && read.ptr == end && port != 0);
}

std::string without_port(std::string_view authority) {
  const auto read = http::Authority::parse(authority);
  return std::string(read ? read->host : authority);
}

} // namespace

Result<void> Forwarding::trust(std::string_view address) {
  auto prefix = IpPrefix::parse(address);
  if (!prefix)
    return Error{ErrorCode::invalid, prefix.error().message, "--trusted-proxy"};
  trusted_.push_back(std::move(prefix).value());
  return {};
}

bool Forwarding::is_trusted(std::string_view address) const {
  constexpr std::string_view mapped = "::ffff:";
  if (address.starts_with(mapped) && address.find('.') != std::string_view::npos)
    address.remove_prefix(mapped.size());
  const auto one = IpPrefix::parse(address);
  return one && std::any_of(trusted_.begin(), trusted_.end(),
                            [&one](const IpPrefix& prefix) { return prefix.contains(*one); });
}

Result<void> Forwarding::apply(http::Request& request) const {
  if (trusted_.empty() || !is_trusted(address_in(request.peer)))
    return {};
  const std::string forwarded = request.joined_header("Forwarded");
  const std::vector<Hop> hops =
      forwarded.empty() ? hops_of_x_forwarded(request) : TRY(hops_of_forwarded(forwarded));
  // From the nearest proxy on, as far as each was spoken to by one that is trusted.
  auto told = std::make_shared<Told>();
  for (std::size_t left = hops.size(); left > 0; --left) {
    const Hop& hop = hops[left - 1];
    if (!hop.scheme.empty())
      told->scheme = hop.scheme;
    if (!hop.host.empty())
      told->authority = hop.host;
    if (!is_trusted(address_in(hop.client)))
      break;
  }
  if (!told->scheme.empty()) {
    told->scheme = small_letters(told->scheme);
    if (told->scheme != "http" && told->scheme != "https")
      return unreadable(forwarded.empty() ? "X-Forwarded-Proto" : "Forwarded");
    request.scheme = told->scheme;
  }
  const std::string_view port = forwarded.empty() ? request.header("X-Forwarded-Port") : "";
  if (!is_port(port))
    return unreadable("X-Forwarded-Port");
  const bool names_host = !told->authority.empty();
  if (!names_host && !port.empty())
    told->authority = without_port(request.authority);
  if (!told->authority.empty()) {
    if (!http::Authority::parse(told->authority))
      return unreadable(forwarded.empty() ? "X-Forwarded-Host" : "Forwarded");
    told->authority = with_port(std::move(told->authority), port, request.scheme);
    request.authority = told->authority;
  }
  told->prefix = request.header("X-Forwarded-Prefix");
  while (told->prefix.ends_with('/'))
    told->prefix.pop_back();
  if (!told->prefix.empty() && !is_prefix(told->prefix))
    return unreadable("X-Forwarded-Prefix");
  request.prefix = told->prefix;
  told->before = std::move(request.holds);
  request.holds = std::move(told);
  return {};
}

} // namespace diffo::server
