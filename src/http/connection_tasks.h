#pragma once

#include "http/connection.h"

/// What the files of Connection share; for them only.
namespace diffo::http {

inline constexpr std::string_view dropped_message = "the request was dropped without an answer";

/// What a request is answered whose handling threw.
inline int status_of(const Error& failure) {
  return failure.code == ErrorCode::unavailable ? 503 : 500;
}

template <typename Function> bool Connection::on_loop(Function function) {
  const auto failure = guarded(service_->on_failure, "handing work to a connection", [&] {
    loop_->submit(make_task([self = shared_from_this(), function = std::move(function)]() mutable {
      function(*self);
    }));
  });
  return !failure;
}

template <typename Function> void Connection::protect(std::string_view where, Function function) {
  if (const auto failure = guarded(service_->on_failure, where, function))
    recover(*failure);
}

} // namespace diffo::http
