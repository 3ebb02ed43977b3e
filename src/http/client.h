#pragma once

#include "base/cancellation.h"
#include "diffo/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::http {

struct ClientOptions {
  /// Scheme, host and port, e.g. "http://127.0.0.1:8080". Of https the certificate must be one that
  /// the machine trusts, and the host's.
  std::string base_url;
  std::chrono::milliseconds connect_timeout{5'000};
  /// For the whole exchange; 0 for none, as for long imports.
  std::chrono::milliseconds timeout{60'000};
  /// A transfer that stands still for so long fails.
  std::chrono::seconds stall_timeout{60};
  /// A larger answer fails with too_large, unless it is streamed to a callback.
  std::size_t answer_bytes = 64 * 1024 * 1024;
  /// Breaks off what is under way, with unavailable.
  Cancellation cancellation{};
  /// Whether a connection may be made to that address, asked each time one is: the text of an
  /// IPv4 or IPv6 address, whatever name led to it. Empty: to any. What may not fails with
  /// forbidden.
  std::function<bool(std::string_view address)> may_connect{};
};

struct ClientRequest {
  std::string method = "GET";
  /// Path and query, already percent-encoded, e.g. "/service?name=a%20b".
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  /// Used instead of `body` when set: fills the span with the next bytes of the body and returns
  /// how many; 0 ends it. An error breaks the request off and is its result. The body is sent
  /// chunked.
  std::function<Result<std::size_t>(std::span<char>)> upload{};
  /// Gets the answer's body piece by piece instead of ClientAnswer::body, whatever the status. An
  /// error breaks the request off and is its result.
  std::function<Result<void>(int status, std::string_view piece)> download{};
};

struct ClientAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};

  /// The value of the first header with this name, or "".
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// A blocking HTTP/1.1 client that keeps its connection open between requests. One thread at a
/// time. Follows no redirects, uses no proxy, repeats nothing.
///
/// Errors: `unavailable` when nobody answers at the address, `timeout`, `too_large`, `io` when the
/// connection broke, or what a callback returned. Any complete answer is a success, whatever its
/// status.
class Client {
public:
  static Result<Client> make(ClientOptions options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  Result<ClientAnswer> send(const ClientRequest& request);

private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

} // namespace diffo::http
