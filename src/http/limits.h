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
  /// All bodies that are being collected or handled at one time; beyond it new ones get 503.
  std::uint64_t all_bodies_bytes = 256 * 1024 * 1024;
  /// Connections beyond this number get 503 and are closed.
  std::size_t connections = 4096;
  /// From the first byte of a request to the end of its headers; then 408.
  std::chrono::milliseconds head_timeout{10'000};
  /// A collected body as a whole; each piece of a streamed one, counted while somebody waits for
  /// it; then 408.
  std::chrono::milliseconds body_timeout{60'000};
  /// A connection on which nothing happens between requests is closed.
  std::chrono::milliseconds idle_timeout{60'000};
  /// A reader that takes nothing for so long is cut off.
  std::chrono::milliseconds write_timeout{30'000};
  /// How long we let a refused sender finish talking, so that it can read why it was refused.
  std::chrono::milliseconds linger_timeout{2'000};
  std::size_t linger_bytes = 1024 * 1024;
};

} // namespace diffo::http
