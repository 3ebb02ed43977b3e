#pragma once

#include "http/server.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace diffo::http::test {

/// A server on a free loopback port with its own thread; stops when destroyed.
class TestServer {
public:
  explicit TestServer(Handler handler, ServerOptions options = {});
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  Server& server() { return server_; }
  /// Waits until run() has returned.
  void join();

private:
  Server server_;
  std::thread thread_;
};

/// Answers with what it was asked.
inline void echo(Request request, Responder responder) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::string(request.method_token) + " " + std::string(request.target) + " " +
                  std::string(request.body);
  responder.send(std::move(response));
}

inline const std::string get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

/// A place where handlers leave their calls.
class Parked {
public:
  struct Call {
    Cancellation cancellation;
    Responder responder;
  };
  void put(const Request& request, Responder responder) {
    const std::lock_guard lock(mutex_);
    calls_.push_back({request.cancellation, std::move(responder)});
    arrived_.notify_all();
  }
  Call take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !calls_.empty(); });
    Call call = std::move(calls_.front());
    calls_.pop_front();
    return call;
  }

private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Call> calls_;
};

/// Waits for the next piece of a streamed body; not on an I/O thread.
Result<std::string> read_blocking(BodyReader& body);

/// An answer as read from the socket.
struct RawAnswer {
  int status = 0;
  std::string head;
  std::string body;
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// A plain blocking socket that sends exactly the bytes it is told to. Every wait is bounded by 20
/// s.
class RawClient {
public:
  /// A small receive buffer makes a slow reader out of the client.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False when the peer has closed.
  bool send(std::string_view bytes);
  void shutdown_send();
  /// Closes so that the peer gets a reset.
  void reset();
  /// The next answer; status 0 when the connection ended before it was complete.
  RawAnswer read_answer(std::string_view method = "GET");
  /// Everything until the peer closes.
  std::string read_to_end();
  /// Whether the peer closes without sending anything more.
  bool is_closed() { return read_to_end().empty() && ended_; }
  /// At least `count` bytes, unless the peer closes.
  std::string read_some(std::size_t count);

private:
  bool fill();
  bool read_chunked(std::string& body);
  std::optional<std::string> take_line();
  bool take_bytes(std::size_t count, std::string& out);

  int socket_ = -1;
  std::string buffer_;
  bool ended_ = false;
};

} // namespace diffo::http::test
