// How records are compared: outstanding.md §7 and §8.
#include "terms/record_fields.h"

#include <diffo/difference.h>

#include <algorithm>

namespace diffo::terms {
namespace {

bool names(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// The record's fields that take part, with their values.
std::vector<Term::Field> fields_without(const Term& record,
                                        const std::vector<std::string>& excluded) {
  std::vector<Term::Field> kept;
  for (std::size_t index = 0; index < record.items().size(); ++index)
    if (!names(excluded, record.field_names()[index]))
      kept.emplace_back(record.field_names()[index], record.items()[index]);
  return kept;
}

Term rebuilt(const Term& expected, std::vector<Term::Field> residue) {
  if (residue.empty())
    return Term();
  return Term::record(std::string(expected.name()), std::move(residue), RecordForm::sparse);
}

/// The expectation with the excluded fields back at their defaults.
Term with_defaults(const Term& expected, const RecordType& type) {
  if (type.excluded.empty())
    return expected;
  std::vector<Term::Field> fields;
  for (std::size_t index = 0; index < expected.items().size(); ++index) {
    const std::string& name = expected.field_names()[index];
    Term value = expected.items()[index];
    if (names(type.excluded, name))
      for (const auto& [field, preset] : type.fields)
        if (field == name)
          value = preset;
    fields.emplace_back(name, std::move(value));
  }
  return Term::record(std::string(expected.name()), std::move(fields), expected.form());
}

} // namespace

Result<Term> Comparison::record_difference(const Term& expected, const Term& actual) {
  const RecordType* type = rules_.record_type(expected.name());
  if (type == nullptr || type->kind == RecordKind::none)
    return fail(ErrorCode::no_rule,
                "there is no rule for the record type " + std::string(expected.name()));
  switch (type->kind) {
  case RecordKind::derived:
  case RecordKind::same:
    return same_type_difference(*type, expected, actual);
  case RecordKind::expect:
    return expect_difference(*type, expected, actual);
  case RecordKind::custom:
    return type->rule(expected, actual, *this);
  case RecordKind::none:
    break;
  }
  return Term();
}

Result<Term> Comparison::same_type_difference(const RecordType& type, const Term& expected,
                                              const Term& actual) {
  // §7.2: equality is looked at before exclusions.
  if (expected == actual)
    return Term();
  if (actual.kind() == TermKind::record && actual.name() == expected.name())
    return rebuilt(expected,
                   TRY(fields_difference(fields_without(expected, type.excluded), actual)));
  return type.kind == RecordKind::derived ? with_defaults(expected, type) : expected;
}

Result<Term> Comparison::expect_difference(const RecordType& type, const Term& expected,
                                           const Term& actual) {
  // §8.2 step 1. A listed key that the record does not have is ignored.
  std::vector<Term::Field> wanted;
  for (const std::string& key : type.keys)
    if (const Term* value = expected.field(key))
      wanted.emplace_back(key, *value);
  Term residue;
  if (actual.is_nil())
    residue =
        Term::record(std::string(expected.name()), std::move(wanted), RecordForm::sparse); // step 2
  else if (actual.is_record_like())
    residue = rebuilt(expected, TRY(fields_difference(wanted, actual))); // step 3
  else
    return fail(actual.is_atom() ? ErrorCode::unsupported : ErrorCode::unprocessable,
                "a " + std::string(expected.name()) +
                    " can be compared with a record only, not with " + describe(actual)); // step 4
  for (const Customisation& customise : type.customisations)
    residue = TRY(customise(residue, expected, actual, *this)); // step 6
  return residue;
}

} // namespace diffo::terms
