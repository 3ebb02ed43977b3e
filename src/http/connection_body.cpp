#include "http/connection.h"
#include "http/connection_tasks.h"

namespace diffo::http {

void Connection::read_body(std::uint64_t ticket, BodyCallback callback) {
  // Without memory for that the callback is destroyed, and with it the responder it holds.
  on_loop([ticket, wanted = std::move(callback)](Connection& self) mutable {
    self.protect("reading a body", [&] { self.want_body(ticket, std::move(wanted)); });
  });
}

void Connection::want_body(std::uint64_t ticket, BodyCallback callback) {
  const bool possible =
      ticket == ticket_ && state_ == State::handling && !body_failed_ && !body_callback_;
  const bool second = ticket == ticket_ && body_callback_;
  if (second || !possible) {
    // Kept apart from body_callback_: a second reader must not disturb the first.
    guarded(service_->on_failure, "reading a body", [&] {
      callback(Error{second ? ErrorCode::invalid : ErrorCode::unavailable,
                     second ? "the body is already being read" : "the body can no longer be read"});
    });
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
    deliver_body(std::string());
    if (state_ == State::handling)
      watch_peer();
    return;
  case RequestReader::Step::need_bytes:
    wait_for_peer();
    if (continue_due_)
      send_continue();
    if (state_ == State::handling)
      start_read();
    return;
  case RequestReader::Step::refused:
    body_failed_ = true;
    return fail_body(reader_.refusal().status == 413 ? ErrorCode::too_large : ErrorCode::malformed,
                     reader_.refusal().message);
  case RequestReader::Step::head:
    break;
  }
  DIFFO_ASSERT(false);
}

void Connection::deliver_body(Result<std::string> piece) {
  const BodyCallback callback = std::exchange(body_callback_, nullptr);
  if (state_ == State::handling)
    clear_deadline();
  // A reader that throws has lost its piece; its responder answers or is dropped.
  guarded(service_->on_failure, "taking a body", [&] { callback(std::move(piece)); });
}

void Connection::fail_body(ErrorCode code, std::string_view message) {
  if (body_callback_)
    deliver_body(Error{code, std::string(message)});
}

} // namespace diffo::http
