#include "outstanding/flips.h"

#include "base/calendar.h"

#include <algorithm>
#include <vector>

namespace diffo::outstanding {
namespace {

/// The instants at which a comparison with `at`, or with a minute around it, may change.
void add_boundaries(std::int64_t at, std::vector<std::int64_t>& out) {
  for (const std::int64_t base : {at - microseconds_per_minute, at, at + microseconds_per_minute}) {
    out.push_back(base);
    out.push_back(base + 1);
  }
}

std::vector<std::int64_t> boundaries(const Subject& actual, Timestamp now) {
  std::vector<std::int64_t> instants;
  switch (actual.kind) {
  case SubjectKind::date:
    instants = {actual.when * microseconds_per_day, (actual.when + 1) * microseconds_per_day};
    break;
  case SubjectKind::naive:
  case SubjectKind::datetime:
    add_boundaries(actual.when, instants);
    break;
  case SubjectKind::time:
    for (std::int64_t day = 0; day < 3; ++day) {
      const std::int64_t midnight =
          (day_of({now.microseconds, 6}).days + day) * microseconds_per_day;
      add_boundaries(midnight, instants);
      add_boundaries(midnight + actual.when, instants);
    }
    break;
  default:
    break;
  }
  std::sort(instants.begin(), instants.end());
  return instants;
}

} // namespace

std::optional<Timestamp> next_function_flip(std::string_view function, const Subject& actual,
                                            Timestamp now) {
  const auto verdict = [&](Timestamp at) {
    const auto met = satisfies(function, actual, at);
    return met && *met;
  };
  const bool today = verdict(now);
  for (const std::int64_t instant : boundaries(actual, now))
    if (instant > now.microseconds && verdict({instant}) != today)
      return Timestamp{instant};
  return std::nullopt;
}

std::optional<Timestamp> next_duration_flip(std::span<const Duration> durations, Timestamp now,
                                            const std::function<bool(Timestamp)>& verdict) {
  if (std::none_of(durations.begin(), durations.end(), [](const Duration& duration) {
        return duration.years != 0 || duration.months != 0;
      }))
    return std::nullopt;
  constexpr int days_looked_at = 800;
  const bool today = verdict(now);
  const std::int64_t day = day_of({now.microseconds, 6}).days;
  for (int ahead = 1; ahead <= days_looked_at; ++ahead) {
    const Timestamp midnight{(day + ahead) * microseconds_per_day};
    if (verdict(midnight) != today)
      return midnight;
  }
  return std::nullopt;
}

} // namespace diffo::outstanding
