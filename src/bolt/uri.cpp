#include "bolt/uri.h"

#include <charconv>

namespace diffo::bolt {

namespace {

Failure refused(std::string what) {
  return make_failure(FailureKind::configuration, "the URI " + std::move(what));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Outcome<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0)
      return refused("has a broken % escape");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

Outcome<Map> read_context(std::string_view query) {
  Map context;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    const std::string key = TRY(percent_decoded(pair.substr(0, equals)));
    if (equals == std::string_view::npos || equals + 1 == pair.size() || key.empty())
      return refused("has a routing parameter without a value: " + key);
    if (key == "address")
      return refused("sets the routing parameter address, which the driver sets");
    if (context.contains(key))
      return refused("sets the routing parameter " + key + " twice");
    context.set(key, TRY(percent_decoded(pair.substr(equals + 1))));
  }
  return context;
}

struct Scheme {
  std::string_view name;
  bool routing;
  Encryption encryption;
};
constexpr Scheme schemes[] = {
    {"bolt", false, Encryption::by_scheme},      {"bolt+s", false, Encryption::verified},
    {"bolt+ssc", false, Encryption::unverified}, {"neo4j", true, Encryption::by_scheme},
    {"neo4j+s", true, Encryption::verified},     {"neo4j+ssc", true, Encryption::unverified},
};

} // namespace

std::string to_text(const Address& address) {
  const bool bracket = address.host.find(':') != std::string::npos;
  return (bracket ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Outcome<Address> parse_address(std::string_view text) {
  Address address;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos)
      return refused("has an IPv6 host without its closing bracket");
    address.host = std::string(text.substr(1, close - 1));
    port = text.substr(close + 1);
  } else {
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos)
      return refused("has an IPv6 host without brackets");
    address.host = std::string(text.substr(0, colon));
    port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
  }
  if (address.host.empty())
    return refused("names no host");
  if (port.empty())
    return address;
  unsigned number = 0;
  const char* end = port.data() + port.size();
  const auto [stop, error] = std::from_chars(port.data() + 1, end, number);
  if (port.front() != ':' || error != std::errc{} || stop != end || number == 0 || number > 65535)
    return refused("has no valid port: " + std::string(port));
  address.port = static_cast<std::uint16_t>(number);
  return address;
}

Outcome<ConnectionUri> parse_uri(std::string_view uri) {
  const std::size_t separator = uri.find("://");
  if (separator == std::string_view::npos)
    return refused("has no scheme, such as bolt:// or neo4j://");
  const std::string_view name = uri.substr(0, separator);
  const Scheme* scheme = nullptr;
  for (const Scheme& candidate : schemes)
    if (candidate.name == name)
      scheme = &candidate;
  if (scheme == nullptr)
    return refused("has the scheme " + std::string(name) +
                   "; known are bolt, bolt+s, bolt+ssc, neo4j, neo4j+s, neo4j+ssc");
  std::string_view rest = uri.substr(separator + 3);
  const std::size_t question = rest.find('?');
  const std::string_view query =
      question == std::string_view::npos ? std::string_view{} : rest.substr(question + 1);
  rest = rest.substr(0, question);
  if (rest.ends_with('/'))
    rest.remove_suffix(1);
  if (rest.find('@') != std::string_view::npos)
    return refused("holds credentials; give them apart");
  if (rest.find_first_of("/#") != std::string_view::npos ||
      query.find('#') != std::string_view::npos)
    return refused("has a path or a fragment; the database is chosen by the session");
  ConnectionUri out;
  out.routing = scheme->routing;
  out.encryption = scheme->encryption;
  out.address = TRY(parse_address(rest));
  if (!query.empty() && !scheme->routing)
    return refused("has routing parameters, which only neo4j schemes take");
  out.routing_context = TRY(read_context(query));
  if (scheme->routing)
    out.routing_context.set("address", to_text(out.address));
  return out;
}

} // namespace diffo::bolt
