#pragma once

#include <chrono>
#include <cstdint>

namespace diffo::http {

/// Tells whether a peer moves bytes at a least rate. Only the time in which we wait for the peer
/// counts, never our own. Invariant: `waited_` is the waiting since the last time that
/// `least_bytes` had moved, and `moved_` what has moved in it; a peer is too slow as soon as
/// `waited_` reaches the window while `moved_` has not reached `least_bytes`. So neither silence
/// nor a drip of single bytes can hold memory for ever. One thread.
class Pace {
public:
  using Clock = std::chrono::steady_clock;

  /// The rate is given as what must move within each window of waiting.
  Pace(std::chrono::milliseconds window, std::uint64_t least_bytes)
      : window_(window), least_bytes_(least_bytes) {}

  /// A transfer begins.
  void start() {
    waited_ = {};
    moved_ = 0;
    is_waiting_ = false;
  }
  /// From now on we wait for the peer; returns when it will have been too slow.
  Clock::time_point wait(Clock::time_point now) {
    if (!is_waiting_) {
      is_waiting_ = true;
      since_ = now;
    }
    return since_ + (window_ - waited_);
  }
  [[nodiscard]] bool is_waiting() const { return is_waiting_; }
  /// So many bytes have moved; the waiting is over.
  void moved(Clock::time_point now, std::uint64_t bytes) {
    if (is_waiting_)
      waited_ += now - since_;
    is_waiting_ = false;
    moved_ += bytes;
    if (moved_ >= least_bytes_)
      start();
  }

private:
  Clock::duration window_;
  std::uint64_t least_bytes_;
  Clock::duration waited_{};
  std::uint64_t moved_ = 0;
  Clock::time_point since_{};
  bool is_waiting_ = false;
};

} // namespace diffo::http
