// The typed notation of outstanding.md §1.2, list.
#include "base/calendar.h"
#include "base/pattern.h"
#include "terms/vectors.h"

namespace diffo::terms {
namespace {

using json::Value;

Value tagged(std::string_view tag, Value value) {
  json::Object object;
  object.append(std::string(tag), std::move(value));
  return object;
}

Value written(const Term& term);

Value items(const Term& term) {
  json::Array list;
  list.reserve(term.items().size());
  for (const Term& item : term.items())
    list.push_back(written(item));
  return list;
}

Value entries(const Term& map) {
  json::Array list;
  for (std::size_t index = 0; index + 1 < map.items().size(); index += 2)
    list.emplace_back(json::Array{written(map.items()[index]), written(map.items()[index + 1])});
  return list;
}

Value record(const Term& term) {
  json::Object fields;
  for (std::size_t index = 0; index < term.items().size(); ++index)
    fields.append(term.field_names()[index], written(term.items()[index]));
  json::Object object;
  object.append("struct", term.name());
  object.append("fields", std::move(fields));
  return object;
}

Value regex(const Pattern& pattern) {
  json::Object object;
  object.append("regex", pattern.source());
  if (!pattern.options().empty())
    object.append("opts", pattern.options());
  return object;
}

Value duration(const Duration& duration) {
  json::Object units;
  const std::pair<std::string_view, std::int64_t> amounts[] = {
      {"year", duration.years},     {"month", duration.months}, {"week", duration.weeks},
      {"day", duration.days},       {"hour", duration.hours},   {"minute", duration.minutes},
      {"second", duration.seconds},
  };
  for (const auto& [unit, amount] : amounts)
    if (amount != 0)
      units.append(std::string(unit), amount);
  if (duration.microseconds != 0 || duration.precision != 0)
    units.append("microsecond",
                 json::Array{Value(duration.microseconds), Value(duration.precision)});
  return tagged("duration", std::move(units));
}

Value written(const Term& term) {
  switch (term.kind()) {
  case TermKind::nil:
    return nullptr;
  case TermKind::boolean:
    return term.boolean();
  case TermKind::atom:
    return tagged("atom", term.name());
  case TermKind::text:
    return term.name();
  case TermKind::integer:
    return term.integer();
  case TermKind::real:
    return tagged("float", term.real());
  case TermKind::list:
    return tagged("list", items(term));
  case TermKind::map:
    return tagged("map", entries(term));
  case TermKind::tuple:
    return tagged("tuple", items(term));
  case TermKind::set:
    return tagged("mapset", items(term));
  case TermKind::range:
    return tagged("range", json::Array{Value(term.range().first), Value(term.range().last),
                                       Value(term.range().step)});
  case TermKind::regex:
    return regex(term.pattern());
  case TermKind::date:
    return tagged("date", format_date(term.date()));
  case TermKind::time:
    return tagged("time", format_time(term.time()));
  case TermKind::naive:
    return tagged("naive", format_moment(term.moment(), 'T'));
  case TermKind::datetime:
    return tagged("datetime", format_moment(term.moment(), 'T') + "Z");
  case TermKind::duration:
    return duration(term.duration());
  case TermKind::function:
    return tagged("fn", term.name());
  case TermKind::record:
    return record(term);
  case TermKind::not_loaded:
    return tagged("not_loaded", true);
  }
  return nullptr;
}

} // namespace

Result<Value> term_to_json(const Term& term) {
  if (term.depth() > Comparison::max_depth)
    return Error{ErrorCode::too_large,
                 "the term is nested deeper than " + std::to_string(Comparison::max_depth)};
  return written(term);
}

} // namespace diffo::terms
