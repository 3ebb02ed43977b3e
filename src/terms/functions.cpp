#include "terms/functions.h"

#include "base/calendar.h"
#include "outstanding/functions.h"

#include <algorithm>

namespace diffo::terms {
namespace {

using outstanding::Subject;
using outstanding::SubjectKind;

SubjectKind kind_of(const Term& term) {
  switch (term.kind()) {
  case TermKind::nil:
    return SubjectKind::nil;
  case TermKind::boolean:
    return SubjectKind::boolean;
  case TermKind::atom:
    return term.is_atom("explicit_nil") ? SubjectKind::explicit_nil : SubjectKind::atom;
  case TermKind::text:
    return SubjectKind::text;
  case TermKind::integer:
    return SubjectKind::integer;
  case TermKind::real:
    return SubjectKind::real;
  case TermKind::list:
    return term.is_keyword() ? SubjectKind::keyword : SubjectKind::list;
  case TermKind::map:
    return SubjectKind::map;
  case TermKind::tuple:
    return SubjectKind::tuple;
  case TermKind::set:
    return SubjectKind::set;
  case TermKind::range:
    return SubjectKind::range;
  case TermKind::date:
    return SubjectKind::date;
  case TermKind::time:
    return SubjectKind::time;
  case TermKind::naive:
    return SubjectKind::naive;
  case TermKind::datetime:
    return SubjectKind::datetime;
  case TermKind::duration:
    return SubjectKind::duration;
  case TermKind::function:
    return SubjectKind::other;
  case TermKind::regex:
  case TermKind::record:
  case TermKind::not_loaded:
    break;
  }
  return SubjectKind::record;
}

Subject subject_of(const Term& term) {
  Subject subject{.kind = kind_of(term)};
  switch (subject.kind) {
  case SubjectKind::range:
    subject.empty = term.range().empty();
    break;
  case SubjectKind::date:
    subject.when = term.date().days;
    break;
  case SubjectKind::time:
    subject.when = term.time().microseconds;
    break;
  case SubjectKind::naive:
  case SubjectKind::datetime:
    subject.when = term.moment().microseconds;
    break;
  default:
    subject.empty = term.items().empty();
    break;
  }
  return subject;
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
  const auto order = TRY(compare_durations(found, bound, comparison.now()));
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
  const auto against_low = TRY(compare_durations(found, low, comparison.now()));
  const auto against_high = TRY(compare_durations(found, high, comparison.now()));
  return residue_of(bounds == Bounds::inside ? against_low >= 0 && against_high <= 0
                                             : against_low < 0 || against_high > 0,
                    name);
}

} // namespace

void add_standard_functions(Rules& rules) {
  const auto add_test = [&rules](const std::string& name) {
    rules.add(
        name,
        OneArgumentFunction([name](const Term& actual, Comparison& comparison) -> Result<Term> {
          auto met = outstanding::satisfies(name, subject_of(actual), comparison.now());
          if (!met)
            return comparison.fail(met.error().code, describe(actual) + " " + met.error().message);
          return residue_of(*met, name);
        }));
  };
  for (const std::string_view name : outstanding::standard_functions())
    add_test(std::string(name));
  rules.add("all_of", TwoArgumentFunction(all_of));
  rules.add("any_of", TwoArgumentFunction(any_of));
  rules.add("none_of", TwoArgumentFunction(none_of));
  rules.add("one_of", TwoArgumentFunction(one_of));
  rules.add("less_than", TwoArgumentFunction(beyond<Side::less>));
  rules.add("greater_than", TwoArgumentFunction(beyond<Side::greater>));
  rules.add("bounded_by", TwoArgumentFunction(bounded<Bounds::inside>));
  rules.add("unbounded_by", TwoArgumentFunction(bounded<Bounds::outside>));
}

} // namespace diffo::terms
