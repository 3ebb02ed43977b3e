#include "http/server.h"

#include "http/connection.h"
#include "http/date.h"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <mutex>
#include <optional>
#include <sys/socket.h>
#include <sys/uio.h>
#include <thread>
#include <vector>

namespace diffo::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Clock = Connection::Clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

/// Refused connections that are being told so; beyond this number they are just closed.
constexpr std::size_t max_refusals = 64;

class TcpWire final : public Wire {
public:
  explicit TcpWire(Socket socket) : socket_(std::move(socket)) {}
  void attach(Connection& connection) { connection_ = &connection; }

  void read_some(std::span<char> into) override {
    socket_.async_read_some(
        asio::buffer(into.data(), into.size()),
        [self = connection_->shared_from_this()](error_code ec, std::size_t count) {
          if (ec)
            self->on_read(ec == asio::error::eof ? 0 : -1);
          else
            self->on_read(static_cast<std::ptrdiff_t>(count));
        });
  }

  std::ptrdiff_t write_now(std::span<const std::string_view> pieces) override {
    std::array<iovec, 4> parts{};
    const std::size_t count = std::min(pieces.size(), parts.size());
    for (std::size_t index = 0; index < count; ++index)
      parts[index] = {const_cast<char*>(pieces[index].data()), pieces[index].size()};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    for (;;) {
      const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0)
        return sent;
      if (errno == EINTR)
        continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
    }
  }

  void wait_writable() override {
    socket_.async_wait(Socket::wait_write, [self = connection_->shared_from_this()](error_code ec) {
      self->on_writable(!ec);
    });
  }

  void shutdown_send() override {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

private:
  Socket socket_;
  Connection* connection_ = nullptr; // owns us
};

/// One I/O thread: an event loop, its connections, and an inbox through which other threads hand it
/// work. The inbox, and not Asio's own queue, holds that work, so that it can be closed and emptied
/// when the loop ends: a late answer then is dropped instead of keeping connection and loop alive
/// for each other.
class IoLoop final : public Loop, public std::enable_shared_from_this<IoLoop> {
public:
  IoLoop(Clock::duration tick, FailureObserver on_failure)
      : tick_(tick), on_failure_(std::move(on_failure)), timer_(io_) {}

  asio::io_context& io() { return io_; }
  void run();

  bool is_current() const override { return current() == this; }
  void submit(std::unique_ptr<Task> task) override;
  std::string_view date() override;
  void forget(Connection& connection) override;

  // On this thread only.
  void adopt(std::shared_ptr<Connection> connection);
  void stop(StopMode mode, Clock::time_point cancel_at, Clock::time_point close_at);
  /// Closes the connection that has waited longest for a request; false when none waits.
  bool evict_idle();
  std::function<void()> on_tick;
  /// Connections of all loops.
  std::atomic<std::size_t>* open_connections = nullptr;

private:
  static const IoLoop*& current() {
    static thread_local const IoLoop* loop = nullptr;
    return loop;
  }
  void drain_inbox();
  void start_timer();
  void on_timer();
  template <typename Function> void for_each(Function function);
  void close_all();
  void end_when_empty();

  asio::io_context io_{1};
  Clock::duration tick_;
  FailureObserver on_failure_;
  Timer timer_;
  std::optional<asio::executor_work_guard<Executor>> work_;
  std::vector<std::shared_ptr<Connection>> connections_;
  // Set by stop(); the first is reset when its time has come.
  std::optional<Clock::time_point> cancel_at_;
  std::optional<Clock::time_point> close_at_;
  std::string date_;
  std::time_t date_second_ = -1;

  std::mutex inbox_mutex_; // guards the two below
  std::vector<std::unique_ptr<Task>> inbox_;
  bool inbox_open_ = true;
};

void IoLoop::run() {
  current() = this;
  work_.emplace(io_.get_executor());
  start_timer();
  // What throws here has lost its own work only; the loop goes on with the rest.
  while (guarded(on_failure_, "serving connections", [this] { io_.run(); })) {
  }
  close_all();
  std::vector<std::unique_ptr<Task>> undone;
  {
    const std::lock_guard lock(inbox_mutex_);
    inbox_open_ = false;
    undone.swap(inbox_);
  }
  undone.clear(); // outside the lock: destroying a task may submit another
  io_.restart();
  // Completes the operations that close_all has cancelled.
  guarded(on_failure_, "ending connections", [this] { io_.poll(); });
  current() = nullptr;
}

void IoLoop::submit(std::unique_ptr<Task> task) {
  {
    const std::lock_guard lock(inbox_mutex_);
    if (!inbox_open_)
      return;
    inbox_.push_back(std::move(task));
    if (inbox_.size() > 1)
      return; // the loop has been woken already
  }
  // Without memory for that the next tick finds the work.
  guarded(on_failure_, "waking an I/O thread",
          [this] { asio::post(io_, [this] { drain_inbox(); }); });
}

void IoLoop::drain_inbox() {
  std::vector<std::unique_ptr<Task>> tasks;
  {
    const std::lock_guard lock(inbox_mutex_);
    tasks.swap(inbox_);
  }
  for (const auto& task : tasks)
    guarded(on_failure_, "working for a connection", [&task] { task->run(); });
}

std::string_view IoLoop::date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_second_) {
    date_second_ = now;
    date_ = http_date(now);
  }
  return date_;
}

void IoLoop::adopt(std::shared_ptr<Connection> connection) {
  connection->slot = connections_.size();
  connections_.push_back(std::move(connection));
}

void IoLoop::forget(Connection& connection) {
  const std::size_t slot = connection.slot;
  DIFFO_ASSERT(slot < connections_.size() && connections_[slot].get() == &connection);
  std::swap(connections_[slot], connections_.back());
  connections_[slot]->slot = slot;
  connections_.pop_back();
  --*open_connections;
  end_when_empty();
}

void IoLoop::start_timer() {
  timer_.expires_after(tick_);
  timer_.async_wait([this](error_code ec) {
    if (!ec)
      on_timer();
  });
}

/// Backwards, because a connection that closes swaps the last one into its place.
template <typename Function> void IoLoop::for_each(Function function) {
  for (std::size_t index = connections_.size(); index-- > 0;) {
    if (index >= connections_.size())
      continue;
    const auto connection = connections_[index];
    function(*connection);
  }
}

void IoLoop::on_timer() {
  const auto now = Clock::now();
  guarded(on_failure_, "ticking", [&] {
    drain_inbox(); // usually empty; see submit
    if (on_tick)
      on_tick();
    for_each([now](Connection& connection) { connection.check_deadline(now); });
    if (cancel_at_ && now >= *cancel_at_) {
      cancel_at_.reset();
      for_each([](Connection& connection) { connection.cancel_work(); });
    }
    if (close_at_ && now >= *close_at_)
      close_all();
  });
  if (work_)
    start_timer();
}

void IoLoop::close_all() {
  while (!connections_.empty()) {
    const auto connection = connections_.back();
    connection->close();
  }
}

void IoLoop::stop(StopMode mode, Clock::time_point cancel_at, Clock::time_point close_at) {
  cancel_at_ = cancel_at;
  close_at_ = close_at;
  if (mode == StopMode::at_once)
    close_all();
  for_each([](Connection& connection) { connection.stop_when_idle(); });
  end_when_empty();
}

bool IoLoop::evict_idle() {
  Connection* longest = nullptr;
  for (const auto& connection : connections_)
    if (connection->is_idle() &&
        (longest == nullptr || connection->deadline() < longest->deadline()))
      longest = connection.get();
  if (longest != nullptr)
    longest->close();
  return longest != nullptr;
}

void IoLoop::end_when_empty() {
  if (!close_at_ || !connections_.empty())
    return;
  work_.reset();
  timer_.cancel();
}

Clock::duration tick_of(const Limits& limits) {
  const auto shortest =
      std::min({limits.head_timeout, limits.body_timeout, limits.idle_timeout, limits.pace_window,
                limits.linger_timeout, limits.half_closed_timeout});
  return std::clamp<Clock::duration>(shortest / 4, std::chrono::milliseconds(5),
                                     std::chrono::milliseconds(500));
}

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

} // namespace

class Server::Impl {
public:
  Impl(ServerOptions options, Handler handler);
  Result<void> listen();
  void run();
  void stop(StopMode mode);
  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return open_connections_; }
  std::uint64_t memory_bytes() const { return service_->memory->used(); }

private:
  void accept();
  void accepted(Socket socket, const std::shared_ptr<IoLoop>& loop);
  void begin(Socket socket, const std::shared_ptr<IoLoop>& loop);

  ServerOptions options_;
  std::shared_ptr<Service> service_;           // shared with late responders
  std::vector<std::shared_ptr<IoLoop>> loops_; // shared with late responders
  std::optional<Acceptor> acceptor_;           // on the first loop's thread
  std::size_t next_loop_ = 0;
  bool accepting_ = false;
  bool stopping_ = false; // on the first loop's thread
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> open_connections_{0};
};

Server::Impl::Impl(ServerOptions options, Handler handler)
    : options_(std::move(options)),
      service_(std::make_shared<Service>(options_.limits, options_.memory)) {
  service_->handler = std::move(handler);
  service_->streams_body = options_.streams_body;
  service_->error_body = options_.error_body ? options_.error_body : plain_error_body;
  service_->observer = options_.observer;
  service_->on_failure = options_.on_failure;
  for (int index = 0; index < std::max(1, options_.io_threads); ++index) {
    loops_.push_back(std::make_shared<IoLoop>(tick_of(options_.limits), options_.on_failure));
    loops_.back()->open_connections = &open_connections_;
  }
  loops_.front()->on_tick = [this] {
    if (!stopping_ && !accepting_)
      accept();
  };
}

Result<void> Server::Impl::listen() {
  error_code ec;
  const std::string name = options_.address == "localhost" ? "127.0.0.1" : options_.address;
  const auto address = asio::ip::make_address(name, ec);
  if (ec)
    return Error{ErrorCode::invalid, "\"" + options_.address + "\" is not a numeric address"};
  const tcp::endpoint endpoint(address, options_.port);
  const auto failed = [&](const char* what) {
    const ErrorCode code = ec == asio::error::address_in_use ? ErrorCode::conflict : ErrorCode::io;
    return Error{code,
                 std::string("cannot ") + what + " " + text_of(endpoint) + ": " + ec.message()};
  };
  acceptor_.emplace(loops_.front()->io());
  acceptor_->open(endpoint.protocol(), ec);
  if (ec)
    return failed("open a socket for");
  acceptor_->set_option(Acceptor::reuse_address(true), ec);
  if (!ec)
    acceptor_->bind(endpoint, ec);
  if (ec)
    return failed("bind");
  acceptor_->listen(Acceptor::max_listen_connections, ec);
  if (ec)
    return failed("listen on");
  const auto bound = acceptor_->local_endpoint(ec);
  port_ = bound.port();
  service_->authority = text_of(bound);
  return {};
}

void Server::Impl::accept() {
  const auto loop = loops_[next_loop_];
  next_loop_ = (next_loop_ + 1) % loops_.size();
  acceptor_->async_accept(loop->io(), [this, loop](error_code ec, Socket socket) {
    accepting_ = false;
    if (stopping_)
      return;
    if (!ec)
      accepted(std::move(socket), loop);
    // Out of descriptors or memory: the next tick tries again; a client that gave up is no reason
    // to wait.
    if (!ec || ec == asio::error::connection_aborted)
      accept();
  });
  accepting_ = true; // not before: if starting it throws, the next tick tries again
}

void Server::Impl::accepted(Socket socket, const std::shared_ptr<IoLoop>& loop) {
  if (loop->is_current())
    return begin(std::move(socket), loop);
  loop->submit(make_task(
      [this, loop, moved = std::move(socket)]() mutable { begin(std::move(moved), loop); }));
}

void Server::Impl::begin(Socket socket, const std::shared_ptr<IoLoop>& loop) {
  error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  if (ec)
    return;
  const bool room = open_connections_ < options_.limits.connections || loop->evict_idle();
  const std::size_t refusals = std::min(max_refusals, options_.limits.connections / 8 + 1);
  if (!room && open_connections_ >= options_.limits.connections + refusals)
    return;
  socket.set_option(tcp::no_delay(true), ec);
  auto wire = std::make_unique<TcpWire>(std::move(socket));
  TcpWire& wire_view = *wire;
  auto connection = std::make_shared<Connection>(loop, service_, std::move(wire), text_of(peer));
  wire_view.attach(*connection);
  loop->adopt(connection);
  ++open_connections_;
  if (room)
    connection->start();
  else
    connection->start_refused();
}

void Server::Impl::run() {
  accept();
  std::vector<std::thread> threads;
  for (std::size_t index = 1; index < loops_.size(); ++index)
    threads.emplace_back([loop = loops_[index]] { loop->run(); });
  loops_.front()->run();
  for (std::thread& thread : threads)
    thread.join();
}

void Server::Impl::stop(StopMode mode) {
  const auto now = Clock::now();
  const bool graceful = mode == StopMode::graceful;
  const auto cancel_at = now + (graceful ? options_.stop_grace : std::chrono::milliseconds(0));
  const auto close_at = now + (graceful ? options_.stop_timeout : std::chrono::milliseconds(0));
  // The acceptor closes first, then every loop ends; a connection accepted in between finds its
  // loop's inbox in order.
  loops_.front()->submit(make_task([this, mode, cancel_at, close_at] {
    stopping_ = true;
    error_code ignored;
    acceptor_->close(ignored);
    for (const auto& loop : loops_)
      loop->submit(
          make_task([loop, mode, cancel_at, close_at] { loop->stop(mode, cancel_at, close_at); }));
  }));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::listen(ServerOptions options, Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  TRY(impl->listen());
  return Server(std::move(impl));
}

std::uint16_t Server::port() const {
  return impl_->port();
}
void Server::run() {
  impl_->run();
}
void Server::stop(StopMode mode) {
  impl_->stop(mode);
}
std::size_t Server::connections() const {
  return impl_->connections();
}
std::uint64_t Server::memory_bytes() const {
  return impl_->memory_bytes();
}

} // namespace diffo::http
