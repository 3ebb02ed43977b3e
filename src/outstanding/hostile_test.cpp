#include "testing/expectations.h"

#include <diffo/expectation.h>

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::outstanding;

namespace {

json::Value nested(std::size_t depth) {
  json::Value value = 1;
  for (std::size_t level = 0; level < depth; ++level) {
    json::Array list;
    list.push_back(std::move(value));
    value = std::move(list);
  }
  return value;
}

} // namespace

TEST_CASE("an expectation nested 10 000 deep is refused") {
  const auto expectation = testing::compile_expectation(nested(10'000));
  REQUIRE_FALSE(expectation);
  CHECK(expectation.error().code == ErrorCode::too_large);
  CHECK(testing::compile_expectation(nested(60)));
}

TEST_CASE("too many parts and patterns are refused") {
  json::Array many(1000, json::Value(1));
  CHECK(testing::compile_expectation(many, Profile::v5, {.max_parts = 999}).error().code ==
        ErrorCode::too_large);
  json::Array patterns(5, json::Value(json::Object{{"$regex", "a"}}));
  CHECK(testing::compile_expectation(patterns, Profile::v5, {.max_patterns = 4}).error().code ==
        ErrorCode::too_large);
}

TEST_CASE("lists without keys that are compared item by item end with an error instead of never") {
  json::Array wanted;
  json::Array found;
  for (int item = 0; item < 3000; ++item) {
    wanted.push_back(json::Object{{"value", item}, {"a", 1}});
    found.push_back(json::Object{{"value", -item - 1}, {"a", 1}});
  }
  const auto expectation =
      testing::compile_expectation(json::Object{{"serviceCharacteristic", std::move(wanted)}});
  const json::Value actual = json::Object{{"serviceCharacteristic", std::move(found)}};
  const auto evaluation = expectation->evaluate(&actual, {});
  REQUIRE_FALSE(evaluation);
  CHECK(evaluation.error().code == ErrorCode::too_large);
}

TEST_CASE("large keyed lists are compared through an index") {
  json::Array wanted;
  json::Array found;
  for (int item = 0; item < 20'000; ++item) {
    wanted.push_back(json::Object{{"name", std::to_string(item)}, {"value", item}});
    found.push_back(
        json::Object{{"name", std::to_string(19'999 - item)}, {"value", 19'999 - item}});
  }
  const auto expectation =
      testing::compile_expectation(json::Object{{"serviceCharacteristic", std::move(wanted)}});
  const json::Value actual = json::Object{{"serviceCharacteristic", std::move(found)}};
  const auto evaluation = expectation->evaluate(&actual, {.limits = {.max_steps = 200'000}});
  REQUIRE(evaluation);
  CHECK_FALSE(evaluation->outstanding());
}

TEST_CASE("sets and containment of gigantic lists end with an error instead of never") {
  json::Array wanted(5000, json::Value(1));
  json::Array found(5000, json::Value(2));
  const json::Value actual = std::move(found);
  for (const char* matcher : {"$set", "$allOf"}) {
    const auto expectation = testing::compile_expectation(json::Object{{matcher, wanted}});
    const auto evaluation = expectation->evaluate(&actual, {.limits = {.max_steps = 4000}});
    REQUIRE_FALSE(evaluation);
    CHECK(evaluation.error().code == ErrorCode::too_large);
  }
}

TEST_CASE("an evaluation asks for a bounded number of documents, each once") {
  json::Array relations;
  for (int item = 0; item < 50; ++item)
    relations.push_back(json::Object{{"relationshipType", "a"},
                                     {"service", json::Object{{"id", std::to_string(item)}}}});
  const json::Value actual = json::Object{{"serviceRelationship", std::move(relations)}};
  json::Value expect = json::Object{{"state", "active"}};
  for (int level = 0; level < 10; ++level)
    expect = json::Object{
        {"serviceRelationship",
         json::Array{json::Object{{"relationshipType", "a"},
                                  {"service", json::Object{{"expect", std::move(expect)}}}}}}};
  const auto expectation = testing::compile_expectation(std::move(expect));
  REQUIRE(expectation);
  EvaluationContext context{.family = "service", .id = "self"};
  std::size_t asked = 0;
  // Every document refers to all the others: the possibilities are 50 to the power of 10.
  context.resolve = [&](std::string_view, std::string_view) -> Result<Resolution> {
    ++asked;
    return Resolution{Resolution::State::found, actual};
  };
  const auto evaluation = expectation->evaluate(&actual, context);
  REQUIRE_FALSE(evaluation);
  CHECK(evaluation.error().code == ErrorCode::too_large);
  CHECK(asked == 50);
  context.limits.max_documents = 10;
  CHECK(expectation->evaluate(&actual, context).error().message.find("10 other documents") !=
        std::string::npos);
}
