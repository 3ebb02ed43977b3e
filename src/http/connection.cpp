#include "http/connection.h"

#include "http/connection_tasks.h"

namespace diffo::http {
namespace {

/// After so many steps without waiting, other connections of the thread get their turn.
constexpr int max_turns = 32;

} // namespace

Connection::Connection(std::shared_ptr<Loop> loop, std::shared_ptr<Service> service,
                       std::unique_ptr<Wire> wire, std::string peer)
    : loop_(std::move(loop)), service_(std::move(service)), wire_(std::move(wire)),
      peer_(std::move(peer)), reader_(service_->limits), body_charge_(*service_->memory),
      answer_charge_(*service_->memory), pace_({}, 0) {}

Connection::~Connection() = default;

/// Whatever was on the stack has been left. The request is refused if nothing of an answer has been
/// sent; else, or if that fails too, the connection ends.
void Connection::recover(const Error& failure) {
  advancing_ = dispatching_ = pulling_ = false;
  if (state_ == State::closed)
    return;
  const auto refused = guarded(service_->on_failure, "refusing a request", [&] {
    const bool unanswered = (state_ == State::reading || state_ == State::handling) && sent_ == 0;
    if (!unanswered)
      return close();
    response_.reset();
    refuse(status_of(failure), "the request could not be handled now");
    advance();
  });
  if (refused) {
    advancing_ = false;
    close();
  }
}

/// Only then may an answer be put down directly; dispatching_ belongs to the loop's thread.
bool Connection::is_inside_handler() const {
  return loop_->is_current() && dispatching_;
}

// ---- The loop's side

void Connection::start() {
  protect("starting a connection", [this] {
    set_deadline(service_->limits.idle_timeout);
    advance();
  });
}

void Connection::start_refused() {
  protect("refusing a connection", [this] {
    refuse(503, "there are too many connections");
    advance();
  });
}

void Connection::on_read(std::ptrdiff_t count) {
  read_pending_ = false;
  const bool throw_away = state_ == State::lingering;
  reader_.received(count > 0 && !throw_away ? static_cast<std::size_t>(count) : 0);
  if (count == 0)
    peer_ended_ = true;
  protect("reading a request", [this, count] {
    switch (state_) {
    case State::reading:
      return count > 0 ? advance() : close();
    case State::handling:
      return read_in_handling(count);
    case State::lingering:
      if (count > 0)
        lingered_bytes_ += static_cast<std::size_t>(count);
      if (count <= 0 || lingered_bytes_ > service_->limits.linger_bytes)
        return close();
      return start_read();
    case State::writing:
    case State::streaming:
      // A read that was under way when the answer began: a pipelined request, or the peer's end.
      return count < 0 || (count == 0 && response_ && response_->ends_with_peer) ? close() : void();
    case State::closed:
      return;
    }
  });
}

void Connection::read_in_handling(std::ptrdiff_t count) {
  if (streams_in_ && !reader_.is_complete()) {
    if (count > 0) {
      moved(static_cast<std::uint64_t>(count));
      return feed_body();
    }
    body_failed_ = true;
    return fail_body(ErrorCode::malformed, "the peer closed the connection inside the body");
  }
  if (count < 0)
    return close(); // reset: nobody is there
  if (count == 0)
    set_deadline(service_->limits.half_closed_timeout);
}

void Connection::on_writable(bool ok) {
  protect("sending an answer", [this, ok] {
    if (state_ != State::writing)
      return;
    if (!ok)
      return close();
    flush();
    advance();
  });
}

void Connection::check_deadline(Clock::time_point now) {
  if (lost_.exchange(false, std::memory_order_relaxed))
    recover({ErrorCode::unavailable, "an answer was lost"});
  if (now < deadline_)
    return;
  clear_deadline();
  protect("ending a wait", [this] {
    switch (state_) {
    case State::reading:
      if (is_idle())
        return close();
      refuse(408, "the request did not arrive in time");
      return advance();
    case State::handling:
      if (!body_callback_)
        return cancellation_.request(); // the peer ended some time ago
      body_failed_ = true;
      return fail_body(ErrorCode::timeout, "the body did not arrive in time");
    case State::writing:
    case State::streaming:
    case State::lingering:
      return close();
    case State::closed:
      return;
    }
  });
}

bool Connection::is_idle() const {
  return state_ == State::reading && !head_seen_ && reader_.is_idle();
}

void Connection::stop_when_idle() {
  stopping_ = true;
  if (is_idle())
    close();
}

void Connection::cancel_work() {
  cancellation_.request();
  protect("stopping", [this] {
    if (state_ != State::handling || !streams_in_ || reader_.is_complete())
      return;
    body_failed_ = true;
    fail_body(ErrorCode::unavailable, "the server is stopping");
  });
}

void Connection::close() {
  if (state_ == State::closed)
    return;
  const auto self = shared_from_this();
  const bool in_exchange = head_seen_ && state_ != State::lingering;
  state_ = State::closed;
  cancellation_.request();
  clear_deadline();
  if (in_exchange)
    observe(false);
  body_charge_.set(0);
  answer_charge_.set(0);
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
    if (on_loop([](Connection& self) { self.advance(); }))
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
    if (!response_) {
      watch_peer();
      return false;
    }
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
  const RequestReader::Step step = reader_.next();
  if (!charge_body()) {
    refuse(503, "too many large requests are in progress");
    return state_ != State::writing;
  }
  switch (step) {
  case RequestReader::Step::need_bytes:
    if (peer_ended_ || (reader_.is_idle() && stopping_)) {
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
  if (streams_in_) {
    pace_ = Pace(service_->limits.pace_window, service_->limits.least_bytes);
    return dispatch();
  }
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
  request.authority = head.authority.empty() ? service_->authority : head.authority;
  request.headers = head.headers;
  request.has_body = head.has_body;
  request.cancellation = cancellation_.token();
  request.body = reader_.body();
  request.peer = peer_;
  request.received = std::chrono::system_clock::now();
  request.minor_version = head.minor_version;
  if (streams_in_)
    request.stream = BodyReader(shared_from_this(), ticket_);
  state_ = State::handling;
  clear_deadline();
  dropped_ = false;
  dispatching_ = true;
  const auto failure = guarded(service_->on_failure, "handling a request", [&] {
    service_->handler(std::move(request), Responder(shared_from_this(), ticket_));
  });
  dispatching_ = false;
  // The responder was destroyed on the way out, when it was not yet known why.
  if (failure && dropped_)
    response_ = error_response(status_of(*failure), dropped_message);
}

void Connection::start_read() {
  if (read_pending_)
    return;
  const auto space = reader_.space();
  wire_->read_some(space);
  read_pending_ = true;
}

/// While the handler works, a read waits for the next request, and so for the end of the peer. One
/// buffer of a pipelined request is taken; then its sender's end can no longer be seen.
void Connection::watch_peer() {
  const bool body_is_here = !streams_in_ || reader_.is_complete();
  if (body_is_here && !reader_.has_unread() && !peer_ended_)
    start_read();
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

/// False when the body would take more memory than there is for all.
bool Connection::charge_body() {
  const std::uint64_t held = reader_.held_bytes();
  if (held > service_->limits.small_bytes)
    return body_charge_.try_set(held);
  body_charge_.set(held);
  return true;
}

void Connection::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = Clock::now() + from_now;
}

} // namespace diffo::http
