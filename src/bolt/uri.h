#pragma once

#include <diffo/bolt.h>

#include <string_view>

namespace diffo::bolt {

/// What a connection URI says (neo4j.md §2.10).
struct ConnectionUri {
  bool routing = false;
  Encryption encryption =
      Encryption::by_scheme; ///< by_scheme here means that the scheme asks for none
  Address address{};
  Map routing_context{}; ///< with the driver's own `address`
};

Outcome<ConnectionUri> parse_uri(std::string_view uri);

/// "host", "host:7688", "[::1]:7687"; without a port the default.
Outcome<Address> parse_address(std::string_view text);

} // namespace diffo::bolt
