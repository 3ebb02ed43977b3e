#include "bolt/transport.h"

#include <arpa/inet.h>
#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace diffo::bolt {

namespace {

Failure unavailable(std::string message) {
  return make_failure(FailureKind::service_unavailable, std::move(message));
}

Failure timed_out(std::string message) {
  Failure failure = unavailable(std::move(message));
  failure.code = ErrorCode::timeout;
  return failure;
}

std::string system_text(int error) {
  return std::generic_category().message(error);
}

int poll_milliseconds(Deadline deadline) {
  if (!deadline)
    return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000));
}

struct AddressList {
  addrinfo* first = nullptr;
  AddressList() = default;
  AddressList(const AddressList&) = delete;
  AddressList& operator=(const AddressList&) = delete;
  ~AddressList() {
    if (first != nullptr)
      freeaddrinfo(first);
  }
};

/// What is asked of the resolver and what it says, of two threads until it has said it.
struct LookUp {
  std::string host, port;
  addrinfo hints{};
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<int> status;
  std::shared_ptr<AddressList> list = std::make_shared<AddressList>();

  void run() {
    const auto found = std::make_shared<AddressList>();
    const int said =
        getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found->first);
    const std::lock_guard held(mutex);
    list = found;
    status = said;
    answered.notify_one();
  }
};

/// The resolver knows no deadline, so it is asked on a thread of its own, which is left to itself
/// when the time is up. Addresses in digits need none. Empty host: loopback.
Outcome<std::shared_ptr<const AddressList>> look_up(const std::string& host,
                                                    const std::string& port, const addrinfo& hints,
                                                    Deadline deadline) {
  const auto ask = std::make_shared<LookUp>();
  ask->host = host;
  ask->port = port;
  ask->hints = hints;
  unsigned char digits[sizeof(in6_addr)];
  if (!deadline || host.empty() || inet_pton(AF_INET, host.c_str(), digits) == 1 ||
      inet_pton(AF_INET6, host.c_str(), digits) == 1) {
    ask->run();
  } else {
    try {
      std::thread([ask] { ask->run(); }).detach();
    } catch (const std::system_error& problem) {
      return unavailable("cannot resolve " + host + ": " + problem.what());
    }
  }
  std::unique_lock lock(ask->mutex);
  const auto is_answered = [&] { return ask->status.has_value(); };
  if (!deadline)
    ask->answered.wait(lock, is_answered);
  else if (!ask->answered.wait_until(lock, *deadline, is_answered))
    return timed_out("cannot resolve " + host + ": the resolver did not answer in time");
  if (*ask->status != 0)
    return unavailable("cannot resolve " + host + ": " + gai_strerror(*ask->status));
  return std::shared_ptr<const AddressList>(ask->list);
}

Outcome<Socket> connect_one(const addrinfo& target, Deadline deadline) {
  Socket socket(::socket(target.ai_family, target.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                         target.ai_protocol));
  if (socket.descriptor() < 0)
    return unavailable(system_text(errno));
  const int on = 1;
  (void)setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)setsockopt(socket.descriptor(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (::connect(socket.descriptor(), target.ai_addr, target.ai_addrlen) == 0)
    return socket;
  if (errno != EINPROGRESS)
    return unavailable(system_text(errno));
  TRY(socket.wait(Socket::Wait::writable, deadline));
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
    return unavailable(system_text(error != 0 ? error : errno));
  return socket;
}

class TcpTransport final : public Transport {
public:
  explicit TcpTransport(Socket socket) : socket_(std::move(socket)) {}

  Outcome<void> send(std::string_view bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      if (errno == EINTR)
        continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK)
        return unavailable("the connection was lost: " + system_text(errno));
      const Socket::Wait ready = TRY(socket_.wait(
          early_.size() < max_early_bytes ? Socket::Wait::either : Socket::Wait::writable,
          deadline));
      if (ready == Socket::Wait::readable)
        TRY(keep_early());
    }
    return {};
  }

  Outcome<std::size_t> receive(char* buffer, std::size_t size, Deadline deadline) override {
    if (!early_.empty()) {
      const std::size_t count = early_.copy(buffer, size);
      early_.erase(0, count);
      return count;
    }
    while (true) {
      const ssize_t got = ::recv(socket_.descriptor(), buffer, size, 0);
      if (got >= 0)
        return static_cast<std::size_t>(got);
      if (errno == EINTR)
        continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK)
        return unavailable("the connection was lost: " + system_text(errno));
      TRY(socket_.wait(Socket::Wait::readable, deadline));
    }
  }

  void close() override { socket_.close(); }

private:
  Outcome<void> keep_early() {
    char buffer[16384];
    const ssize_t got = ::recv(socket_.descriptor(), buffer, sizeof buffer, 0);
    if (got == 0)
      return unavailable("the server closed the connection");
    if (got < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR
                 ? Outcome<void>{}
                 : Outcome<void>(unavailable("the connection was lost: " + system_text(errno)));
    early_.append(buffer, static_cast<std::size_t>(got));
    return {};
  }

  Socket socket_;
  std::string early_;
};

} // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

void Socket::close() {
  if (descriptor_ >= 0)
    ::close(std::exchange(descriptor_, -1));
}

Outcome<Socket::Wait> Socket::wait(Wait what, Deadline deadline) const {
  pollfd entry{descriptor_, 0, 0};
  if (what != Wait::writable)
    entry.events |= POLLIN;
  if (what != Wait::readable)
    entry.events |= POLLOUT;
  while (true) {
    const int ready = ::poll(&entry, 1, poll_milliseconds(deadline));
    if (ready > 0)
      return what != Wait::either             ? what
             : (entry.revents & POLLOUT) != 0 ? Wait::writable
                                              : Wait::readable;
    if (ready == 0)
      return timed_out("the server did not answer in time");
    if (errno != EINTR)
      return unavailable("poll: " + system_text(errno));
  }
}

Outcome<Socket> Socket::connect(const Address& address, Deadline deadline) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  // RFC 6761 §6.3: localhost is loopback, also where no hosts file says so. Without a name the
  // resolver gives just that.
  const bool local = strcasecmp(address.host.c_str(), "localhost") == 0;
  if (local)
    hints.ai_flags = 0;
  const std::shared_ptr<const AddressList> list = TRY(
      look_up(local ? std::string() : address.host, std::to_string(address.port), hints, deadline));
  Failure last = unavailable("no address");
  for (const addrinfo* target = list->first; target != nullptr; target = target->ai_next) {
    Outcome<Socket> socket = connect_one(*target, deadline);
    if (socket)
      return socket;
    last = std::move(socket).error();
  }
  last.message = "cannot connect to " + to_text(address) + ": " + last.message;
  return last;
}

std::unique_ptr<Transport> make_tcp_transport(Socket socket) {
  return std::make_unique<TcpTransport>(std::move(socket));
}

} // namespace diffo::bolt
