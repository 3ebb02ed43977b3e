#pragma once

#include <diffo/calendar.h>
#include <diffo/result.h>

#include <cstdint>
#include <span>
#include <string_view>

/// The one-argument expected functions (outstanding.md §5), for documents and terms alike.
namespace diffo::outstanding {

enum class SubjectKind : std::uint8_t {
  nil,
  boolean,
  atom,
  explicit_nil, ///< the atom of that name
  text,
  integer,
  real,
  list,
  keyword, ///< a list that is a keyword list
  map,
  tuple,
  set,
  range,
  date,
  time,
  naive,
  datetime,
  duration,
  record, ///< any other record
  other,
};

/// As much of a value as a function looks at. A plain value.
struct Subject {
  SubjectKind kind = SubjectKind::nil;
  bool empty = false;    ///< of what has parts
  std::int64_t when = 0; ///< a date's days, microseconds of a time or a moment
};

/// A text as a date, time, moment or duration of just that kind; nil for what is none.
Subject temporal_subject(SubjectKind kind, std::string_view text);

/// Whether the value satisfies the function; not_found for a name that is none, no_rule for
/// empty_map and non_empty_map of what cannot be enumerated.
Result<bool> satisfies(std::string_view function, const Subject& actual, Timestamp now);

/// All names.
std::span<const std::string_view> standard_functions();
bool is_standard_function(std::string_view name);

} // namespace diffo::outstanding
