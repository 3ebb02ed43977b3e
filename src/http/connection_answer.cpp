#include "http/connection.h"
#include "http/connection_tasks.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace diffo::http {

// ---- Taking answers, from any thread

void Connection::answer(std::uint64_t ticket, Response&& response) {
  if (is_inside_handler()) {
    if (ticket == ticket_)
      response_ = std::move(response);
    return;
  }
  if (!on_loop([ticket, answer = std::move(response)](Connection& self) mutable {
        self.take_answer(ticket, std::move(answer));
      }))
    lost_ = true;
}

void Connection::drop(std::uint64_t ticket, int status) {
  if (is_inside_handler()) {
    if (ticket == ticket_) {
      response_ = error_response(status, dropped_message);
      dropped_ = true;
    }
    return;
  }
  if (!on_loop([ticket, status](Connection& self) {
        self.take_answer(ticket, self.error_response(status, dropped_message));
      }))
    lost_ = true;
}

void Connection::set_route(std::uint64_t ticket, std::string_view route) {
  if (is_inside_handler()) {
    if (ticket == ticket_)
      route_ = route;
    return;
  }
  // Without memory for that the exchange is observed under no route.
  on_loop([ticket, route](Connection& self) {
    if (ticket == self.ticket_)
      self.route_ = route;
  });
}

void Connection::take_answer(std::uint64_t ticket, Response&& response) {
  if (ticket != ticket_ || state_ != State::handling || response_)
    return;
  response_ = std::move(response);
  protect("answering", [this] { advance(); });
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

// ---- Writing

/// An answer stays in memory until its reader has taken it. Where there is no room for another
/// large one, the reader is told to come back; but what has changed something is always said.
void Connection::charge_answer() {
  const std::uint64_t size = response_->body.capacity();
  const Method method = reader_.head().method;
  const bool only_reads = method == Method::get || method == Method::head;
  if (size <= service_->limits.small_bytes || !only_reads) {
    answer_charge_.set(size);
    return;
  }
  if (answer_charge_.try_set(size))
    return;
  response_ = error_response(503, "too many large answers are waiting to be read");
  answer_charge_.set(response_->body.capacity());
}

void Connection::write_answer() {
  const bool body_unread = refused_ || (streams_in_ && !reader_.is_complete());
  if (streams_in_)
    fail_body(ErrorCode::unavailable, "the request has been answered");
  charge_answer();
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
  // Whoever speaks of it wants to know until when another request is safe (RFC 2068 §19.7.1.1).
  const auto asks = [](const Header& header) {
    return same_header_name(header.name, "connection") &&
           same_header_name(header.value, "keep-alive");
  };
  const auto& headers = reader_.head().headers;
  const auto idle = std::chrono::duration_cast<std::chrono::seconds>(service_->limits.idle_timeout);
  const std::int64_t kept =
      std::any_of(headers.begin(), headers.end(), asks) ? std::int64_t{idle.count()} : 0;
  if (!append_response_head(output_, *response_,
                            {framing_, body.size(), close_after_, loop_->date(), kept})) {
    // Our own mistake; sending it could split the answer in two (RFC 9112 §11.1).
    response_ = error_response(500, "the answer could not be put into a message");
    const bool written = append_response_head(
        output_, *response_,
        {Framing::length, response_->body.size(), close_after_, loop_->date()});
    DIFFO_ASSERT(written);
    pieces_ = {output_, is_head ? std::string_view() : response_->body, {}};
  } else {
    const bool has_body = !is_head && may_have_body(response_->status) && !response_->stream;
    pieces_ = {output_, has_body ? body : std::string_view(), {}};
  }
  piece_count_ = pieces_[1].empty() ? 1 : 2;
  last_chunk_ = !response_->stream || is_head || !may_have_body(response_->status);
  status_ = response_->status;
  start_pace(pieces_[1].size());
}

/// Answers that are held in memory must be read the faster the larger they are.
void Connection::start_pace(std::uint64_t size) {
  const Limits& limits = service_->limits;
  const auto windows = std::max<std::int64_t>(1, limits.answer_timeout / limits.pace_window);
  pace_ = Pace(limits.pace_window,
               std::max(limits.least_bytes, size / static_cast<std::uint64_t>(windows)));
}

void Connection::moved(std::uint64_t bytes) {
  pace_.moved(pace_.is_waiting() ? Clock::now() : Clock::time_point(), bytes);
}

void Connection::wait_for_peer() {
  deadline_ = pace_.wait(Clock::now());
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
      wait_for_peer();
      return wire_->wait_writable();
    }
    sent_ += static_cast<std::uint64_t>(sent);
    moved(static_cast<std::uint64_t>(sent));
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
    if (response_->ends_with_peer)
      watch_peer();
    return;
  }
  finish_exchange();
}

void Connection::finish_exchange() {
  observe(true);
  head_seen_ = false;
  body_charge_.set(0);
  answer_charge_.set(0);
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
  // An observer cannot fail a request.
  guarded(service_->on_failure, "observing an exchange", [&] { service_->observer(exchange); });
}

/// Closing a socket with unread bytes resets the connection and may take the answer away from the
/// peer before it has read it (RFC 9112 §9.6), so we stop sending first and let a refused peer
/// finish.
void Connection::end_connection() {
  const bool may_talk =
      !peer_ended_ && (refused_ || reader_.has_unread() || !reader_.is_complete());
  if (!may_talk)
    return close();
  state_ = State::lingering;
  wire_->shutdown_send();
  // A stop does not wait for the talk of those who have been answered.
  constexpr std::chrono::milliseconds short_linger{500};
  const auto linger = service_->limits.linger_timeout;
  set_deadline(stopping_ ? std::min(linger, short_linger) : linger);
  start_read();
}

// ---- Streamed answers

void Connection::pull_chunk() {
  chunk_awaited_ = true;
  pulling_ = true;
  // When the source throws, its sink has been destroyed on the way out, which breaks the answer
  // off.
  guarded(service_->on_failure, "producing an answer",
          [this] { response_->stream(ChunkSink(shared_from_this(), ticket_)); });
  pulling_ = false;
}

void Connection::chunk(std::uint64_t ticket, ChunkKind kind, std::string&& bytes) {
  if (loop_->is_current() && pulling_ && ticket == ticket_) {
    chunk_.emplace(kind, std::move(bytes));
    return;
  }
  if (!on_loop([ticket, kind, data = std::move(bytes)](Connection& self) mutable {
        if (ticket != self.ticket_ || self.state_ != State::streaming || self.chunk_)
          return;
        self.chunk_.emplace(kind, std::move(data));
        self.protect("sending an answer", [&self] { self.advance(); });
      }))
    lost_ = true;
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
  answer_charge_.set(chunk_bytes_.capacity());
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

} // namespace diffo::http
