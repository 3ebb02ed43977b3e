#include "terms/reference.h"

#include <diffo/difference.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace diffo;
using namespace diffo::terms;

namespace {

constexpr Timestamp noon{1'794'744'000'000'000}; // 2026-11-15T12:00:00Z

int pick(int below) {
  return *rc::gen::inRange(0, below);
}

std::vector<Term> some_terms(int depth);

/// A term without functions, patterns and atoms of absence, from a small world, so that parts often
/// agree.
Term some_term(int depth) {
  const auto name = [] { return std::string(1, static_cast<char>('a' + pick(3))); };
  switch (pick(depth > 0 ? 15 : 9)) {
  case 0:
    return Term();
  case 1:
    return Term::boolean(pick(2) == 1);
  case 2:
    return Term::atom(name());
  case 3:
    return Term::text(name());
  case 4:
    return Term::integer(pick(3));
  case 5:
    return Term::real(pick(4) / 2.0);
  case 6:
    return Term::range({pick(2), 2 + pick(2), 1 + pick(2)});
  case 7:
    return Term::datetime({noon.microseconds + pick(2), 6});
  case 8:
    return Term::duration({.hours = pick(2), .minutes = pick(2) * 60});
  case 9:
    return Term::list(some_terms(depth - 1));
  case 10: {
    std::vector<Term> items = some_terms(depth - 1);
    items.push_back(Term::integer(1)); // An empty tuple cannot be expected.
    return Term::tuple(std::move(items));
  }
  case 11:
    return Term::set(some_terms(depth - 1));
  case 12: {
    std::vector<Term> pairs;
    for (Term& value : some_terms(depth - 1))
      pairs.push_back(Term::tuple({Term::atom(name()), std::move(value)}));
    return Term::list(std::move(pairs));
  }
  case 13:
    return *make_record("ABC", {{"a", some_term(depth - 1)}, {"b", some_term(depth - 1)}},
                        reference_rules());
  default: {
    std::vector<Term::Entry> entries;
    for (Term& value : some_terms(depth - 1))
      entries.emplace_back(Term::atom(name()), std::move(value));
    return Term::map(std::move(entries));
  }
  }
}

std::vector<Term> some_terms(int depth) {
  std::vector<Term> terms;
  for (int count = pick(4); count > 0; --count)
    terms.push_back(some_term(depth));
  return terms;
}

Result<Term> compare(const Term& expected, const Term& actual) {
  return difference(expected, actual, noon, reference_rules());
}

bool part_of(const Term& residue, const Term& expected) {
  if (residue.is_nil() || residue == expected)
    return true;
  if (residue.kind() != expected.kind())
    return false;
  const std::vector<Term>& parts = residue.items();
  switch (residue.kind()) {
  case TermKind::map:
    for (std::size_t index = 0; index < parts.size(); index += 2) {
      const Term* whole = expected.find(parts[index]);
      if (whole == nullptr || !part_of(parts[index + 1], *whole))
        return false;
    }
    return true;
  case TermKind::set:
    return std::all_of(parts.begin(), parts.end(),
                       [&](const Term& member) { return expected.contains(member); });
  case TermKind::record:
    for (std::size_t index = 0; index < parts.size(); ++index) {
      const Term* whole = expected.field(residue.field_names()[index]);
      if (whole == nullptr || !part_of(parts[index], *whole))
        return false;
    }
    return true;
  case TermKind::list:
    if (expected.is_keyword())
      return std::all_of(parts.begin(), parts.end(), [&](const Term& pair) {
        return std::any_of(expected.items().begin(), expected.items().end(),
                           [&](const Term& whole) {
                             return whole.items().front() == pair.items().front() &&
                                    part_of(pair.items().back(), whole.items().back());
                           });
      });
    return parts.size() == expected.items().size() &&
           std::equal(parts.begin(), parts.end(), expected.items().begin(), part_of);
  default:
    return false;
  }
}

} // namespace

TEST_CASE("every term meets itself") {
  CHECK(rc::check([] {
    const Term term = some_term(4);
    const auto residue = compare(term, term);
    RC_ASSERT(residue.has_value());
    RC_ASSERT(residue->is_nil());
  }));
}

TEST_CASE("a residue is part of its expectation and its own residue, and the predicate agrees") {
  CHECK(rc::check([] {
    const Term expected = some_term(3);
    const Term actual = some_term(3);
    const auto residue = compare(expected, actual);
    const auto exceeding = exceeds(expected, actual, noon, reference_rules());
    // Only a keyword list against a plain list has no answer here.
    RC_ASSERT(residue.has_value() == exceeding.has_value());
    if (!residue) {
      RC_ASSERT(residue.error().code == ErrorCode::invalid);
      return;
    }
    RC_ASSERT(*exceeding == !residue->is_nil());
    RC_ASSERT(part_of(*residue, expected));
  }));
}

TEST_CASE("the residue of a residue is the residue, for expectations without duplicate keys and "
          "records") {
  CHECK(rc::check([] {
    std::vector<Term::Entry> entries;
    for (int key = 0; key < 4; ++key)
      entries.emplace_back(Term::integer(key), Term::list(some_terms(0)));
    const Term expected = Term::map(std::move(entries));
    std::vector<Term::Entry> others;
    for (int key = 0; key < 4; ++key)
      others.emplace_back(Term::integer(key), Term::list(some_terms(0)));
    const Term actual = Term::map(std::move(others));
    const Term residue = *compare(expected, actual);
    RC_ASSERT(*compare(residue, actual) == residue);
  }));
}
