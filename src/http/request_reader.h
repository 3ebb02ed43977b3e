#pragma once

#include "http/limits.h"
#include "http/request_head.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace diffo::http {

enum class BodyMode : std::uint8_t { collected, streamed };

/// Turns received bytes into requests, one after the other; knows no sockets and no clock. One
/// thread.
///
/// The caller repeats: put bytes into `space()`, tell how many by `received()`, call `next()` until
/// it needs bytes.
class RequestReader {
public:
  enum class Step : std::uint8_t {
    need_bytes, ///< nothing more can be done with what is here
    head,       ///< the head is complete; call `accept_body`, then `next`
    piece,      ///< a piece of a streamed body is ready: `take_piece`
    complete,   ///< the request is complete; `start_over` begins the next one
    refused,    ///< see `refusal`; nothing more can be read
  };

  /// The limits must outlive the reader.
  explicit RequestReader(const Limits& limits);
  explicit RequestReader(Limits&&) = delete;
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  /// Room for the next bytes, never empty. It stays where it is until `received`, whatever else is
  /// called meanwhile.
  std::span<char> space();
  /// So many bytes, perhaps none, have been put there.
  void received(std::size_t count);
  Step next();

  [[nodiscard]] const RequestHead& head() const;
  void accept_body(BodyMode mode);
  /// The collected body, once complete.
  [[nodiscard]] std::string_view body() const;
  std::string take_piece();
  [[nodiscard]] Refusal refusal() const;
  /// Whether no byte of the next request has arrived.
  [[nodiscard]] bool is_idle() const;
  /// Whether bytes are here that `next` has not looked at.
  [[nodiscard]] bool has_unread() const;
  /// Whether the body has been read to its end.
  [[nodiscard]] bool is_complete() const;
  /// Memory that the request takes beyond what every connection has.
  [[nodiscard]] std::uint64_t held_bytes() const;
  /// Bytes of this request so far, head and body.
  [[nodiscard]] std::uint64_t request_bytes() const;
  void start_over();

private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace diffo::http
