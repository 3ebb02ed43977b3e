#pragma once

#include "base/cancellation.h"

#include <diffo/result.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::http {

/// The methods this project knows; every other token is `other`.
enum class Method : std::uint8_t {
  get,
  head,
  post,
  put,
  patch,
  delete_,
  options,
  trace,
  connect,
  other
};

/// The method's token, e.g. "DELETE"; "" for `other`.
std::string_view name_of(Method method);

/// The method of a token. Methods are case-sensitive (RFC 9110 §9.1).
Method method_of(std::string_view token);

/// The reason phrase of a status, e.g. "Not Found"; "Unknown" for a status without one.
std::string_view reason_of(int status);

/// Whether two header names are the same: ASCII letters compare without case.
bool same_header_name(std::string_view left, std::string_view right);

/// Whether a character may stand in a token: a method or a header's name (RFC 9110 §5.6.2).
bool is_token_character(char c);

/// One header line as received; both views look into the connection's memory.
struct Header {
  std::string_view name;
  std::string_view value;
};

class Responder;
class BodyReader;
class ChunkSink;
struct Response;

/// What stands behind a Responder, a BodyReader and a ChunkSink: the connection, or a test.
/// `ticket` names the exchange; calls with the ticket of a finished exchange have no effect.
class ExchangePort {
public:
  using BodyCallback = std::function<void(Result<std::string>)>;
  enum class ChunkKind : std::uint8_t { data, end, failed };

  virtual ~ExchangePort() = default;
  virtual void answer(std::uint64_t ticket, Response&& response) = 0;
  /// The responder was destroyed without an answer; `status` says why: 500, or 503 where memory ran
  /// out.
  virtual void drop(std::uint64_t ticket, int status) = 0;
  virtual void set_route(std::uint64_t ticket, std::string_view route) = 0;
  virtual void read_body(std::uint64_t ticket, BodyCallback callback) = 0;
  virtual void chunk(std::uint64_t ticket, ChunkKind kind, std::string&& bytes) = 0;
};

/// Reads a streamed request body piece by piece. While nobody reads, nothing is taken from the
/// socket, so a slow consumer holds the sender back. Any thread, but one read at a time.
class BodyReader {
public:
  using Callback = ExchangePort::BodyCallback;

  BodyReader() = default;
  BodyReader(std::shared_ptr<ExchangePort> port, std::uint64_t ticket)
      : port_(std::move(port)), ticket_(ticket) {}

  /// Whether this request streams its body at all.
  explicit operator bool() const { return port_ != nullptr; }

  /// Calls back once, on the I/O thread, with the next piece (at most 64 KiB), an empty string at
  /// the end of the body, or an Error (the peer went away, sent nonsense or was too slow). The
  /// callback must not block.
  void read(Callback callback);

private:
  // Shared with the connection: the body may be read after the handler has returned.
  std::shared_ptr<ExchangePort> port_;
  std::uint64_t ticket_ = 0;
};

/// A `{name}` of a route's pattern with the percent-decoded text that stood there.
struct PathParameter {
  std::string_view name;
  std::string_view value;
};

/// One request. All views stay valid until the Responder that came with it has been used or
/// destroyed. Movable; one thread at a time.
struct Request {
  Method method = Method::other;
  std::string_view method_token;
  /// The request target as sent.
  std::string_view target;
  /// The path as sent: still percent-encoded, starts with '/' ("*" for `OPTIONS *`).
  std::string_view path;
  /// What follows the first '?', still percent-encoded.
  std::string_view query;
  std::span<const Header> headers;
  /// For whom the request is, "host:port": the target's authority, else Host's, else our own.
  std::string_view authority;
  /// How the client spoke to whoever brought the request to us, and below which path: links begin
  /// with `scheme://authority prefix`.
  std::string_view scheme = "http";
  std::string_view prefix;
  /// Whether it carries a body, of any kind.
  bool has_body = false;
  /// Says when nobody waits for the answer any more: the client has gone, or the server stops.
  Cancellation cancellation;
  /// The whole body; empty when the body is streamed.
  std::string_view body;
  /// The body of a route that streams it.
  BodyReader stream;
  /// What the views look into where that is not the connection's memory.
  std::shared_ptr<const void> holds{};
  /// Address and port of the peer, e.g. "127.0.0.1:50314".
  std::string_view peer;
  std::chrono::system_clock::time_point received{};
  int minor_version = 1;
  /// Filled in by the router.
  std::vector<PathParameter> path_parameters;

  /// The value of the first header with this name, or "". Names compare without case.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// All values of this header, joined by ", " (RFC 9110 §5.3).
  [[nodiscard]] std::string joined_header(std::string_view name) const;
  [[nodiscard]] bool has_header(std::string_view name) const;
  /// The path parameter with this name, or "".
  [[nodiscard]] std::string_view parameter(std::string_view name) const;

  /// Decoded path parameters that are not a plain part of `path`. Reserved by the router before it
  /// is filled, so that the views above never move.
  std::vector<std::string> decoded;
};

/// Takes one chunk of a streamed answer, from any thread, at once or later. One-shot; destroyed
/// unused, it aborts the answer, so that the client sees that it is incomplete.
class ChunkSink {
public:
  ChunkSink(std::shared_ptr<ExchangePort> port, std::uint64_t ticket)
      : port_(std::move(port)), ticket_(ticket) {}
  ChunkSink(ChunkSink&&) noexcept = default;
  ChunkSink& operator=(ChunkSink&&) = delete;
  ~ChunkSink();

  /// Sends these bytes; the source is called again when the socket can take more.
  void chunk(std::string bytes);
  /// Ends the answer.
  void end();
  /// Breaks the answer off: the connection closes without the final chunk.
  void fail();

private:
  void finish(ExchangePort::ChunkKind kind, std::string bytes);
  std::shared_ptr<ExchangePort> port_;
  std::uint64_t ticket_;
};

/// Produces a streamed answer: called on the I/O thread whenever the socket can take another chunk.
/// It must not block; it may keep the sink and use it later from any thread (events, exports on a
/// worker).
using BodySource = std::function<void(ChunkSink)>;

/// A source that appends the next piece to an empty string and tells whether there may be more.
/// Example: `response.stream = pull_source([it](std::string& out) { return it->next(out); });`
BodySource pull_source(std::function<bool(std::string&)> pull);

/// One answer. The transport adds Date, Content-Length or Transfer-Encoding, and Connection; those
/// names are ignored in `headers`. A status of 204 or 304 never carries a body.
struct Response {
  int status = 200;
  std::string content_type{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  /// Used instead of `body` when set: one text for many answers without copying.
  std::shared_ptr<const std::string> shared_body{};
  /// Used instead of both when set: the answer is sent chunk by chunk.
  BodySource stream{};
  /// Of a stream that has no end of its own: it is broken off when the peer sends no more, which is
  /// all that can be seen of one that has gone.
  bool ends_with_peer = false;
  /// Close the connection after this answer.
  bool close = false;
};

/// While it lives, responders that are destroyed unused on this thread answer with the status of
/// this failure instead of 500. For whoever ran a handler's work and has caught what it threw.
class DroppedFor {
public:
  explicit DroppedFor(const Error& failure);
  DroppedFor(const DroppedFor&) = delete;
  DroppedFor& operator=(const DroppedFor&) = delete;
  ~DroppedFor();

private:
  int before_;
};

/// Answers one request: once, from any thread, at once or later. Destroyed unused, the client gets
/// 500.
class Responder {
public:
  Responder(std::shared_ptr<ExchangePort> port, std::uint64_t ticket)
      : port_(std::move(port)), ticket_(ticket) {}
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) = delete;
  ~Responder();

  /// A responder that hands the answer to a function, for tests of handlers without sockets. A
  /// dropped one answers 500.
  static Responder to(std::function<void(Response)> receiver);

  /// The same, but `dress` may change each answer first, on the thread that answers. An answer that
  /// is dropped is not dressed.
  [[nodiscard]] Responder dressed(std::function<void(Response&)> dress) &&;

  void send(Response response);
  /// Names the route for logs and metrics, before the answer; `route` must outlive the exchange.
  void set_route(std::string_view route);

private:
  std::shared_ptr<ExchangePort> port_;
  std::uint64_t ticket_;
};

/// Called on an I/O thread for every request; must not block. May answer at once or keep both
/// arguments for later.
using Handler = std::function<void(Request, Responder)>;

/// The body of an answer that the transport or the router makes itself.
struct ErrorBody {
  std::string content_type;
  std::string body;
};

/// Words an error. `reason` is the status' phrase, `message` a sentence for a person. Called on I/O
/// threads.
using ErrorBodyFunction =
    std::function<ErrorBody(int status, std::string_view reason, std::string_view message)>;

/// `{"code":…,"reason":…,"message":…,"status":…}`, used when no other function is given.
ErrorBody plain_error_body(int status, std::string_view reason, std::string_view message);

/// A finished request, for access logs and metrics. Views are valid during the call only.
struct Exchange {
  Method method = Method::other;
  std::string_view method_token;
  std::string_view path;
  std::string_view query;
  std::string_view peer;
  /// The matching route's pattern; empty when there was none.
  std::string_view route;
  int status = 0;
  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;
  std::chrono::microseconds duration{};
  /// False when the peer went away before the answer was sent.
  bool complete = true;
};

/// Called on the I/O thread after every exchange; must cost well under a microsecond.
using ExchangeObserver = std::function<void(const Exchange&)>;

} // namespace diffo::http
