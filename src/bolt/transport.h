#pragma once

#include <diffo/bolt.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::bolt {

/// When to give up; nothing: never.
using Deadline = std::optional<std::chrono::steady_clock::time_point>;

/// The earlier of two.
inline Deadline earlier(const Deadline& left, const Deadline& right) {
  if (!left || !right)
    return left ? left : right;
  return std::min(*left, *right);
}

/// A stream of bytes to a server. One thread.
class Transport {
public:
  virtual ~Transport() = default;
  /// Sends all. What the server sends meanwhile is kept for receive, so that two full pipes cannot
  /// block each other.
  virtual Outcome<void> send(std::string_view bytes, Deadline deadline) = 0;
  /// Waits for bytes; 0 when the server has closed.
  virtual Outcome<std::size_t> receive(char* buffer, std::size_t size, Deadline deadline) = 0;
  virtual void close() = 0;
};

/// A socket that never blocks by itself. Owns its descriptor.
class Socket {
public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  void close();

  /// Connects to one of the addresses that the name resolves to.
  static Outcome<Socket> connect(const Address& address, Deadline deadline);

  enum class Wait : std::uint8_t { readable, writable, either };
  /// Which became true first; a failure at the deadline.
  Outcome<Wait> wait(Wait what, Deadline deadline) const;

private:
  int descriptor_ = -1;
};

std::unique_ptr<Transport> make_tcp_transport(Socket socket);

/// Holds what TLS connections share: trust, certificates. Any thread once made.
class TlsContext {
public:
  virtual ~TlsContext() = default;
  /// Runs the client's handshake for that host.
  virtual Outcome<std::unique_ptr<Transport>> connect(Socket socket, const std::string& host,
                                                      Deadline deadline) = 0;
};

/// `encryption` must not be by_scheme.
Outcome<std::unique_ptr<TlsContext>> make_tls_context(Encryption encryption,
                                                      const TlsOptions& options);

/// How much a server may send while we are still sending.
inline constexpr std::size_t max_early_bytes = std::size_t{256} << 20;

} // namespace diffo::bolt
