#pragma once

#include "base/cancellation.h"
#include "base/failure.h"
#include "http/limits.h"
#include "http/memory_budget.h"
#include "http/message.h"
#include "http/pace.h"
#include "http/request_reader.h"
#include "http/response_head.h"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace diffo::http {

class Connection;

/// What a connection needs from its socket; a test or fuzzer supplies its own. One thread.
class Wire {
public:
  virtual ~Wire() = default;
  /// Starts one read; ends in Connection::on_read.
  virtual void read_some(std::span<char> into) = 0;
  /// Sends what the socket takes now, in one call. Bytes sent, 0 when it takes none, -1 when it is
  /// broken.
  virtual std::ptrdiff_t write_now(std::span<const std::string_view> pieces) = 0;
  /// Ends in Connection::on_writable.
  virtual void wait_writable() = 0;
  virtual void shutdown_send() = 0;
  virtual void close() = 0;
};

/// Work handed to an I/O thread.
class Task {
public:
  virtual ~Task() = default;
  virtual void run() = 0;
};

template <typename Function> std::unique_ptr<Task> make_task(Function function) {
  struct FunctionTask final : Task {
    explicit FunctionTask(Function given) : function_(std::move(given)) {}
    void run() override { function_(); }
    Function function_;
  };
  return std::make_unique<FunctionTask>(std::move(function));
}

/// What all connections of a server share. Immutable while the server runs, save the budget.
struct Service {
  explicit Service(const Limits& given = {}, std::shared_ptr<MemoryBudget> shared = {})
      : limits(given),
        memory(shared ? std::move(shared) : std::make_shared<MemoryBudget>(given.memory_bytes)) {}

  Handler handler;
  std::function<bool(Method, std::string_view)> streams_body;
  ErrorBodyFunction error_body = plain_error_body;
  ExchangeObserver observer;
  FailureObserver on_failure;
  /// Where we listen, "127.0.0.1:8080": the authority of requests that name none.
  std::string authority;
  const Limits limits;
  const std::shared_ptr<MemoryBudget> memory;
};

/// The I/O thread as its connections see it.
class Loop {
public:
  virtual ~Loop() = default;
  [[nodiscard]] virtual bool is_current() const = 0;
  /// Runs the task on this thread soon; drops it when the loop has ended. Any thread.
  virtual void submit(std::unique_ptr<Task> task) = 0;
  virtual std::string_view date() = 0;
  /// The connection has closed and wants to be let go of.
  virtual void forget(Connection& connection) = 0;
};

/// One HTTP/1.1 connection: reads requests, hands them to the handler one at a time, sends answers
/// in their order. Lives on its loop's thread; the members of ExchangePort may be called from any
/// thread. An exception of its own work ends this connection only, with an answer where one is
/// still possible.
///
/// connection.cpp holds its life and the reading of requests, connection_answer.cpp the answers,
/// connection_body.cpp streamed request bodies.
class Connection final : public ExchangePort, public std::enable_shared_from_this<Connection> {
public:
  using Clock = std::chrono::steady_clock;

  /// The loop is shared because an answer may arrive after the server is gone.
  Connection(std::shared_ptr<Loop> loop, std::shared_ptr<Service> service,
             std::unique_ptr<Wire> wire, std::string peer);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Called by the loop on its thread.
  void start();
  /// Tells the peer that there are too many connections.
  void start_refused();
  void on_read(std::ptrdiff_t count); ///< bytes read; 0 at the end, -1 on an error
  void on_writable(bool ok);
  void check_deadline(Clock::time_point now);
  void stop_when_idle();
  /// Tells the work on the current request that it is no longer wanted; it may still answer so.
  void cancel_work();
  void close();
  /// Whether it waits for a request of which nothing has come yet.
  [[nodiscard]] bool is_idle() const;
  /// When it falls silent for too long; the earliest of idle connections has been idle longest.
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  /// Where the loop keeps this connection.
  std::size_t slot = 0;

  // ExchangePort, any thread.
  void answer(std::uint64_t ticket, Response&& response) override;
  void drop(std::uint64_t ticket, int status) override;
  void set_route(std::uint64_t ticket, std::string_view route) override;
  void read_body(std::uint64_t ticket, BodyCallback callback) override;
  void chunk(std::uint64_t ticket, ChunkKind kind, std::string&& bytes) override;

private:
  enum class State : std::uint8_t {
    reading,   ///< a request, or waiting for one
    handling,  ///< the handler has it
    writing,   ///< an answer that is complete in memory
    streaming, ///< waiting for the source's next chunk
    lingering, ///< answered and shut; waiting for the peer to stop talking
    closed
  };

  /// Runs the function on the loop; false when memory for that was lacking.
  template <typename Function> bool on_loop(Function function);
  /// Runs own work, after whose exceptions the connection recovers.
  template <typename Function> void protect(std::string_view where, Function function);
  void recover(const Error& failure);
  [[nodiscard]] bool is_inside_handler() const;
  void advance();
  bool advance_once();
  bool read_request();
  void begin_body();
  void dispatch();
  void start_read();
  void watch_peer();
  void read_in_handling(std::ptrdiff_t count);
  void send_continue();
  bool charge_body();

  void refuse(int status, std::string_view message);
  [[nodiscard]] Response error_response(int status, std::string_view message) const;
  void take_answer(std::uint64_t ticket, Response&& response);
  void charge_answer();
  void write_answer();
  void write_head();
  void start_pace(std::uint64_t size);
  void moved(std::uint64_t bytes);
  void wait_for_peer();
  void flush();
  void finish_exchange();
  void observe(bool complete);
  void end_connection();

  bool write_chunk();
  void pull_chunk();

  void want_body(std::uint64_t ticket, BodyCallback callback);
  void feed_body();
  void deliver_body(Result<std::string> piece);
  void fail_body(ErrorCode code, std::string_view message);

  void set_deadline(std::chrono::milliseconds from_now);
  void clear_deadline() { deadline_ = Clock::time_point::max(); }

  std::shared_ptr<Loop> loop_;
  std::shared_ptr<Service> service_;
  std::unique_ptr<Wire> wire_;
  std::string peer_;
  RequestReader reader_;
  State state_ = State::reading;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::uint64_t ticket_ = 1; ///< the current exchange
  bool advancing_ = false;   ///< advance() is on the stack
  bool dispatching_ = false; ///< the handler is on the stack
  bool pulling_ = false;     ///< the answer's source is on the stack
  bool read_pending_ = false;
  bool stopping_ = false;
  bool peer_ended_ = false;        ///< it sends no more; it may still read
  std::atomic<bool> lost_ = false; ///< an answer or chunk that there was no memory to hand over
  CancellationSource
      cancellation_; ///< of the current request's work; then this is the last request

  // The current exchange; see finish_exchange.
  bool head_started_ = false;
  bool head_seen_ = false;
  bool refused_ = false;
  bool streams_in_ = false;
  bool continue_due_ = false;
  bool body_failed_ = false;
  bool chunk_awaited_ = false;
  bool dropped_ = false; ///< response_ says only that the handler gave up its responder
  bool last_chunk_ = false;
  bool close_after_ = false;
  int status_ = 0;
  std::uint64_t head_bytes_ = 0;
  std::uint64_t sent_ = 0;
  Charge body_charge_;
  Charge answer_charge_;
  Pace pace_;
  std::string_view route_;
  Clock::time_point received_{};
  BodyCallback body_callback_;
  std::optional<Response> response_;
  std::optional<std::pair<ChunkKind, std::string>> chunk_;

  // What is being written; pieces_ look into output_, response_ and chunk_bytes_.
  Framing framing_ = Framing::length;
  std::string output_;
  std::string chunk_bytes_;
  std::array<std::string_view, 3> pieces_;
  std::size_t piece_count_ = 0;
  std::size_t lingered_bytes_ = 0;
};

} // namespace diffo::http
