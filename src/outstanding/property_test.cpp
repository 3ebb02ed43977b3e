#include "testing/expectations.h"

#include "testing/expectations.h"

#include <diffo/expectation.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace diffo;
using namespace diffo::outstanding;

namespace {

constexpr Timestamp noon{1'794'744'000'000'000}; // 2026-11-15T12:00:00Z

int pick(int below) {
  return *rc::gen::inRange(0, below);
}

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
  auto expectation = testing::compile_expectation(expected);
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
    RC_ASSERT(first.explanation.size() == first.unmet);
    RC_ASSERT(first.outstanding() == !first.explanation.empty());
    if (first.residue)
      RC_ASSERT(evaluated(*first.residue, actual).residue == first.residue);
  }));
}

TEST_CASE("the residue of a closed list is an expectation, and its own residue without rivals") {
  CHECK(rc::check([] {
    const json::Value actual = some_document(5);
    json::Value expected = some_document(5);
    bool rivals = false;
    for (json::Member& member : expected.object()) {
      if (!member.value.is_array() || pick(3) == 0)
        continue;
      // Several items may want one that only one of them gets; a residue does not tell that.
      rivals = rivals || member.name != "serviceCharacteristic";
      member.value = json::Object{{"$only", std::move(member.value)}};
    }
    const Evaluation first = evaluated(expected, actual, Explain::yes);
    RC_ASSERT(first.explanation.size() == first.unmet);
    if (!first.residue)
      return;
    const Evaluation again = evaluated(*first.residue, actual);
    if (!rivals)
      RC_ASSERT(again.residue == first.residue);
    RC_ASSERT(again.unmet <= first.unmet);
    if (again.residue)
      RC_ASSERT(evaluated(*again.residue, actual).residue == again.residue);
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
    const auto residue = testing::compile_expectation(*before.residue);
    RC_ASSERT(!evaluated(*before.residue, residue->apply_to(actual)).outstanding());
    RC_ASSERT(!evaluated(expected, testing::compile_expectation(expected)->apply_to(actual))
                   .outstanding());
  }));
}
