#include "http/connection.h"

#include <algorithm>
#include <charconv>

namespace diffo::http {
namespace {

/// After so many steps without waiting, other connections of the thread get their turn.
constexpr int max_turns = 32;

} // namespace

Connection::Connection(std::shared_ptr<Loop> loop, std::shared_ptr<Service> service,
                       std::unique_ptr<Wire> wire, std::string peer)
    : loop_(std::move(loop)), service_(std::move(service)), wire_(std::move(wire)),
      peer_(std::move(peer)), reader_(service_->limits) {}

Connection::~Connection() = default;

template <typename Function> void Connection::on_loop(Function function) {
  loop_->submit(make_task(
      [self = shared_from_this(), function = std::move(function)]() mutable { function(*self); }));
}

/// Only then may an answer be put down directly; dispatching_ belongs to the loop's thread.
bool Connection::is_inside_handler() const {
  return loop_->is_current() && dispatching_;
}

// ---- The loop's side

void Connection::start() {
  set_deadline(service_->limits.idle_timeout);
  advance();
}

void Connection::start_refused() {
  refuse(503, "there are too many connections");
  advance();
}

void Connection::on_read(std::ptrdiff_t count) {
  read_pending_ = false;
  switch (state_) {
  case State::reading:
    if (count <= 0)
      return close();
    reader_.received(static_cast<std::size_t>(count));
    return advance();
  case State::handling:
    if (count > 0) {
      reader_.received(static_cast<std::size_t>(count));
      return feed_body();
    }
    body_failed_ = true;
    return fail_body(ErrorCode::io, "the peer closed the connection inside the body");
  case State::lingering:
    if (count > 0)
      lingered_bytes_ += static_cast<std::size_t>(count);
    if (count <= 0 || lingered_bytes_ > service_->limits.linger_bytes)
      return close();
    return start_read(); // the bytes are overwritten unread
  case State::writing:
  case State::streaming:
  case State::closed:
    return; // a read that was under way when the request was refused
  }
}

void Connection::on_writable(bool ok) {
  if (state_ != State::writing)
    return;
  if (!ok)
    return close();
  flush();
  advance();
}

void Connection::check_deadline(Clock::time_point now) {
  if (now < deadline_)
    return;
  clear_deadline();
  switch (state_) {
  case State::reading:
    if (!head_seen_ && reader_.is_idle())
      return close();
    refuse(408, "the request did not arrive in time");
    return advance();
  case State::handling:
    body_failed_ = true;
    return fail_body(ErrorCode::timeout, "the body did not arrive in time");
  case State::writing:
  case State::streaming:
  case State::lingering:
    return close();
  case State::closed:
    return;
  }
}

void Connection::stop_when_idle() {
  stopping_ = true;
  if (state_ == State::reading && !head_seen_ && reader_.is_idle())
    close();
}

void Connection::close() {
  if (state_ == State::closed)
    return;
  const auto self = shared_from_this();
  const bool in_exchange = head_seen_ && state_ != State::lingering;
  state_ = State::closed;
  clear_deadline();
  if (in_exchange)
    observe(false);
  service_->body_bytes -= std::exchange(charged_, 0);
  fail_body(ErrorCode::io, "the connection was closed");
  response_.reset();
  chunk_.reset();
  wire_->close();
  loop_->forget(*this);
}

// ---- Reading requests

void Connection::advance() {
  if (advancing_)
    return;
  advancing_ = true;
  for (int turn = 0; advance_once(); ++turn) {
    if (turn < max_turns)
      continue;
    on_loop([](Connection& self) { self.advance(); });
    break;
  }
  advancing_ = false;
}

/// One step of whatever comes next; false when something has to be waited for.
bool Connection::advance_once() {
  switch (state_) {
  case State::reading:
    return read_request();
  case State::handling:
    if (!response_)
      return false;
    write_answer();
    return state_ != State::writing;
  case State::streaming:
    if (chunk_)
      return write_chunk();
    if (chunk_awaited_)
      return false;
    pull_chunk();
    return chunk_.has_value();
  case State::writing:
  case State::lingering:
  case State::closed:
    return false;
  }
  return false;
}

bool Connection::read_request() {
  switch (reader_.next()) {
  case RequestReader::Step::need_bytes:
    if (!charge_body()) {
      refuse(503, "too many large requests are in progress");
      return state_ != State::writing;
    }
    if (reader_.is_idle() && stopping_) {
      close();
      return false;
    }
    if (!reader_.is_idle() && !head_started_) {
      head_started_ = true;
      set_deadline(service_->limits.head_timeout);
    }
    if (continue_due_)
      send_continue();
    start_read();
    return false;
  case RequestReader::Step::head:
    begin_body();
    return true;
  case RequestReader::Step::complete:
    dispatch();
    return true;
  case RequestReader::Step::refused:
    refuse(reader_.refusal().status, reader_.refusal().message);
    return state_ != State::writing;
  case RequestReader::Step::piece:
    break;
  }
  DIFFO_ASSERT(false);
  return false;
}

void Connection::begin_body() {
  const RequestHead& head = reader_.head();
  head_started_ = head_seen_ = true;
  head_bytes_ = reader_.request_bytes();
  received_ = Clock::now();
  continue_due_ = head.expects_continue && head.has_body;
  streams_in_ = service_->streams_body && service_->streams_body(head.method, head.path);
  reader_.accept_body(streams_in_ ? BodyMode::streamed : BodyMode::collected);
  if (streams_in_)
    return dispatch();
  if (head.has_body)
    deadline_ = received_ + service_->limits.body_timeout;
}

void Connection::dispatch() {
  const RequestHead& head = reader_.head();
  Request request;
  request.method = head.method;
  request.method_token = head.method_token;
  request.target = head.target;
  request.path = head.path;
  request.query = head.query;
  request.headers = head.headers;
  request.body = reader_.body();
  request.peer = peer_;
  request.received = std::chrono::system_clock::now();
  request.minor_version = head.minor_version;
  if (streams_in_)
    request.stream = BodyReader(shared_from_this(), ticket_);
  state_ = State::handling;
  clear_deadline();
  dispatching_ = true;
  try {
    service_->handler(std::move(request), Responder(shared_from_this(), ticket_));
  } catch (...) {
    // The responder was destroyed on the way out, which answers 500.
  }
  dispatching_ = false;
}

void Connection::start_read() {
  if (read_pending_)
    return;
  read_pending_ = true;
  wire_->read_some(reader_.space());
}

/// RFC 9110 §10.1.1. A peer whose receive window is full before it has sent its body is not worth a
/// queue: it is cut off.
void Connection::send_continue() {
  continue_due_ = false;
  if (reader_.request_bytes() > head_bytes_ || reader_.has_unread())
    return; // it did not wait
  constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  const std::array<std::string_view, 1> pieces = {text};
  if (wire_->write_now(pieces) != static_cast<std::ptrdiff_t>(text.size()))
    close();
}

bool Connection::charge_body() {
  const std::uint64_t size = reader_.body().size();
  if (size <= charged_)
    return true;
  const std::uint64_t more = size - charged_;
  charged_ = size;
  return service_->body_bytes.fetch_add(more) + more <= service_->limits.all_bodies_bytes;
}

// ---- Answering

void Connection::answer(std::uint64_t ticket, Response&& response) {
  if (is_inside_handler()) {
    if (ticket == ticket_)
      response_ = std::move(response);
    return;
  }
  on_loop([ticket, answer = std::move(response)](Connection& self) mutable {
    self.take_answer(ticket, std::move(answer));
  });
}

void Connection::drop(std::uint64_t ticket) {
  static constexpr std::string_view message = "the request was dropped without an answer";
  if (is_inside_handler()) {
    if (ticket == ticket_)
      response_ = error_response(500, message);
    return;
  }
  on_loop(
      [ticket](Connection& self) { self.take_answer(ticket, self.error_response(500, message)); });
}

void Connection::set_route(std::uint64_t ticket, std::string_view route) {
  if (ticket == ticket_)
    route_ = route;
}

void Connection::take_answer(std::uint64_t ticket, Response&& response) {
  if (ticket != ticket_ || state_ != State::handling || response_)
    return;
  response_ = std::move(response);
  advance();
}

Response Connection::error_response(int status, std::string_view message) const {
  ErrorBody body = service_->error_body(status, reason_of(status), message);
  Response response;
  response.status = status;
  response.content_type = std::move(body.content_type);
  response.body = std::move(body.body);
  if (status == 503)
    response.headers.emplace_back("Retry-After", "1");
  return response;
}

void Connection::refuse(int status, std::string_view message) {
  refused_ = true;
  if (received_ == Clock::time_point())
    received_ = Clock::now();
  response_ = error_response(status, message);
  write_answer();
}

void Connection::write_answer() {
  const bool body_unread = refused_ || (streams_in_ && !reader_.is_complete());
  if (streams_in_)
    fail_body(ErrorCode::unavailable, "the request has been answered");
  close_after_ =
      response_->close || refused_ || stopping_ || body_unread || !reader_.head().keep_alive;
  write_head();
  state_ = State::writing;
  flush();
}

void Connection::write_head() {
  const bool is_head = reader_.head().method == Method::head;
  const std::string_view body =
      response_->shared_body ? std::string_view(*response_->shared_body) : response_->body;
  framing_ = Framing::length;
  if (response_->stream)
    framing_ = reader_.head().minor_version == 0 ? Framing::by_close : Framing::chunked;
  if (framing_ == Framing::by_close)
    close_after_ = true;
  output_.clear();
  if (!append_response_head(output_, *response_,
                            {framing_, body.size(), close_after_, loop_->date()})) {
    // Our own mistake; sending it could split the answer in two (RFC 9112 §11.1).
    response_ = error_response(500, "the answer could not be put into a message");
    DIFFO_ASSERT(append_response_head(
        output_, *response_,
        {Framing::length, response_->body.size(), close_after_, loop_->date()}));
    pieces_ = {output_, is_head ? std::string_view() : response_->body, {}};
  } else {
    const bool has_body = !is_head && may_have_body(response_->status) && !response_->stream;
    pieces_ = {output_, has_body ? body : std::string_view(), {}};
  }
  piece_count_ = pieces_[1].empty() ? 1 : 2;
  last_chunk_ = !response_->stream || is_head || !may_have_body(response_->status);
  status_ = response_->status;
}

/// Sends what the socket takes. Leaves State::writing when everything has been sent.
void Connection::flush() {
  std::size_t first = 0;
  while (first < piece_count_) {
    const auto sent = wire_->write_now(std::span(pieces_).subspan(first, piece_count_ - first));
    if (sent < 0)
      return close();
    if (sent == 0) {
      std::move(pieces_.begin() + static_cast<std::ptrdiff_t>(first), pieces_.end(),
                pieces_.begin());
      piece_count_ -= first;
      set_deadline(service_->limits.write_timeout);
      return wire_->wait_writable();
    }
    sent_ += static_cast<std::uint64_t>(sent);
    for (auto left = static_cast<std::size_t>(sent); first < piece_count_;) {
      const std::size_t part = std::min(left, pieces_[first].size());
      pieces_[first].remove_prefix(part);
      left -= part;
      if (!pieces_[first].empty())
        break;
      ++first;
    }
  }
  piece_count_ = 0;
  clear_deadline();
  if (!last_chunk_) {
    state_ = State::streaming;
    return;
  }
  finish_exchange();
}

void Connection::finish_exchange() {
  observe(true);
  head_seen_ = false;
  service_->body_bytes -= std::exchange(charged_, 0);
  response_.reset();
  chunk_.reset();
  ++ticket_;
  if (close_after_)
    return end_connection();
  reader_.start_over();
  head_started_ = streams_in_ = continue_due_ = body_failed_ = false;
  chunk_awaited_ = last_chunk_ = false;
  status_ = 0;
  sent_ = 0;
  route_ = {};
  received_ = {};
  state_ = State::reading;
  set_deadline(service_->limits.idle_timeout);
}

void Connection::observe(bool complete) {
  if (!service_->observer)
    return;
  const RequestHead& head = reader_.head();
  Exchange exchange;
  exchange.method = head.method;
  exchange.method_token = head.method_token;
  exchange.path = head.path;
  exchange.query = head.query;
  exchange.peer = peer_;
  exchange.route = route_;
  exchange.status = status_;
  exchange.request_bytes = reader_.request_bytes();
  exchange.response_bytes = sent_;
  exchange.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - received_);
  exchange.complete = complete;
  try {
    service_->observer(exchange);
  } catch (...) {
    // An observer cannot fail a request.
  }
}

/// Closing a socket with unread bytes resets the connection and may take the answer away from the
/// peer before it has read it (RFC 9112 §9.6), so we stop sending first and let a refused peer
/// finish.
void Connection::end_connection() {
  const bool may_talk = refused_ || reader_.has_unread() || !reader_.is_complete();
  if (!may_talk)
    return close();
  state_ = State::lingering;
  wire_->shutdown_send();
  set_deadline(service_->limits.linger_timeout);
  start_read();
}

// ---- Streamed answers

void Connection::pull_chunk() {
  chunk_awaited_ = true;
  pulling_ = true;
  try {
    response_->stream(ChunkSink(shared_from_this(), ticket_));
  } catch (...) {
    // The sink was destroyed on the way out, which breaks the answer off.
  }
  pulling_ = false;
}

void Connection::chunk(std::uint64_t ticket, ChunkKind kind, std::string&& bytes) {
  if (loop_->is_current() && pulling_ && ticket == ticket_) {
    chunk_.emplace(kind, std::move(bytes));
    return;
  }
  on_loop([ticket, kind, data = std::move(bytes)](Connection& self) mutable {
    if (ticket != self.ticket_ || self.state_ != State::streaming || self.chunk_)
      return;
    self.chunk_.emplace(kind, std::move(data));
    self.advance();
  });
}

bool Connection::write_chunk() {
  const ChunkKind kind = chunk_->first;
  chunk_bytes_ = std::move(chunk_->second);
  chunk_.reset();
  chunk_awaited_ = false;
  if (kind == ChunkKind::failed) {
    close();
    return false;
  }
  last_chunk_ = kind == ChunkKind::end;
  if (last_chunk_) {
    pieces_ = {framing_ == Framing::chunked ? "0\r\n\r\n" : "", {}, {}};
    piece_count_ = framing_ == Framing::chunked ? 1 : 0;
  } else if (chunk_bytes_.empty()) {
    return true; // an empty chunk would end the body; the source is asked again
  } else if (framing_ == Framing::chunked) {
    char digits[16];
    output_.assign(digits,
                   std::to_chars(digits, digits + sizeof digits, chunk_bytes_.size(), 16).ptr);
    output_ += "\r\n";
    pieces_ = {output_, chunk_bytes_, "\r\n"};
    piece_count_ = 3;
  } else {
    pieces_ = {chunk_bytes_, {}, {}};
    piece_count_ = 1;
  }
  state_ = State::writing;
  flush();
  return state_ != State::writing;
}

// ---- Streamed request bodies

void Connection::read_body(std::uint64_t ticket, BodyCallback callback) {
  on_loop([ticket, wanted = std::move(callback)](Connection& self) mutable {
    self.want_body(ticket, std::move(wanted));
  });
}

void Connection::want_body(std::uint64_t ticket, BodyCallback callback) {
  const bool possible =
      ticket == ticket_ && state_ == State::handling && !body_failed_ && !body_callback_;
  const bool second = ticket == ticket_ && body_callback_;
  if (second || !possible) {
    // Kept apart from body_callback_: a second reader must not disturb the first.
    try {
      callback(Error{second ? ErrorCode::invalid : ErrorCode::unavailable,
                     second ? "the body is already being read" : "the body can no longer be read"});
    } catch (...) {
    }
    return;
  }
  body_callback_ = std::move(callback);
  feed_body();
}

void Connection::feed_body() {
  if (!body_callback_)
    return;
  switch (reader_.next()) {
  case RequestReader::Step::piece:
    return deliver_body(reader_.take_piece());
  case RequestReader::Step::complete:
    return deliver_body(std::string());
  case RequestReader::Step::need_bytes:
    set_deadline(service_->limits.body_timeout);
    if (continue_due_)
      send_continue();
    if (state_ == State::handling)
      start_read();
    return;
  case RequestReader::Step::refused:
    body_failed_ = true;
    return fail_body(ErrorCode::malformed, reader_.refusal().message);
  case RequestReader::Step::head:
    break;
  }
  DIFFO_ASSERT(false);
}

void Connection::deliver_body(Result<std::string> piece) {
  const BodyCallback callback = std::exchange(body_callback_, nullptr);
  if (state_ == State::handling)
    clear_deadline();
  try {
    callback(std::move(piece));
  } catch (...) {
    // A reader that throws has lost its piece; its responder answers or is dropped.
  }
}

void Connection::fail_body(ErrorCode code, std::string_view message) {
  if (body_callback_)
    deliver_body(Error{code, std::string(message)});
}

void Connection::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = Clock::now() + from_now;
}

} // namespace diffo::http
