#include "base/dates.h"
#include "testing/expectations.h"

#include <diffo/expectation.h>

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

using namespace diffo;

TEST_CASE("an expectation, a filter and an index agree on every text that is a date") {
  const std::vector<std::string> texts = {"2026",
                                          "2026-06",
                                          "2026-06-22",
                                          "2026-06-22T01:02Z",
                                          "2026-06-22T01:02:00.000+0000",
                                          "2026-06-22T03:02+02",
                                          "2026-06-22T01:02",
                                          "2026-06-22 01:02:00.5",
                                          "2026-06-22T23:59:60Z",
                                          "2026-06-23T00:00:00Z",
                                          "2026-06-31",
                                          "soon"};
  const auto met = [](const char* attribute, const json::Value& expected,
                      const json::Value& found) {
    const auto expectation = testing::compile_expectation(json::Object{{attribute, expected}});
    REQUIRE(expectation);
    const json::Value actual = json::Object{{attribute, found}};
    return !expectation->evaluate(&actual, {})->outstanding();
  };
  for (const auto& [attribute, reading] : std::initializer_list<std::pair<const char*, Reading>>{
           {"startDate", Reading::instant}, {"local", Reading::value}, {"name", Reading::text}})
    for (const std::string& bound : texts) {
      const TextOperand operand(bound, reading);
      for (const std::string& found : texts) {
        CAPTURE(attribute);
        CAPTURE(bound);
        CAPTURE(found);
        const auto order = operand.order_of(found);
        CHECK(met(attribute, bound, found) == (order == 0));
        CHECK(met(attribute, json::Object{{"$eq", bound}}, found) == (order == 0));
        if (!operand.instants())
          continue;
        CHECK(met(attribute, json::Object{{"$gt", bound}}, found) == (order > 0));
        CHECK(met(attribute, json::Object{{"$gte", bound}}, found) == (order >= 0));
        CHECK(met(attribute, json::Object{{"$lt", bound}}, found) == (order < 0));
        CHECK(met(attribute, json::Object{{"$lte", bound}}, found) == (order <= 0));
        if (reading == Reading::instant && moment_of(found, reading))
          CHECK(order == operand.order_of_moment(*moment_of(found, reading)));
      }
    }
}
