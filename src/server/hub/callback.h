#pragma once

#include "base/ip_prefix.h"

#include <diffo/result.h>

#include <string>
#include <string_view>
#include <vector>

/// Where events may be sent (wire.md §10).
namespace diffo::server {

/// A URL that events are sent to, in its parts.
struct Callback {
  std::string server; ///< "https://host:port"
  std::string host;   ///< in lower case, without brackets
  std::string path;   ///< "/listener", or "/"
  std::string query;  ///< with its `?`, else empty

  /// Errors: invalid for what is no absolute http or https URL, has a user or a fragment, is longer
  /// than 2048 bytes, or has a host that others may read as an address in another notation.
  static Result<Callback> parse(std::string_view url);
  /// The path, with something more behind it, and the query.
  [[nodiscard]] std::string target(std::string_view more = {}) const;
};

/// Which callbacks are allowed: what the internet can reach, but for that of this host and of the
/// networks behind it, which must be named. Thread rule: immutable once made.
struct CallbackRule {
  std::vector<IpPrefix> addresses; ///< allowed, whatever they are
  std::vector<std::string> hosts;  ///< allowed by name, wherever that leads
  bool anybody = true;             ///< else what is not named is refused

  /// By what the URL says alone; no name is looked up. Errors: invalid, saying how to allow it.
  [[nodiscard]] Result<void> check(const Callback& callback) const;
  /// Whether a connection to that host may go to that address, which is what counts in the end.
  [[nodiscard]] bool may_connect(std::string_view host, std::string_view address) const;
};

} // namespace diffo::server
