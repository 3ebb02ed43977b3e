#include <diffo/difference.h>
#include <diffo/expectation.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

// Documents under profile `reference` and native terms say the same wherever JSON can say it.

using namespace diffo;
using namespace diffo::terms;
using outstanding::Expectation;

namespace {

constexpr Timestamp noon{1'794'744'000'000'000}; // 2026-11-15T12:00:00Z

int pick(int below) {
  return *rc::gen::inRange(0, below);
}

std::string name() {
  return std::string(1, static_cast<char>('a' + pick(3)));
}

/// A document of literals from a small world, so that parts often agree.
json::Value some_value(int depth) {
  switch (pick(depth > 0 ? 8 : 6)) {
  case 0:
    return pick(3);
  case 1:
    return name();
  case 2:
    return pick(2) == 1;
  case 3:
    return pick(4) / 2.0;
  case 4:
    return pick(4) == 0 ? json::Value() : json::Value(pick(2));
  case 5:
    return "2026-06-22";
  case 6: {
    json::Array items;
    for (int count = pick(4); count > 0; --count)
      items.push_back(some_value(depth - 1));
    return items;
  }
  default: {
    json::Object object;
    for (int count = pick(4); count > 0; --count)
      object.set(name(), some_value(depth - 1));
    return object;
  }
  }
}

/// A matcher that has a term of its own, or a literal.
json::Value some_expectation(int depth) {
  const auto expectations = [&] {
    json::Array items;
    for (int count = pick(3); count > 0; --count)
      items.push_back(some_expectation(depth - 1));
    return items;
  };
  switch (depth > 0 ? pick(9) : 8) {
  case 0:
    return json::Object{{"$anyOf", expectations()}};
  case 1:
    return json::Object{{"$oneOf", expectations()}};
  case 2:
    return json::Object{{"$noneOf", expectations()}};
  case 3:
    return json::Object{{"$allOf", expectations()}};
  case 4:
    return json::Object{{"$range", json::Array{0, 1 + pick(3)}}};
  case 5: {
    static constexpr const char* functions[] = {"any_integer", "any_float",      "any_number",
                                                "any_list",    "non_empty_list", "any_map",
                                                "empty_map",   "any_bitstring",  "any_boolean"};
    return json::Object{{"$is", functions[pick(9)]}};
  }
  case 6: {
    json::Array items;
    for (int count = pick(3); count > 0; --count)
      items.push_back(some_expectation(depth - 1));
    return items;
  }
  case 7: {
    json::Object object;
    for (int count = pick(3); count > 0; --count)
      object.set(name(), some_expectation(depth - 1));
    return object;
  }
  default:
    return some_value(depth > 0 ? 1 : 0);
  }
}

std::vector<Term> terms_of(const json::Array& items);

Term term_of(const json::Value& value) {
  switch (value.kind()) {
  case json::Kind::null:
    return {};
  case json::Kind::boolean:
    return Term::boolean(value.boolean());
  case json::Kind::integer:
    return Term::integer(value.integer());
  case json::Kind::real:
  case json::Kind::number:
    return Term::real(value.as_double());
  case json::Kind::string:
    return Term::text(value.string());
  case json::Kind::array:
    return Term::list(terms_of(value.array()));
  case json::Kind::object:
    break;
  }
  const json::Object& object = value.object();
  if (object.size() == 1 && object.begin()->name.starts_with('$')) {
    const auto& [matcher, argument] = *object.begin();
    if (matcher == "$range")
      return Term::range({argument.array()[0].integer(), argument.array()[1].integer(), 1});
    if (matcher == "$is")
      return Term::function(argument.string());
    const std::string function = matcher == "$anyOf"    ? "any_of"
                                 : matcher == "$oneOf"  ? "one_of"
                                 : matcher == "$noneOf" ? "none_of"
                                                        : "all_of";
    return Term::applied(function, Term::list(terms_of(argument.array())));
  }
  std::vector<Term::Entry> entries;
  for (const auto& [member, part] : object)
    entries.emplace_back(Term::text(member), term_of(part));
  return Term::map(std::move(entries));
}

std::vector<Term> terms_of(const json::Array& items) {
  std::vector<Term> terms;
  for (const json::Value& item : items)
    terms.push_back(term_of(item));
  return terms;
}

/// Whether the residue of a document is that of the terms. A matcher stays as it was written, where
/// a function that was called gives its name; in what is kept whole none was.
bool agree(const json::Value& residue, const Term& term) {
  if (term == term_of(residue))
    return true;
  if (residue.is_object() && residue.object().size() == 1) {
    const auto& [matcher, argument] = *residue.object().begin();
    if (matcher == "$is")
      return term.is_atom(argument.string());
    if (matcher.starts_with('$') && matcher != "$range")
      return term.is_atom() && term.name() == term_of(residue).items().front().name();
  }
  if (const json::Object* object = residue.if_object()) {
    if (term.kind() != TermKind::map || term.items().size() != object->size() * 2)
      return false;
    for (const auto& [member, part] : *object) {
      const Term* found = term.find(Term::text(member));
      if (found == nullptr || !agree(part, *found))
        return false;
    }
    return true;
  }
  if (const json::Array* items = residue.if_array()) {
    if (term.kind() != TermKind::list || term.items().size() != items->size())
      return false;
    for (std::size_t index = 0; index < items->size(); ++index)
      if (!agree((*items)[index], term.items()[index]))
        return false;
    return true;
  }
  return false;
}

} // namespace

TEST_CASE("documents under profile reference and terms have the same residue") {
  CHECK(rc::check([] {
    const json::Value expected = some_expectation(3);
    const json::Value actual = some_value(3);
    const auto expectation =
        Expectation::compile(expected, {.profile = outstanding::Profile::reference});
    RC_ASSERT(expectation.has_value());
    const auto evaluation = expectation->evaluate(&actual, {.now = noon});
    const auto residue = difference(term_of(expected), term_of(actual), noon);
    RC_ASSERT(evaluation.has_value() == residue.has_value());
    if (!residue)
      return;
    RC_LOG() << json::to_text(expected) << '\n'
             << json::to_text(actual) << '\n'
             << describe(*residue) << '\n'
             << (evaluation->residue ? json::to_text(*evaluation->residue) : "nothing");
    RC_ASSERT(evaluation->outstanding() == !residue->is_nil());
    if (evaluation->residue)
      RC_ASSERT(agree(*evaluation->residue, *residue));
  }));
}
