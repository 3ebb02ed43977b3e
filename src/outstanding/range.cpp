#include <diffo/range.h>

namespace diffo {

bool Range::empty() const {
  return step > 0 ? first > last : first < last;
}

bool Range::contains(std::int64_t integer) const {
  if (step > 0 ? (integer < first || integer > last) : (integer > first || integer < last))
    return false;
  // Unsigned differences do not overflow, and both have the sign of the step.
  const auto distance =
      step > 0 ? static_cast<std::uint64_t>(integer) - static_cast<std::uint64_t>(first)
               : static_cast<std::uint64_t>(first) - static_cast<std::uint64_t>(integer);
  const auto stride = step > 0 ? static_cast<std::uint64_t>(step)
                               : std::uint64_t{0} - static_cast<std::uint64_t>(step);
  return distance % stride == 0;
}

} // namespace diffo
