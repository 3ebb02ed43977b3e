#pragma once

#include "base/failure.h"
#include "http/limits.h"
#include "http/memory_budget.h"
#include "http/message.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace diffo::http {

struct ServerOptions {
  /// A numeric address or "localhost".
  std::string address = "127.0.0.1";
  /// 0 takes any free port; see Server::port.
  std::uint16_t port = 0;
  int io_threads = 1;
  Limits limits{};
  /// How long a graceful stop waits before it cancels the work on requests in progress, and how
  /// long before it breaks them off.
  std::chrono::milliseconds stop_grace{3'000};
  std::chrono::milliseconds stop_timeout{7'000};
  /// Requests for which this says yes get their body through Request::stream. Called with the raw
  /// path, before the body is read; see Router::streams_body.
  std::function<bool(Method, std::string_view path)> streams_body{};
  ErrorBodyFunction error_body = plain_error_body;
  ExchangeObserver observer{};
  /// Of all bodies and answers, and of what else the maker counts in it; empty: its own, of
  /// Limits::memory_bytes.
  std::shared_ptr<MemoryBudget> memory{};
  /// Told of exceptions of handlers and of the transport itself, which then answer 500 or 503.
  FailureObserver on_failure{};
};

enum class StopMode : std::uint8_t {
  graceful, ///< take no more requests, finish or in the end cancel those in progress, then end
  at_once   ///< break everything off
};

/// An HTTP/1.1 server. `run` occupies the calling thread, which is the first I/O thread; `stop` may
/// be called from any thread, also from a handler, but not from a signal handler. Handlers, sources
/// and observers are called on I/O threads and must not block them. Responders may outlive the
/// server; their answers then go nowhere.
///
/// Example:
///     auto server = TRY(Server::listen({.port = 8080}, [](Request request, Responder responder) {
///       responder.send({.content_type = "text/plain", .body = std::string(request.path)});
///     }));
///     server.run();
class Server {
public:
  /// Binds and listens; connections wait in the backlog until `run`.
  static Result<Server> listen(ServerOptions options, Handler handler);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  /// `run` must have returned, or never have been called.
  ~Server();

  [[nodiscard]] std::uint16_t port() const;
  /// Serves until `stop`; at most once.
  void run();
  void stop(StopMode mode);
  /// Open connections, for metrics. Any thread.
  [[nodiscard]] std::size_t connections() const;
  /// Bytes of bodies and answers held in memory, for metrics. Any thread.
  [[nodiscard]] std::uint64_t memory_bytes() const;

private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

} // namespace diffo::http
