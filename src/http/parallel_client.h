#pragma once

#include "http/client.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace diffo::http {

/// An HTTP/1.1 client that has many exchanges under way at once, with whomever: one that hangs
/// keeps none of the others waiting. Connections are kept open between requests. Follows no
/// redirects, uses no proxy, repeats nothing. One thread, but for wake().
class ParallelClient {
public:
  using Done = std::function<void(Result<ClientAnswer>)>;

  /// Keeps at most so many connections open that nothing is sent over. Errors: internal when there
  /// is no memory for it.
  static Result<ParallelClient> make(std::size_t kept_connections);
  ParallelClient(ParallelClient&&) noexcept;
  ParallelClient& operator=(ParallelClient&&) noexcept;
  /// Breaks off what is under way; `done` is not called of it.
  ~ParallelClient();

  /// Begins an exchange. `done` is called within move(), with what Client::send() would return.
  /// Errors: invalid for a request that cannot be sent; then it is not called.
  Result<void> begin(ClientOptions options, ClientRequest request, Done done);
  /// Sends and reads what can be, waiting for so long until there is something, or wake().
  void move(std::chrono::milliseconds longest_wait);
  /// How many exchanges are not done.
  [[nodiscard]] std::size_t under_way() const;
  /// Ends the wait of move(), the next one if there is none. Any thread.
  void wake();

private:
  class Impl;
  explicit ParallelClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

} // namespace diffo::http
