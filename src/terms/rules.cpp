#include "base/calendar.h"
#include "base/pattern.h"
#include "base/text_hash.h"
#include "terms/functions.h"
#include "terms/record_fields.h"
#include "terms/term_text.h"

#include <diffo/difference.h>

#include <algorithm>

namespace diffo::terms {

/// Keeps the path true while a part is compared.
class Comparison::Inside {
public:
  Inside(Comparison& comparison, std::string step) : comparison_(comparison) {
    comparison_.path_.push_back(std::move(step));
  }
  ~Inside() { comparison_.path_.pop_back(); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

private:
  Comparison& comparison_;
};

namespace {

/// A key as a step of a path.
std::string step_of(const Term& key) {
  return key.is_atom() || key.kind() == TermKind::text ? std::string(key.name()) : describe(key);
}

Term kept_unless(bool met, const Term& expected) {
  return met ? Term() : expected;
}

bool integer_met(std::int64_t expected, const Term& actual) {
  switch (actual.kind()) {
  case TermKind::integer:
    return expected == actual.integer();
  case TermKind::real:
    return equals_exactly(expected, actual.real());
  case TermKind::range:
    return actual.range().contains(expected);
  default:
    return false;
  }
}

bool real_met(const Term& expected, const Term& actual) {
  if (actual.kind() == TermKind::integer)
    return equals_exactly(actual.integer(), expected.real());
  return actual.kind() == TermKind::real && actual == expected;
}

/// The first value of each key of a keyword list.
class KeywordIndex {
public:
  explicit KeywordIndex(const Term& keyword) {
    for (const Term& pair : keyword.items())
      first_.try_emplace(pair.items().front().name(), &pair.items().back());
  }
  [[nodiscard]] const Term* find(std::string_view key) const {
    const auto found = first_.find(key);
    return found == first_.end() ? nullptr : found->second;
  }

private:
  TextViewMap<const Term*> first_;
};

} // namespace

bool equals_exactly(std::int64_t integer, double real) {
  // 2^63 and beyond are no 64-bit integers; below, the conversion back is exact for whole numbers.
  constexpr double limit = 9223372036854775808.0;
  if (!(real >= -limit && real < limit))
    return false;
  const auto whole = static_cast<std::int64_t>(real);
  return whole == integer && static_cast<double>(whole) == real;
}

void Rules::add(std::string name, OneArgumentFunction function) {
  one_argument_.insert_or_assign(std::move(name), std::move(function));
}

void Rules::add(std::string name, TwoArgumentFunction function) {
  two_argument_.insert_or_assign(std::move(name), std::move(function));
}

void Rules::add(RecordType type) {
  std::string name = type.name;
  record_types_.insert_or_assign(std::move(name), std::move(type));
}

const OneArgumentFunction* Rules::one_argument(std::string_view name) const {
  const auto found = one_argument_.find(name);
  return found == one_argument_.end() ? nullptr : &found->second;
}

const TwoArgumentFunction* Rules::two_argument(std::string_view name) const {
  const auto found = two_argument_.find(name);
  return found == two_argument_.end() ? nullptr : &found->second;
}

const RecordType* Rules::record_type(std::string_view name) const {
  const auto found = record_types_.find(name);
  return found == record_types_.end() ? nullptr : &found->second;
}

const Rules& Rules::standard() {
  static const Rules rules = [] {
    Rules made;
    add_standard_functions(made);
    return made;
  }();
  return rules;
}

Error Comparison::fail(ErrorCode code, std::string message) const {
  std::string path;
  for (const std::string& step : path_) {
    path += '/';
    for (const char character : step) {
      if (character == '~' || character == '/')
        path += character == '~' ? "~0" : "~1";
      else
        path += character;
    }
  }
  return Error{code, std::move(message), std::move(path)};
}

Result<Term> Comparison::difference(const Term& expected, const Term& actual) {
  if (++steps_ > max_steps)
    return fail(ErrorCode::too_large,
                "the comparison takes more than " + std::to_string(max_steps) + " steps");
  if (path_.size() > max_depth)
    return fail(ErrorCode::too_large,
                "the expectation is nested deeper than " + std::to_string(max_depth));
  return by_kind(expected, actual);
}

Result<Term> Comparison::by_kind(const Term& expected, const Term& actual) {
  switch (expected.kind()) {
  case TermKind::nil:
  case TermKind::not_loaded:
    return Term();
  case TermKind::boolean:
    return kept_unless(expected == actual, expected);
  case TermKind::atom:
    return kept_unless(expected == actual || (actual.is_nil() && expected.is_atom("no_value")),
                       expected);
  case TermKind::text:
    return kept_unless(expected == actual, expected);
  case TermKind::integer:
    return kept_unless(integer_met(expected.integer(), actual), expected);
  case TermKind::real:
    return kept_unless(real_met(expected, actual), expected);
  case TermKind::range:
    return kept_unless(expected == actual || (actual.kind() == TermKind::integer &&
                                              expected.range().contains(actual.integer())),
                       expected);
  case TermKind::date:
    return kept_unless(actual.kind() == TermKind::date && expected.date() == actual.date(),
                       expected);
  case TermKind::time:
    return kept_unless(actual.kind() == TermKind::time &&
                           expected.time().microseconds == actual.time().microseconds,
                       expected);
  case TermKind::naive:
  case TermKind::datetime:
    return kept_unless(actual.kind() == expected.kind() &&
                           expected.moment().microseconds == actual.moment().microseconds,
                       expected);
  case TermKind::duration:
    return duration_difference(expected, actual);
  case TermKind::regex:
    return regex_difference(expected, actual);
  case TermKind::list:
    return expected.is_keyword() ? keyword_difference(expected, actual)
                                 : list_difference(expected, actual);
  case TermKind::map:
    return map_difference(expected, actual);
  case TermKind::set:
    return set_difference(expected, actual);
  case TermKind::tuple:
    return tuple_difference(expected, actual);
  case TermKind::function:
    return call(expected, actual);
  case TermKind::record:
    return record_difference(expected, actual);
  }
  return Term();
}

Result<Term> Comparison::regex_difference(const Term& expected, const Term& actual) {
  auto text = text_form(actual);
  if (!text)
    return fail(text.error().code, text.error().message);
  return kept_unless(expected.pattern().found_in(*text), expected);
}

Result<Term> Comparison::duration_difference(const Term& expected, const Term& actual) {
  if (actual.kind() != TermKind::duration)
    return expected;
  const Moment now{now_.microseconds, 6};
  const Moment wanted = TRY(shift(now, expected.duration()));
  const Moment found = TRY(shift(now, actual.duration()));
  return kept_unless(wanted == found, expected);
}

Result<Term> Comparison::list_difference(const Term& expected, const Term& actual) {
  if (actual.kind() != TermKind::list)
    return expected;
  const std::vector<Term>& wanted = expected.items();
  const std::vector<Term>& found = actual.items();
  static const Term missing;
  std::vector<Term> residue;
  residue.reserve(wanted.size());
  bool met = true;
  for (std::size_t index = 0; index < wanted.size(); ++index) {
    const Inside inside(*this, std::to_string(index));
    residue.push_back(
        TRY(difference(wanted[index], index < found.size() ? found[index] : missing)));
    met = met && residue.back().is_nil();
  }
  // Lists of different lengths never collapse, however well their elements fit (§4.9).
  if (met && wanted.size() == found.size())
    return Term();
  return Term::list(std::move(residue));
}

Result<Term> Comparison::keyword_difference(const Term& expected, const Term& actual) {
  if (actual.kind() != TermKind::list)
    return expected;
  if (!actual.items().empty() && !actual.is_keyword())
    return fail(ErrorCode::invalid,
                "a keyword list cannot be compared with the plain list " + describe(actual));
  static const Term missing;
  const KeywordIndex index(actual);
  const KeywordIndex wanted(expected);
  std::vector<Term> residue;
  for (const Term& pair : expected.items()) {
    const Term& key = pair.items().front();
    const Term* found = index.find(key.name());
    const Inside inside(*this, step_of(key));
    // NOTE: of equal expected keys only the first one's value is ever considered, for each of them
    // (§4.10).
    Term rest = TRY(difference(*wanted.find(key.name()), found != nullptr ? *found : missing));
    // NOTE: a key literally named no_value that is missing is always kept (§4.10).
    if (!rest.is_nil() || (found == nullptr && key.is_atom("no_value")))
      residue.push_back(Term::tuple({key, std::move(rest)}));
  }
  return residue.empty() ? Term() : Term::list(std::move(residue));
}

Result<Term> Comparison::map_difference(const Term& expected, const Term& actual) {
  if (actual.kind() != TermKind::map && !actual.is_record_like())
    return expected;
  static const Term missing;
  std::vector<Term::Entry> residue;
  const std::vector<Term>& entries = expected.items();
  for (std::size_t index = 0; index + 1 < entries.size(); index += 2) {
    const Term& key = entries[index];
    const std::optional<Term> found = value_at(actual, key);
    const Inside inside(*this, step_of(key));
    Term rest = TRY(difference(entries[index + 1], found ? *found : missing));
    if (!rest.is_nil() || (!found && key.is_atom("no_value")))
      residue.emplace_back(key, std::move(rest));
  }
  return residue.empty() ? Term() : Term::map(std::move(residue));
}

Result<std::vector<Term::Field>>
Comparison::fields_difference(const std::vector<Term::Field>& wanted, const Term& actual) {
  static const Term missing;
  std::vector<Term::Field> residue;
  for (const auto& [name, value] : wanted) {
    const std::optional<Term> found = value_at(actual, Term::atom(name));
    const Inside inside(*this, name);
    Term rest = TRY(difference(value, found ? *found : missing));
    if (!rest.is_nil())
      residue.emplace_back(name, std::move(rest));
  }
  return residue;
}

Result<Term> Comparison::set_difference(const Term& expected, const Term& actual) {
  if (actual.kind() != TermKind::set)
    return expected;
  std::vector<Term> missing;
  for (const Term& member : expected.items())
    if (!actual.contains(member))
      missing.push_back(member);
  return missing.empty() ? Term() : Term::set(std::move(missing));
}

Result<Term> Comparison::tuple_difference(const Term& expected, const Term& actual) {
  const std::vector<Term>& wanted = expected.items();
  if (wanted.empty())
    return fail(ErrorCode::invalid, "an empty tuple cannot be expected");
  if (wanted.size() == 2 && wanted.front().kind() == TermKind::function)
    return applied_difference(expected, actual);
  if (actual.kind() != TermKind::tuple || actual.items().size() != wanted.size())
    return expected;
  bool met = true;
  for (std::size_t index = 0; index < wanted.size(); ++index) {
    const Inside inside(*this, std::to_string(index));
    const Term rest = TRY(difference(wanted[index], actual.items()[index]));
    // NOTE: a residue of false is swallowed inside a tuple (§4.13).
    met = met && (rest.is_nil() || rest.is_atom("false"));
  }
  return kept_unless(met, expected);
}

Result<Term> Comparison::applied_difference(const Term& expected, const Term& actual) {
  const std::string_view name = expected.items().front().name();
  const TwoArgumentFunction* function = rules_.two_argument(name);
  if (function != nullptr)
    return (*function)(expected.items().back(), actual, *this);
  if (rules_.one_argument(name) != nullptr)
    return fail(ErrorCode::malformed,
                "the function " + std::string(name) + " takes one argument, not a pair");
  return fail(ErrorCode::no_rule, "there is no function " + std::string(name));
}

Result<Term> Comparison::call(const Term& expected, const Term& actual) {
  const OneArgumentFunction* function = rules_.one_argument(expected.name());
  if (function != nullptr)
    return (*function)(actual, *this);
  if (rules_.two_argument(expected.name()) != nullptr)
    return fail(ErrorCode::malformed, "the function " + std::string(expected.name()) +
                                          " must be paired with its argument");
  return fail(ErrorCode::no_rule, "there is no function " + std::string(expected.name()));
}

Result<Term> difference(const Term& expected, const Term& actual, Timestamp now,
                        const Rules& rules) {
  for (const Term* term : {&expected, &actual})
    if (term->depth() > Comparison::max_depth)
      return Error{ErrorCode::too_large,
                   std::string(term == &expected ? "the expectation" : "the actual") +
                       " is nested deeper than " + std::to_string(Comparison::max_depth)};
  return Comparison(rules, now).difference(expected, actual);
}

Result<bool> exceeds(const Term& expected, const Term& actual, Timestamp now, const Rules& rules) {
  return is_outstanding(TRY(difference(expected, actual, now, rules)));
}

bool is_outstanding(const Term& residue) {
  return !residue.is_nil();
}

} // namespace diffo::terms
