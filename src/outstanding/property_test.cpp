#include <diffo/difference.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace diffo;
using namespace diffo::outstanding;

namespace {

constexpr Instant noon{1'794'744'000'000'000}; // 2026-11-15T12:00:00Z

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
                        Rules::reference());
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
  return difference(expected, actual, noon, Rules::reference());
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

// JSON documents of the language.

json::Value some_value(int depth) {
  switch (pick(depth > 0 ? 6 : 4)) {
  case 0:
    return pick(3);
  case 1:
    return std::string(1, static_cast<char>('a' + pick(3)));
  case 2:
    return pick(2) == 1;
  case 3:
    return pick(4) / 2.0;
  case 4: {
    json::Array items;
    for (int count = pick(3); count > 0; --count)
      items.push_back(some_value(depth - 1));
    return items;
  }
  default: {
    json::Object object;
    for (int count = pick(3); count > 0; --count)
      object.set(std::string(1, static_cast<char>('p' + pick(3))), some_value(depth - 1));
    return object;
  }
  }
}

/// Characteristics with different names.
json::Array some_characteristics() {
  json::Array items;
  for (int name = 0; name < 4; ++name)
    if (pick(3) != 0)
      items.push_back(json::Object{
          {"name", std::to_string(name)}, {"value", some_value(2)}, {"other", some_value(0)}});
  return items;
}

json::Value some_document(int parties) {
  json::Array refs;
  for (int count = pick(parties); count > 0; --count)
    refs.push_back(json::Object{{"role", std::to_string(pick(2))},
                                {"id", std::to_string(pick(3))},
                                {"name", std::to_string(pick(2))}});
  json::Object document{{"state", some_value(0)},
                        {"serviceCharacteristic", some_characteristics()},
                        {"x", some_value(2)}};
  if (!refs.empty())
    document.append("relatedParty", std::move(refs));
  return document;
}

Evaluation evaluated(const json::Value& expected, const json::Value& actual,
                     Explain explain = Explain::no) {
  auto expectation = Expectation::compile(expected);
  RC_ASSERT(expectation.has_value());
  auto evaluation = expectation->evaluate(&actual, {.now = noon, .explain = explain});
  RC_ASSERT(evaluation.has_value());
  return *std::move(evaluation);
}

void shuffle(json::Value& value) {
  if (json::Array* items = value.if_array())
    for (std::size_t index = items->size(); index > 1; --index)
      std::swap((*items)[index - 1],
                (*items)[static_cast<std::size_t>(pick(static_cast<int>(index)))]);
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
    const auto exceeding = exceeds(expected, actual, noon, Rules::reference());
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

TEST_CASE("every document meets itself") {
  CHECK(rc::check([] {
    const json::Value document = some_document(5);
    RC_ASSERT(!evaluated(document, document).outstanding());
  }));
}

TEST_CASE("the residue of a document's residue is that residue") {
  CHECK(rc::check([] {
    const json::Value actual = some_document(5);
    const Evaluation first = evaluated(some_document(5), actual, Explain::yes);
    RC_ASSERT(first.outstanding() == (first.unmet != 0));
    RC_ASSERT(first.explanation.size() <= first.unmet);
    RC_ASSERT(first.outstanding() == !first.explanation.empty());
    if (first.residue)
      RC_ASSERT(evaluated(*first.residue, actual).residue == first.residue);
  }));
}

TEST_CASE("keyed lists do not depend on the order of either side") {
  CHECK(rc::check([] {
    json::Value expected = json::Object{{"serviceCharacteristic", some_characteristics()}};
    json::Value actual = json::Object{{"serviceCharacteristic", some_characteristics()}};
    const Evaluation before = evaluated(expected, actual);
    shuffle(*actual.object().find("serviceCharacteristic"));
    const Evaluation actual_shuffled = evaluated(expected, actual);
    RC_ASSERT(actual_shuffled.residue == before.residue);
    shuffle(*expected.object().find("serviceCharacteristic"));
    const Evaluation both_shuffled = evaluated(expected, actual);
    RC_ASSERT(both_shuffled.unmet == before.unmet);
    RC_ASSERT(both_shuffled.outstanding() == before.outstanding());
  }));
}

TEST_CASE("applying a residue of equalities empties it, whatever the documents") {
  CHECK(rc::check([] {
    const json::Value expected = some_document(3);
    const json::Value actual = some_document(3);
    const Evaluation before = evaluated(expected, actual);
    if (!before.residue)
      return;
    const auto residue = Expectation::compile(*before.residue);
    RC_ASSERT(!evaluated(*before.residue, residue->apply_to(actual)).outstanding());
    RC_ASSERT(!evaluated(expected, Expectation::compile(expected)->apply_to(actual)).outstanding());
  }));
}
