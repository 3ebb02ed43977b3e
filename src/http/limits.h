#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace diffo::http {

/// What one connection, and all of them together, may cost us.
struct Limits {
  /// Longer request targets get 414.
  std::size_t target_bytes = 8 * 1024;
  /// Larger or more numerous headers get 431.
  std::size_t head_bytes = 64 * 1024;
  std::size_t head_fields = 256;
  /// Larger bodies get 413. Streamed bodies are not bounded here.
  std::uint64_t body_bytes = 16 * 1024 * 1024;
  /// All bodies and answers held in memory at one time; see Charge. Beyond it new ones get 503.
  std::uint64_t memory_bytes = 256 * 1024 * 1024;
  /// A body or an answer up to this size passes even then, so that large ones never stop small
  /// ones.
  std::uint64_t small_bytes = 32 * 1024;
  /// Connections beyond this number get 503 and are closed, unless an idle one can make room.
  std::size_t connections = 4096;
  /// From the first byte of a request to the end of its headers; then 408.
  std::chrono::milliseconds head_timeout{10'000};
  /// A collected body as a whole; then 408.
  std::chrono::milliseconds body_timeout{120'000};
  /// A connection on which nothing happens between requests is closed.
  std::chrono::milliseconds idle_timeout{60'000};
  /// In every such stretch of waiting for a peer, `least_bytes` of a streamed body or of an answer
  /// must move; else a sender gets 408 and a reader is cut off.
  std::chrono::milliseconds pace_window{30'000};
  std::uint64_t least_bytes = 128 * 1024;
  /// An answer that is held in memory must move so fast that it is gone in this time.
  std::chrono::milliseconds answer_timeout{300'000};
  /// How long a peer that has stopped sending may still wait for its answer before its work is
  /// cancelled: it has gone, or it has only closed its half.
  std::chrono::milliseconds half_closed_timeout{1'000};
  /// How long we let a refused sender finish talking, so that it can read why it was refused.
  std::chrono::milliseconds linger_timeout{10'000};
  std::size_t linger_bytes = 32 * 1024 * 1024;
};

} // namespace diffo::http
