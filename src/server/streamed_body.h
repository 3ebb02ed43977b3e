#pragma once

#include "http/message.h"
#include "server/worker.h"

#include <functional>
#include <string_view>

namespace diffo::server {

/// What becomes of a streamed request body. Both are called on the worker, one call at a time; only
/// `done` with a refusal of the worker itself may come on an I/O thread.
struct BodyTaker {
  /// The next piece. After an error no more are read.
  std::function<Result<void>(std::string_view piece)> take;
  /// Once: at the end of the body, or with the error of the body (the peer went away, sent
  /// nonsense, was too slow; the server stops) or of `take`.
  std::function<void(Result<void> outcome)> done;
};

/// Feeds a body to the worker piece by piece, unpacked. Between two pieces the worker is free, so
/// that nobody waits for the bytes of somebody else's body.
void feed_on(Worker& worker, const http::Request& request, BodyTaker taker);

} // namespace diffo::server
