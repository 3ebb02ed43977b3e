#include "outstanding/functions.h"

#include "outstanding/calendar.h"

#include <algorithm>

namespace diffo::outstanding {
namespace {

using Test = bool (*)(const Term& actual, Instant now);

template <TermKind kind> bool is_kind(const Term& actual, Instant) {
  return actual.kind() == kind;
}

bool is_atom(const Term& actual, Instant) {
  return actual.is_atom();
}
bool is_non_nil_atom(const Term& actual, Instant) {
  return actual.is_atom() && !actual.is_nil();
}
bool is_explicit_nil(const Term& actual, Instant) {
  return actual.is_atom("explicit_nil");
}
bool is_number(const Term& actual, Instant) {
  return actual.kind() == TermKind::integer || actual.kind() == TermKind::real;
}
bool is_empty_list(const Term& actual, Instant) {
  return actual.kind() == TermKind::list && actual.items().empty();
}
bool is_non_empty_list(const Term& actual, Instant) {
  return actual.kind() == TermKind::list && !actual.items().empty();
}
bool is_non_empty_keyword(const Term& actual, Instant) {
  return actual.is_keyword();
}
bool is_map(const Term& actual, Instant) {
  return actual.kind() == TermKind::map || actual.is_record_like();
}
bool is_empty_set(const Term& actual, Instant) {
  return actual.kind() == TermKind::set && actual.items().empty();
}
bool is_non_empty_set(const Term& actual, Instant) {
  return actual.kind() == TermKind::set && !actual.items().empty();
}

Date today(Instant now) {
  return day_of({now.microseconds, 6});
}
std::int64_t time_now(Instant now) {
  return time_of({now.microseconds, 6}).microseconds;
}

bool is_current_date(const Term& actual, Instant now) {
  return actual.kind() == TermKind::date && actual.date() == today(now);
}
bool is_future_date(const Term& actual, Instant now) {
  return actual.kind() == TermKind::date && actual.date() > today(now);
}
bool is_past_date(const Term& actual, Instant now) {
  return actual.kind() == TermKind::date && actual.date() < today(now);
}

template <TermKind kind> bool is_current(const Term& actual, Instant now) {
  if (actual.kind() != kind)
    return false;
  const std::int64_t at = actual.moment().microseconds;
  return at > now.microseconds - microseconds_per_minute &&
         at < now.microseconds + microseconds_per_minute;
}
template <TermKind kind> bool is_future(const Term& actual, Instant now) {
  return actual.kind() == kind && actual.moment().microseconds > now.microseconds;
}
template <TermKind kind> bool is_past(const Term& actual, Instant now) {
  return actual.kind() == kind && actual.moment().microseconds < now.microseconds;
}

// NOTE: times of day wrap, so within a minute of midnight no time is current (outstanding.md §5).
bool is_current_time(const Term& actual, Instant now) {
  if (actual.kind() != TermKind::time)
    return false;
  const std::int64_t earliest =
      (time_now(now) - microseconds_per_minute + microseconds_per_day) % microseconds_per_day;
  const std::int64_t latest = (time_now(now) + microseconds_per_minute) % microseconds_per_day;
  const std::int64_t at = actual.time().microseconds;
  return at > earliest && at < latest;
}
bool is_future_time(const Term& actual, Instant now) {
  return actual.kind() == TermKind::time && actual.time().microseconds > time_now(now);
}
bool is_past_time(const Term& actual, Instant now) {
  return actual.kind() == TermKind::time && actual.time().microseconds < time_now(now);
}

struct Named {
  std::string_view name;
  Test test;
};

constexpr Named tests[] = {
    {"any_atom", is_atom},
    {"non_nil_atom", is_non_nil_atom},
    {"any_boolean", is_kind<TermKind::boolean>},
    {"any_bitstring", is_kind<TermKind::text>},
    {"any_integer", is_kind<TermKind::integer>},
    {"any_float", is_kind<TermKind::real>},
    {"any_number", is_number},
    {"any_list", is_kind<TermKind::list>},
    {"empty_list", is_empty_list},
    {"non_empty_list", is_non_empty_list},
    {"non_empty_keyword", is_non_empty_keyword},
    {"any_map", is_map},
    {"any_map_set", is_kind<TermKind::set>},
    {"empty_map_set", is_empty_set},
    {"non_empty_map_set", is_non_empty_set},
    {"any_range", is_kind<TermKind::range>},
    {"any_tuple", is_kind<TermKind::tuple>},
    {"any_date", is_kind<TermKind::date>},
    {"any_time", is_kind<TermKind::time>},
    {"any_date_time", is_kind<TermKind::datetime>},
    {"any_naive_date_time", is_kind<TermKind::naive>},
    {"any_duration", is_kind<TermKind::duration>},
    {"explicit_nil", is_explicit_nil},
    {"current_date", is_current_date},
    {"current_date_time", is_current<TermKind::datetime>},
    {"current_naive_date_time", is_current<TermKind::naive>},
    {"current_time", is_current_time},
    {"future_date", is_future_date},
    {"future_date_time", is_future<TermKind::datetime>},
    {"future_naive_date_time", is_future<TermKind::naive>},
    {"future_time", is_future_time},
    {"past_date", is_past_date},
    {"past_date_time", is_past<TermKind::datetime>},
    {"past_naive_date_time", is_past<TermKind::naive>},
    {"past_time", is_past_time},
};

const Named* find_test(std::string_view name) {
  const auto* found = std::find_if(std::begin(tests), std::end(tests),
                                   [name](const Named& named) { return named.name == name; });
  return found == std::end(tests) ? nullptr : found;
}

bool asks_whether_empty(std::string_view name) {
  return name == "empty_map" || name == "non_empty_map";
}

/// Whether a map, or a record that enumerates, has nothing in it; nothing for what is neither.
Result<std::optional<bool>> empty_as_map(const Term& actual) {
  switch (actual.kind()) {
  case TermKind::map:
  case TermKind::set:
    return std::optional<bool>(actual.items().empty());
  case TermKind::range:
    return std::optional<bool>(actual.range().empty());
  default:
    if (actual.is_record_like())
      return Error{ErrorCode::no_rule, describe(actual) + " cannot be enumerated"};
    return std::optional<bool>();
  }
}

Term residue_of(bool met, std::string_view name) {
  return met ? Term() : Term::atom(std::string(name));
}

/// The term of all_of, any_of, none_of and one_of.
Result<const std::vector<Term>*> candidates(std::string_view name, const Term& argument,
                                            Comparison& comparison) {
  if (argument.kind() != TermKind::list)
    return comparison.fail(ErrorCode::unprocessable,
                           std::string(name) + " needs a list, not " + describe(argument));
  return &argument.items();
}

Result<bool> resolved_by(const Term& expected, const Term& actual, Comparison& comparison) {
  return TRY(comparison.difference(expected, actual)).is_nil();
}

Result<Term> all_of(const Term& argument, const Term& actual, Comparison& comparison) {
  const auto* wanted = TRY(candidates("all_of", argument, comparison));
  if (actual.kind() != TermKind::list)
    return residue_of(false, "all_of");
  for (const Term& expected : *wanted) {
    // An element that expects nothing needs no element to meet it.
    bool found = expected.is_nil();
    for (std::size_t index = 0; index < actual.items().size() && !found; ++index)
      found = TRY(resolved_by(expected, actual.items()[index], comparison));
    if (!found)
      return residue_of(false, "all_of");
  }
  return Term();
}

Result<Term> any_of(const Term& argument, const Term& actual, Comparison& comparison) {
  const auto* wanted = TRY(candidates("any_of", argument, comparison));
  for (const Term& expected : *wanted)
    if (TRY(resolved_by(expected, actual, comparison)))
      return Term();
  return residue_of(false, "any_of");
}

Result<Term> none_of(const Term& argument, const Term& actual, Comparison& comparison) {
  const auto* unwanted = TRY(candidates("none_of", argument, comparison));
  for (const Term& expected : *unwanted)
    if (TRY(resolved_by(expected, actual, comparison)))
      return residue_of(false, "none_of");
  return Term();
}

Result<Term> one_of(const Term& argument, const Term& actual, Comparison& comparison) {
  const auto* wanted = TRY(candidates("one_of", argument, comparison));
  std::size_t resolved = 0;
  for (const Term& expected : *wanted)
    resolved += TRY(resolved_by(expected, actual, comparison)) ? 1 : 0;
  return residue_of(resolved == 1, "one_of");
}

Result<Duration> duration_argument(std::string_view name, const Term& argument,
                                   Comparison& comparison) {
  if (argument.kind() != TermKind::duration)
    return comparison.fail(ErrorCode::unprocessable,
                           std::string(name) + " needs a duration, not " + describe(argument));
  return argument.duration();
}

/// A duration, or a keyword list of its units as the reference takes it.
Result<Duration> duration_actual(const Term& actual, Comparison& comparison) {
  if (actual.kind() == TermKind::duration)
    return actual.duration();
  if (actual.kind() != TermKind::list)
    return comparison.fail(ErrorCode::no_rule, describe(actual) + " is no duration");
  Duration duration;
  const std::pair<std::string_view, std::int64_t*> units[] = {
      {"year", &duration.years},    {"month", &duration.months}, {"week", &duration.weeks},
      {"day", &duration.days},      {"hour", &duration.hours},   {"minute", &duration.minutes},
      {"second", &duration.seconds}};
  for (const Term& pair : actual.items()) {
    bool known = false;
    if (pair.kind() == TermKind::tuple && pair.items().size() == 2 &&
        pair.items().front().is_atom() && pair.items().back().kind() == TermKind::integer)
      for (const auto& [unit, amount] : units)
        if (pair.items().front().is_atom(unit)) {
          *amount = pair.items().back().integer();
          known = true;
        }
    if (!known)
      return comparison.fail(ErrorCode::invalid,
                             describe(actual) + " is no keyword list of duration units");
  }
  return duration;
}

enum class Side { less, greater };

template <Side side>
Result<Term> beyond(const Term& argument, const Term& actual, Comparison& comparison) {
  constexpr std::string_view name = side == Side::less ? "less_than" : "greater_than";
  const Duration bound = TRY(duration_argument(name, argument, comparison));
  if (actual.is_nil())
    return residue_of(false, name);
  const Duration found = TRY(duration_actual(actual, comparison));
  const int order = TRY(compare_durations(found, bound, comparison.now()));
  return residue_of(side == Side::less ? order < 0 : order > 0, name);
}

enum class Bounds { inside, outside };

template <Bounds bounds>
Result<Term> bounded(const Term& argument, const Term& actual, Comparison& comparison) {
  constexpr std::string_view name = bounds == Bounds::inside ? "bounded_by" : "unbounded_by";
  if (actual.is_nil())
    return residue_of(false, name);
  if (argument.kind() != TermKind::list)
    return comparison.fail(ErrorCode::unprocessable, std::string(name) +
                                                         " needs a list of two durations, not " +
                                                         describe(argument));
  if (argument.items().size() != 2)
    return Term::atom("error");
  const Duration low = TRY(duration_argument(name, argument.items().front(), comparison));
  const Duration high = TRY(duration_argument(name, argument.items().back(), comparison));
  const Duration found = TRY(duration_actual(actual, comparison));
  const int against_low = TRY(compare_durations(found, low, comparison.now()));
  const int against_high = TRY(compare_durations(found, high, comparison.now()));
  return residue_of(bounds == Bounds::inside ? against_low >= 0 && against_high <= 0
                                             : against_low < 0 || against_high > 0,
                    name);
}

} // namespace

Result<int> compare_durations(const Duration& left, const Duration& right, Instant now) {
  const Moment start{now.microseconds, 6};
  const Moment one = TRY(shift(start, left));
  const Moment two = TRY(shift(start, right));
  return one.microseconds < two.microseconds ? -1 : one.microseconds > two.microseconds ? 1 : 0;
}

bool is_standard_function(std::string_view name) {
  return asks_whether_empty(name) || find_test(name) != nullptr;
}

Result<bool> satisfies(std::string_view function, const Term& actual, Instant now) {
  if (asks_whether_empty(function)) {
    const std::optional<bool> empty = TRY(empty_as_map(actual));
    return empty && *empty == (function == "empty_map");
  }
  const Named* named = find_test(function);
  if (named == nullptr)
    return Error{ErrorCode::not_found, "there is no function " + std::string(function)};
  return named->test(actual, now);
}

void add_standard_functions(Rules& rules) {
  const auto add_test = [&rules](const std::string& name) {
    rules.add(name, OneArgumentFunction(
                        [name](const Term& actual, Comparison& comparison) -> Result<Term> {
                          auto met = satisfies(name, actual, comparison.now());
                          if (!met)
                            return comparison.fail(met.error().code, met.error().message);
                          return residue_of(*met, name);
                        }));
  };
  for (const Named& named : tests)
    add_test(std::string(named.name));
  add_test("empty_map");
  add_test("non_empty_map");
  rules.add("all_of", TwoArgumentFunction(all_of));
  rules.add("any_of", TwoArgumentFunction(any_of));
  rules.add("none_of", TwoArgumentFunction(none_of));
  rules.add("one_of", TwoArgumentFunction(one_of));
  rules.add("less_than", TwoArgumentFunction(beyond<Side::less>));
  rules.add("greater_than", TwoArgumentFunction(beyond<Side::greater>));
  rules.add("bounded_by", TwoArgumentFunction(bounded<Bounds::inside>));
  rules.add("unbounded_by", TwoArgumentFunction(bounded<Bounds::outside>));
}

} // namespace diffo::outstanding
