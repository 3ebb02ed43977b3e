#include "bolt/retry.h"

namespace diffo::bolt {

std::optional<Milliseconds> RetryDelays::next() {
  constexpr double factor = 2.0;
  constexpr double jitter = 0.2;
  const Clock::Time now = clock_.now();
  if (!first_failure_)
    first_failure_ = now;
  else if (now - *first_failure_ > max_time_)
    return std::nullopt;
  if (max_time_ <= Milliseconds::zero())
    return std::nullopt;
  std::uniform_real_distribution<double> spread(1.0 - jitter, 1.0 + jitter);
  const Milliseconds delay{static_cast<std::int64_t>(delay_ms_ * spread(random_))};
  delay_ms_ *= factor;
  return delay;
}

} // namespace diffo::bolt
