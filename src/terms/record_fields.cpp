#include "terms/record_fields.h"

#include "base/calendar.h"
#include "base/pattern.h"

namespace diffo::terms {
namespace {

Term fraction(std::int64_t microseconds, int precision) {
  return Term::tuple({Term::integer(microseconds), Term::integer(precision)});
}

std::optional<Term> date_part(Date date, std::string_view name) {
  const CivilDate parts = civil(date);
  if (name == "year")
    return Term::integer(parts.year);
  if (name == "month")
    return Term::integer(parts.month);
  if (name == "day")
    return Term::integer(parts.day);
  if (name == "calendar")
    return Term::atom("Elixir.Calendar.ISO");
  return std::nullopt;
}

std::optional<Term> time_part(TimeOfDay time, std::string_view name) {
  const std::int64_t seconds = time.microseconds / microseconds_per_second;
  if (name == "hour")
    return Term::integer(seconds / 3600);
  if (name == "minute")
    return Term::integer(seconds / 60 % 60);
  if (name == "second")
    return Term::integer(seconds % 60);
  if (name == "microsecond")
    return fraction(time.microseconds % microseconds_per_second, time.precision);
  if (name == "calendar")
    return Term::atom("Elixir.Calendar.ISO");
  return std::nullopt;
}

std::optional<Term> zone_part(std::string_view name) {
  if (name == "time_zone")
    return Term::text("Etc/UTC");
  if (name == "zone_abbr")
    return Term::text("UTC");
  if (name == "utc_offset" || name == "std_offset")
    return Term::integer(0);
  return std::nullopt;
}

std::optional<Term> moment_part(const Term& moment, std::string_view name) {
  if (auto part = date_part(day_of(moment.moment()), name))
    return part;
  if (auto part = time_part(time_of(moment.moment()), name))
    return part;
  return moment.kind() == TermKind::datetime ? zone_part(name) : std::nullopt;
}

std::optional<Term> range_part(const Range& range, std::string_view name) {
  if (name == "first")
    return Term::integer(range.first);
  if (name == "last")
    return Term::integer(range.last);
  if (name == "step")
    return Term::integer(range.step);
  return std::nullopt;
}

std::optional<Term> duration_part(const Duration& duration, std::string_view name) {
  const std::pair<std::string_view, std::int64_t> units[] = {
      {"year", duration.years},    {"month", duration.months}, {"week", duration.weeks},
      {"day", duration.days},      {"hour", duration.hours},   {"minute", duration.minutes},
      {"second", duration.seconds}};
  for (const auto& [unit, amount] : units)
    if (unit == name)
      return Term::integer(amount);
  if (name == "microsecond")
    return fraction(duration.microseconds, duration.precision);
  return std::nullopt;
}

} // namespace

std::optional<Term> value_at(const Term& map_or_record, const Term& key) {
  if (map_or_record.kind() == TermKind::map) {
    const Term* found = map_or_record.find(key);
    return found != nullptr ? std::optional<Term>(*found) : std::nullopt;
  }
  if (!key.is_atom())
    return std::nullopt;
  const std::string_view name = key.name();
  switch (map_or_record.kind()) {
  case TermKind::record: {
    const Term* found = map_or_record.field(name);
    return found != nullptr ? std::optional<Term>(*found) : std::nullopt;
  }
  case TermKind::date:
    return date_part(map_or_record.date(), name);
  case TermKind::time:
    return time_part(map_or_record.time(), name);
  case TermKind::naive:
  case TermKind::datetime:
    return moment_part(map_or_record, name);
  case TermKind::range:
    return range_part(map_or_record.range(), name);
  case TermKind::duration:
    return duration_part(map_or_record.duration(), name);
  case TermKind::regex:
    if (name == "source")
      return Term::text(map_or_record.pattern().source());
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

} // namespace diffo::terms
