#pragma once

#include "bolt/handshake.h"
#include "bolt/protocol.h"
#include "bolt/transport.h"

#include <atomic>
#include <memory>

namespace diffo::bolt {

/// What Metrics are read from. Any thread.
struct Counters {
  std::atomic<std::uint64_t> flights{0};
  std::atomic<std::uint64_t> messages_sent{0};
  std::atomic<std::uint64_t> messages_received{0};
  std::atomic<std::uint64_t> bytes_sent{0};
  std::atomic<std::uint64_t> bytes_received{0};
  std::atomic<std::uint64_t> connections_opened{0};
  std::atomic<std::uint64_t> connections_closed{0};
  std::atomic<std::uint64_t> resets{0};
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> routing_refreshes{0};
};

struct ConnectionSettings {
  TlsContext* tls = nullptr; ///< none: plain
  Handshake::Style handshake = Handshake::Style::manifest;
  std::optional<Version> only_version{};
  std::string user_agent{};
  std::optional<Map> routing{};
  NotificationFilter notifications{};
  std::optional<Milliseconds> read_timeout{};
  std::size_t max_message_bytes = std::size_t{256} << 20;
  bool telemetry = true;
  LogSink log{};
  Counters* counters = nullptr; ///< must outlive the connection
};

/// One connection to one server: the protocol over a transport. One thread at a time.
class Connection {
public:
  /// Connects, agrees on a version and logs on: one flight for the version, one for the rest.
  static Outcome<std::unique_ptr<Connection>> open(const Address& address,
                                                   const ConnectionSettings& settings,
                                                   const AuthToken& token, Deadline deadline);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] Protocol& protocol() { return *protocol_; }
  [[nodiscard]] Version version() const { return protocol_->version(); }
  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] const AuthToken& token() const { return token_; }
  [[nodiscard]] ServerInfo server_info() const;
  [[nodiscard]] bool is_defunct() const { return protocol_->is_defunct(); }

  /// Sends what was queued, if anything: one flight.
  Outcome<void> flush(Deadline deadline = {});
  /// Sends what was queued and waits for that answer; those before it are handled on the way.
  Outcome<void> wait(const Reply& reply, Deadline deadline = {});
  /// Waits for one more message.
  Outcome<void> receive_message(Deadline deadline = {});
  /// Queues LOGOFF and LOGON, to ride with the next request (Bolt 5.1 and later).
  Outcome<void> reauthenticate(const AuthToken& token);
  /// Queues TELEMETRY when the server wants it.
  Outcome<void> report(TelemetryApi api);
  /// Makes the connection fit for another use, by a RESET only when one is needed. False when it
  /// cannot.
  bool make_clean(Deadline deadline);
  /// Asks for a sign of life.
  bool is_alive(Deadline deadline);
  /// Says GOODBYE when that is possible at once, and closes.
  void close();

  /// Bookkeeping of the pool.
  Clock::Time opened_at{};
  Clock::Time idle_since{};
  std::uint64_t generation = 0;
  bool reauthenticate_before_use = false;

private:
  Connection(Address address, ConnectionSettings settings);
  Outcome<Version> shake_hands(std::string& pending, Deadline deadline);
  Outcome<void> log_on(const AuthToken& token, Deadline deadline);
  void read_hints(const Map& metadata);
  Outcome<std::size_t> receive_some(Deadline deadline);
  Failure lost(Failure failure);
  Deadline read_deadline(Deadline deadline) const;
  void log(LogLevel level, std::string_view text) const;

  Address address_;
  ConnectionSettings settings_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Protocol> protocol_;
  AuthToken token_;
  std::string agent_;
  std::string connection_id_;
  bool wants_telemetry_ = false;
  std::vector<char> input_;
  std::uint64_t counted_sent_ = 0;
  std::uint64_t counted_received_ = 0;
};

} // namespace diffo::bolt
