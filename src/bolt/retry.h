#pragma once

#include <diffo/bolt.h>

#include <functional>
#include <random>

namespace diffo::bolt {

/// When to try again (neo4j.md §2.12): first after 1 s, then twice as long each time, each ±20 %,
/// until 30 s (or what the driver's options say) have passed since the first failure. One thread.
class RetryDelays {
public:
  RetryDelays(Clock& clock, Milliseconds max_time, std::uint32_t seed)
      : clock_(clock), max_time_(max_time), random_(seed) {}
  /// How long to wait before the next attempt; nothing when it is time to give up.
  std::optional<Milliseconds> next();

private:
  Clock& clock_;
  Milliseconds max_time_;
  std::optional<Clock::Time> first_failure_;
  double delay_ms_ = 1000;
  std::mt19937 random_;
};

} // namespace diffo::bolt
