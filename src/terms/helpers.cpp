#include "terms/helpers.h"

#include "terms/record_fields.h"

#include <algorithm>
#include <map>

namespace diffo::terms {
namespace {

/// A list of records as a keyword list by an atom field; of equal keys the last value wins in the
/// first one's place.
Result<Term> keyed(const Term& list, std::string_view key, std::string_view where) {
  if (list.kind() != TermKind::list)
    return Error{ErrorCode::no_rule, describe(list) + " is no list", std::string(where)};
  std::vector<Term> pairs;
  std::map<std::string, std::size_t, std::less<>> places;
  for (const Term& item : list.items()) {
    const std::optional<Term> found = value_at(item, Term::atom(std::string(key)));
    if (!found || !found->is_atom())
      return Error{ErrorCode::invalid,
                   "the key " + std::string(key) + " of " + describe(item) + " is no atom",
                   std::string(where)};
    Term pair = Term::tuple({*found, item});
    const auto [place, is_new] = places.emplace(found->name(), pairs.size());
    if (is_new)
      pairs.push_back(std::move(pair));
    else
      pairs[place->second] = std::move(pair);
  }
  return Term::list(std::move(pairs));
}

/// A residue with its list field set, as a sparse record.
Term with_list(const Term& prior, const std::string& field, Term list) {
  std::vector<Term::Field> fields;
  if (prior.kind() == TermKind::record)
    for (std::size_t index = 0; index < prior.items().size(); ++index)
      if (prior.field_names()[index] != field)
        fields.emplace_back(prior.field_names()[index], prior.items()[index]);
  fields.emplace_back(field, std::move(list));
  return Term::record(prior.kind() == TermKind::record ? std::string(prior.name())
                                                       : "Diffo.Instance",
                      std::move(fields), RecordForm::sparse);
}

} // namespace

Result<Term> suppress(const Term& residue) {
  switch (residue.kind()) {
  case TermKind::nil:
    return Term();
  case TermKind::map:
  case TermKind::set:
  case TermKind::tuple:
    return residue.items().empty() ? Term() : residue;
  case TermKind::list:
    return std::all_of(residue.items().begin(), residue.items().end(),
                       [](const Term& item) { return item.is_nil(); })
               ? Term()
               : residue;
  default:
    return Error{ErrorCode::unprocessable, describe(residue) + " cannot be suppressed"};
  }
}

Result<Term> any_of_actual_list(const Term& expected, const Term& actual, Timestamp now,
                                const Rules& rules) {
  if (actual.kind() == TermKind::list)
    for (const Term& item : actual.items())
      if (TRY(difference(expected, item, now, rules)).is_nil())
        return Term();
  return expected;
}

Result<Term> make_record(std::string_view type_name, std::vector<Term::Field> fields,
                         const Rules& rules) {
  const RecordType* type = rules.record_type(type_name);
  if (type == nullptr)
    return Error{ErrorCode::not_found, "there is no record type " + std::string(type_name)};
  std::vector<Term::Field> full = type->fields;
  for (auto& [name, value] : fields) {
    const auto same = std::find_if(full.begin(), full.end(),
                                   [&](const auto& field) { return field.first == name; });
    if (same != full.end())
      same->second = std::move(value);
    else if (type->open)
      full.emplace_back(name, std::move(value));
    else
      return Error{ErrorCode::not_found,
                   "the record type " + std::string(type_name) + " has no field " + name, name};
  }
  return Term::record(std::string(type_name), std::move(full), RecordForm::full);
}

Result<Term> map_to_record(const Term& map, std::string_view type_name, const Rules& rules) {
  if (map.kind() != TermKind::map)
    return map;
  const RecordType* type = rules.record_type(type_name);
  if (type == nullptr)
    return Error{ErrorCode::not_found, "there is no record type " + std::string(type_name)};
  std::vector<Term::Field> fields = type->fields;
  for (auto& [name, value] : fields)
    if (const Term* given = map.find(Term::atom(name)))
      value = *given;
  return Term::record(std::string(type_name), std::move(fields), RecordForm::full);
}

std::string type_of(const Term& term) {
  switch (term.kind()) {
  case TermKind::nil:
  case TermKind::boolean:
  case TermKind::atom:
    return "Atom";
  case TermKind::text:
    return "BitString";
  case TermKind::integer:
    return "Integer";
  case TermKind::real:
    return "Float";
  case TermKind::list:
    return "List";
  case TermKind::map:
    return "Map";
  case TermKind::tuple:
    return "Tuple";
  case TermKind::set:
    return "MapSet";
  case TermKind::range:
    return "Range";
  case TermKind::regex:
    return "Regex";
  case TermKind::date:
    return "Date";
  case TermKind::time:
    return "Time";
  case TermKind::naive:
    return "NaiveDateTime";
  case TermKind::datetime:
    return "DateTime";
  case TermKind::duration:
    return "Duration";
  case TermKind::function:
    return "Function";
  case TermKind::record:
    return std::string(term.name());
  case TermKind::not_loaded:
    return "Ash.NotLoaded";
  }
  return "Other";
}

Result<Term> list_by_key_difference(const ListByKey& how, const Term& expected, const Term& actual,
                                    Timestamp now, const Rules& rules) {
  const Term field = Term::atom(how.list);
  const std::optional<Term> wanted = value_at(expected, field);
  const std::optional<Term> found = value_at(actual, field);
  const Term wanted_pairs = TRY(keyed(wanted ? *wanted : Term(), how.key, "/" + how.list));
  const Term found_pairs = TRY(keyed(found ? *found : Term(), how.key, "/" + how.list));
  const Term residue = TRY(difference(wanted_pairs, found_pairs, now, rules));
  if (residue.is_nil())
    return how.prior;
  std::vector<Term> values;
  for (const Term& pair : residue.items())
    values.push_back(pair.items().back());
  return with_list(how.prior, how.list, Term::list(std::move(values)));
}

} // namespace diffo::terms
