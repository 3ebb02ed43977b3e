#pragma once

#include "bolt/connection.h"

#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <set>

namespace diffo::bolt {

/// Keeps connections per address, never more than a limit; who finds none free waits in a queue,
/// first come, first served. Any thread. Locks: one mutex, held for bookkeeping only, never while
/// talking to a server.
class Pool {
public:
  using Open = std::function<Outcome<std::unique_ptr<Connection>>(const Address&, const AuthToken&,
                                                                  Deadline)>;
  struct Limits {
    std::size_t max_connections = 100;
    Milliseconds max_lifetime = std::chrono::hours{1};
    std::optional<Milliseconds> liveness_check_after{};
  };
  /// Whose token it is: the driver's may be swapped by a new connection, a session's needs
  /// Bolt 5.1.
  enum class TokenOwner : std::uint8_t { driver, session };

  Pool(Open open, Limits limits, Clock& clock)
      : open_(std::move(open)), limits_(limits), clock_(clock) {}
  ~Pool() { close(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  Outcome<std::unique_ptr<Connection>> acquire(const Address& address, const AuthToken& token,
                                               TokenOwner owner, Deadline deadline);
  /// Takes a connection back; one that is not clean is closed.
  void release(std::unique_ptr<Connection> connection);
  /// That server is gone: idle connections are closed, those in use when they come back.
  void forget(const Address& address);
  /// Who is who has changed at that server: all its connections log on again before their next use.
  void expire_authentication(const Address& address);
  /// Closes idle connections to servers that no routing table names any more.
  void keep_only(const std::set<Address>& addresses);
  [[nodiscard]] std::size_t in_use(const Address& address) const;
  [[nodiscard]] std::size_t idle(const Address& address) const;
  /// Idle connections are closed now, others when they come back; who waits fails.
  void close();

private:
  struct Waiter {
    std::condition_variable wake;
  };
  struct Slots {
    std::deque<std::unique_ptr<Connection>> idle;
    std::size_t in_use = 0;
    std::uint64_t generation = 0;
    std::list<Waiter*> waiters;
  };
  using Doomed = std::vector<std::unique_ptr<Connection>>;

  Outcome<std::unique_ptr<Connection>> take(const Address& address, Deadline deadline,
                                            Doomed& doomed);
  std::unique_ptr<Connection> pop_idle(Slots& slots, Doomed& doomed);
  void give_up_slot(const Address& address);
  /// True when the connection can serve that token; it may then have queued a new log-on.
  Outcome<bool> fit_token(Connection& connection, const AuthToken& token, TokenOwner owner);
  bool needs_liveness_check(const Connection& connection) const;
  static void wake_next(Slots& slots);

  Open open_;
  Limits limits_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::map<Address, Slots> slots_;
  bool closed_ = false;
};

} // namespace diffo::bolt
