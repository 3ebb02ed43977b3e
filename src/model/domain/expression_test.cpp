#include "model/domain/expression.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::model;

namespace {

std::optional<double> named(std::string_view name) {
  if (name == "a")
    return 6;
  if (name == "b.c")
    return 4;
  return std::nullopt;
}

} // namespace

TEST_CASE("arithmetic is worked out as on paper") {
  struct Case {
    const char* text;
    std::optional<double> value;
  };
  const Case cases[] = {
      {"1", 1},          {" 1 + 2 * 3 ", 7}, {"(1 + 2) * 3", 9},  {"10 - 4 - 3", 3},
      {"12 / 3 / 2", 2}, {"-a", -6},         {"--2", 2},          {"a / b.c", 1.5},
      {"2.5*2", 5},      {"1 / 0", {}},      {"1 / (a - 6)", {}}, {"absent + 1", {}},
      {"a+-1", 5},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    const auto expression = Expression::parse(one.text);
    REQUIRE(expression);
    CHECK(expression->evaluate(named) == one.value);
  }
  CHECK(Expression::parse("a + b.c * a")->names() == std::vector<std::string>{"a", "b.c"});
}

TEST_CASE("what is no arithmetic is refused with its column") {
  struct Case {
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {"", "column 1: a number, a name or a parenthesis belongs here"},
      {"1 +", "column 4: a number"},
      {"1 2", "column 3: there is something behind the end"},
      {"(1", "column 3: a parenthesis is not closed"},
      {"1)", "column 2: there is something"},
      {"1.2.3", "column 1: a number"},
      {"1e5", "column 2: there is something"},
      {"a ^ 2", "column 3: there is something"},
      {std::string(1000, '('), "nested at most 64"},
      {std::string(1000, '-') + "1", "nested at most 64"},
      {std::string(5000, '1'), "at most 4096 bytes"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    const auto expression = Expression::parse(one.text);
    REQUIRE_FALSE(expression);
    CHECK(expression.error().message.find(one.message) != std::string::npos);
  }
}
