#include "outstanding/functions.h"

#include "base/calendar.h"

#include <algorithm>
#include <array>
#include <optional>

namespace diffo::outstanding {
namespace {

using Kind = SubjectKind;
using Test = bool (*)(const Subject& actual, Timestamp now);

template <Kind kind> bool is_kind(const Subject& actual, Timestamp) {
  return actual.kind == kind;
}

bool is_non_nil_atom(const Subject& actual, Timestamp) {
  return actual.kind == Kind::boolean || actual.kind == Kind::atom ||
         actual.kind == Kind::explicit_nil;
}
bool is_atom(const Subject& actual, Timestamp now) {
  return actual.kind == Kind::nil || is_non_nil_atom(actual, now);
}
bool is_number(const Subject& actual, Timestamp) {
  return actual.kind == Kind::integer || actual.kind == Kind::real;
}
bool is_list(const Subject& actual, Timestamp) {
  return actual.kind == Kind::list || actual.kind == Kind::keyword;
}
bool is_empty_list(const Subject& actual, Timestamp now) {
  return is_list(actual, now) && actual.empty;
}
bool is_non_empty_list(const Subject& actual, Timestamp now) {
  return is_list(actual, now) && !actual.empty;
}
/// Everything that is a map with a type.
bool is_record(const Subject& actual) {
  switch (actual.kind) {
  case Kind::set:
  case Kind::range:
  case Kind::date:
  case Kind::time:
  case Kind::naive:
  case Kind::datetime:
  case Kind::duration:
  case Kind::record:
    return true;
  default:
    return false;
  }
}
bool is_map(const Subject& actual, Timestamp) {
  return actual.kind == Kind::map || is_record(actual);
}
bool is_empty_set(const Subject& actual, Timestamp) {
  return actual.kind == Kind::set && actual.empty;
}
bool is_non_empty_set(const Subject& actual, Timestamp) {
  return actual.kind == Kind::set && !actual.empty;
}

std::int64_t today(Timestamp now) {
  return day_of({now.microseconds, 6}).days;
}
std::int64_t time_now(Timestamp now) {
  return time_of({now.microseconds, 6}).microseconds;
}

bool is_current_date(const Subject& actual, Timestamp now) {
  return actual.kind == Kind::date && actual.when == today(now);
}
bool is_future_date(const Subject& actual, Timestamp now) {
  return actual.kind == Kind::date && actual.when > today(now);
}
bool is_past_date(const Subject& actual, Timestamp now) {
  return actual.kind == Kind::date && actual.when < today(now);
}

template <Kind kind> bool is_current(const Subject& actual, Timestamp now) {
  return actual.kind == kind && actual.when > now.microseconds - microseconds_per_minute &&
         actual.when < now.microseconds + microseconds_per_minute;
}
template <Kind kind> bool is_future(const Subject& actual, Timestamp now) {
  return actual.kind == kind && actual.when > now.microseconds;
}
template <Kind kind> bool is_past(const Subject& actual, Timestamp now) {
  return actual.kind == kind && actual.when < now.microseconds;
}

// NOTE: times of day wrap, so within a minute of midnight no time is current (outstanding.md §5).
bool is_current_time(const Subject& actual, Timestamp now) {
  if (actual.kind != Kind::time)
    return false;
  const std::int64_t earliest =
      (time_now(now) - microseconds_per_minute + microseconds_per_day) % microseconds_per_day;
  const std::int64_t latest = (time_now(now) + microseconds_per_minute) % microseconds_per_day;
  return actual.when > earliest && actual.when < latest;
}
bool is_future_time(const Subject& actual, Timestamp now) {
  return actual.kind == Kind::time && actual.when > time_now(now);
}
bool is_past_time(const Subject& actual, Timestamp now) {
  return actual.kind == Kind::time && actual.when < time_now(now);
}

struct Named {
  std::string_view name;
  Test test; ///< null: asks whether a map is empty, which may fail
};

constexpr auto tests = std::to_array<Named>({
    {"any_atom", is_atom},
    {"non_nil_atom", is_non_nil_atom},
    {"any_boolean", is_kind<Kind::boolean>},
    {"any_bitstring", is_kind<Kind::text>},
    {"any_integer", is_kind<Kind::integer>},
    {"any_float", is_kind<Kind::real>},
    {"any_number", is_number},
    {"any_list", is_list},
    {"empty_list", is_empty_list},
    {"non_empty_list", is_non_empty_list},
    {"non_empty_keyword", is_kind<Kind::keyword>},
    {"any_map", is_map},
    {"empty_map", nullptr},
    {"non_empty_map", nullptr},
    {"any_map_set", is_kind<Kind::set>},
    {"empty_map_set", is_empty_set},
    {"non_empty_map_set", is_non_empty_set},
    {"any_range", is_kind<Kind::range>},
    {"any_tuple", is_kind<Kind::tuple>},
    {"any_date", is_kind<Kind::date>},
    {"any_time", is_kind<Kind::time>},
    {"any_date_time", is_kind<Kind::datetime>},
    {"any_naive_date_time", is_kind<Kind::naive>},
    {"any_duration", is_kind<Kind::duration>},
    {"explicit_nil", is_kind<Kind::explicit_nil>},
    {"current_date", is_current_date},
    {"current_date_time", is_current<Kind::datetime>},
    {"current_naive_date_time", is_current<Kind::naive>},
    {"current_time", is_current_time},
    {"future_date", is_future_date},
    {"future_date_time", is_future<Kind::datetime>},
    {"future_naive_date_time", is_future<Kind::naive>},
    {"future_time", is_future_time},
    {"past_date", is_past_date},
    {"past_date_time", is_past<Kind::datetime>},
    {"past_naive_date_time", is_past<Kind::naive>},
    {"past_time", is_past_time},
});

constexpr auto names = [] {
  std::array<std::string_view, tests.size()> all;
  for (std::size_t index = 0; index < tests.size(); ++index)
    all[index] = tests[index].name;
  return all;
}();

const Named* find_test(std::string_view name) {
  const auto* found = std::find_if(tests.begin(), tests.end(),
                                   [name](const Named& named) { return named.name == name; });
  return found == tests.end() ? nullptr : found;
}

/// Whether a map, or a record that enumerates, has nothing in it; nothing for what is neither.
Result<std::optional<bool>> empty_as_map(const Subject& actual) {
  switch (actual.kind) {
  case Kind::map:
  case Kind::set:
  case Kind::range:
    return std::optional<bool>(actual.empty);
  default:
    if (is_record(actual))
      return Error{ErrorCode::no_rule, "cannot be enumerated"};
    return std::optional<bool>();
  }
}

} // namespace

Subject temporal_subject(SubjectKind kind, std::string_view text) {
  const auto found = [&](const auto& read, auto&& when) {
    return read ? Subject{.kind = kind, .when = when(*read)} : Subject{};
  };
  switch (kind) {
  case Kind::date:
    return found(parse_date(text), [](Date date) { return date.days; });
  case Kind::time:
    return found(parse_time(text), [](TimeOfDay time) { return time.microseconds; });
  case Kind::naive:
    return found(parse_naive(text), [](Moment moment) { return moment.microseconds; });
  case Kind::datetime:
    return found(parse_datetime(text), [](Moment moment) { return moment.microseconds; });
  case Kind::duration:
    return found(parse_duration(text), [](const Duration&) { return std::int64_t{0}; });
  default:
    return {};
  }
}

std::span<const std::string_view> standard_functions() {
  return names;
}

bool is_standard_function(std::string_view name) {
  return find_test(name) != nullptr;
}

Result<bool> satisfies(std::string_view function, const Subject& actual, Timestamp now) {
  const Named* named = find_test(function);
  if (named == nullptr)
    return Error{ErrorCode::not_found, "there is no function " + std::string(function)};
  if (named->test != nullptr)
    return named->test(actual, now);
  const std::optional<bool> empty = TRY(empty_as_map(actual));
  return empty && *empty == (function == "empty_map");
}

} // namespace diffo::outstanding
