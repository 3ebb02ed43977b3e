#include "base/calendar.h"
#include "base/pattern.h"
#include "terms/functions.h"
#include "terms/helpers.h"
#include "terms/reference.h"
#include "terms/term_text.h"
#include "terms/vectors.h"

#include <diffo/difference.h>

#include <doctest/doctest.h>

#include <limits>

using namespace diffo;
using namespace diffo::terms;

namespace {

constexpr Timestamp noon{1'794'744'000'000'000}; // 2026-11-15T12:00:00Z
constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

Term nested(std::size_t depth) {
  Term term = Term::integer(1);
  for (std::size_t level = 0; level < depth; ++level)
    term = Term::list({std::move(term)});
  return term;
}

} // namespace

TEST_CASE("ranges of any size know their members at once") {
  CHECK(Range{lowest, highest, 1}.contains(0));
  CHECK(Range{lowest, highest, highest}.contains(-1));
  CHECK_FALSE(Range{lowest, highest, highest}.contains(0));
  CHECK(Range{highest, lowest, lowest}.contains(-1));
  CHECK_FALSE(Range{highest, lowest, lowest}.contains(0));
  CHECK(Range{10, 1, -3}.contains(1));
  CHECK_FALSE(Range{10, 1, -3}.contains(2));
  CHECK(Range{1, 0, 1}.empty());
}

TEST_CASE("terms of any depth can be made, compared, copied, described and let go") {
  const Term deep = nested(1'000'000);
  const Term copy = deep;
  CHECK(copy == deep);
  CHECK(nested(1'000'000) == deep);
  CHECK(nested(999'999) != deep);
  CHECK(describe(deep).size() < 100);
  CHECK(Term::set({deep, nested(1'000'000)}).items().size() == 1);
}

TEST_CASE("an expectation or an actual that is nested too deep is refused") {
  const auto expected = difference(nested(10'000), nested(10'000), noon);
  REQUIRE_FALSE(expected);
  CHECK(expected.error().code == ErrorCode::too_large);
  CHECK(difference(Term::integer(1), nested(10'000), noon).error().code == ErrorCode::too_large);
  CHECK(difference(nested(500), nested(500), noon)->is_nil());
  CHECK(term_to_json(nested(10'000)).error().code == ErrorCode::too_large);
}

TEST_CASE("a comparison of gigantic lists ends with an error instead of never") {
  std::vector<Term> many;
  for (std::int64_t value = 0; value < 20'000; ++value)
    many.push_back(Term::integer(value));
  std::vector<Term> others;
  for (std::int64_t value = 0; value < 20'000; ++value)
    others.push_back(Term::integer(-value - 1));
  others.push_back(Term::range({0, 20'000, 1}));
  const auto outcome = difference(Term::applied("all_of", Term::list(std::move(many))),
                                  Term::list(std::move(others)), noon);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::too_large);
}

TEST_CASE("an error names the place where the comparison stopped") {
  const Term expected = Term::map({{Term::atom("a"), Term::list({Term(), *Term::regex("x")})}});
  const Term actual = Term::map({{Term::atom("a"), Term::list({Term(), Term::map({})})}});
  const auto outcome = difference(expected, actual, noon);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::no_rule);
  CHECK(outcome.error().path == "/a/1");
}

TEST_CASE("what the reference raises is told apart from what is unmet") {
  const auto code = [](const Term& expected, const Term& actual) {
    const auto outcome = difference(expected, actual, noon, reference_rules());
    return outcome ? ErrorCode::internal : outcome.error().code;
  };
  const Term hour = Term::duration({.hours = 1});
  CHECK(code(*Term::regex("x"), Term::list({Term::atom("a")})) == ErrorCode::invalid);
  CHECK(code(Term::applied("less_than", Term::integer(1)), hour) == ErrorCode::unprocessable);
  CHECK(code(Term::applied("less_than", hour), Term::integer(1)) == ErrorCode::no_rule);
  CHECK(code(Term::applied("bounded_by", hour), hour) == ErrorCode::unprocessable);
  CHECK(code(Term::function("less_than"), hour) == ErrorCode::malformed);
  CHECK(code(Term::function("empty_map"), Term::date({})) == ErrorCode::no_rule);
  CHECK(code(Term::function("nobody"), hour) == ErrorCode::no_rule);
  CHECK(code(Term::record("Nobody", {}, RecordForm::full), Term()) == ErrorCode::no_rule);
  CHECK(code(*make_record("Ash.Minimal", {}, reference_rules()), Term::atom("a")) ==
        ErrorCode::unsupported);
  CHECK(suppress(Term::integer(1)).error().code == ErrorCode::unprocessable);
}

TEST_CASE("bounds with other than two durations give the atom error") {
  const Term one = Term::list({Term::duration({.hours = 1})});
  CHECK(*difference(Term::applied("bounded_by", one), Term::duration({}), noon) ==
        Term::atom("error"));
  CHECK(*difference(Term::applied("unbounded_by", Term::list({})), Term::duration({}), noon) ==
        Term::atom("error"));
}

TEST_CASE("months and days compare as of the day of the reading") {
  const auto month_is_30_days = [](const char* now) {
    const Timestamp instant{parse_datetime(now)->microseconds};
    return difference(Term::duration({.months = 1}), Term::duration({.days = 30}), instant)
        ->is_nil();
  };
  CHECK(month_is_30_days("2026-11-15T12:00:00Z"));
  CHECK_FALSE(month_is_30_days("2026-01-15T12:00:00Z"));
  // A fraction stored with another precision is never the same amount (outstanding.md §4.8).
  CHECK(difference(Term::duration({.microseconds = 1000, .precision = 3}),
                   Term::duration({.microseconds = 1000, .precision = 6}), noon)
            ->kind() == TermKind::duration);
  CHECK(difference(Term::duration({.years = highest}), Term::duration({}), noon).error().code ==
        ErrorCode::too_large);
}

TEST_CASE("no time is current within a minute of midnight") {
  const Timestamp after_midnight{parse_datetime("2026-11-15T00:00:30Z")->microseconds};
  CHECK(difference(Term::function("current_time"), Term::time({30'000'000, 6}), after_midnight)
            ->is_atom("current_time"));
}

TEST_CASE("floats are compared exactly, zeros by their sign") {
  CHECK(difference(Term::integer(9007199254740993), Term::real(9007199254740992.0), noon)->kind() ==
        TermKind::integer);
  CHECK(difference(Term::integer(highest), Term::real(9223372036854775808.0), noon)->kind() ==
        TermKind::integer);
  CHECK(difference(Term::real(0.0), Term::real(-0.0), noon)->kind() == TermKind::real);
  CHECK(difference(Term::real(-0.0), Term::integer(0), noon)->is_nil());
}

TEST_CASE("a pattern is searched in the text form of an actual") {
  const auto found = [](const char* pattern, const Term& actual) {
    return difference(*Term::regex(pattern), actual, noon)->is_nil();
  };
  CHECK(found("^1\\.0e20$", Term::real(1e20)));
  CHECK(found("^1\\.5$", Term::real(1.5)));
  CHECK(found("^ab\xc3\xa9$", Term::list({Term::integer('a'), Term::list({Term::text("b")}),
                                          Term::integer(0xE9)})));
  CHECK(found("^2025-02-25 11:59:00Z$", Term::datetime(*parse_datetime("2025-02-25T11:59:00Z"))));
  CHECK(found("^$", Term::list({})));
}

TEST_CASE("pattern options follow PCRE as far as time stays linear") {
  CHECK(Term::regex("a b # comment", "x")->pattern().found_in("ab"));
  CHECK(Term::regex("A.B", "is")->pattern().found_in("a\nb"));
  CHECK_FALSE(Term::regex("^b")->pattern().found_in("a\nb"));
  CHECK(Term::regex("^.$")->pattern().found_in("x"));
  CHECK_FALSE(Term::regex("^.$")->pattern().found_in("\xc3\xa9"));
  CHECK(Term::regex("^.$", "u")->pattern().found_in("\xc3\xa9"));
  CHECK(Term::regex("(?>a)").error().message.find("atomic") != std::string::npos);
  CHECK(Term::regex("((a{1,500}){1,500}){1,500}").error().code != ErrorCode::internal);
  CHECK(Term::regex(std::string(5000, 'a')).error().code == ErrorCode::too_large);
  // A pattern that takes exponential time where engines backtrack.
  CHECK_FALSE(Term::regex("^(a+)+$")->pattern().found_in(std::string(100'000, 'a') + "b"));
}

TEST_CASE("dates, times and durations are read and written as ISO 8601") {
  CHECK(format_date(*parse_date("2024-02-29")) == "2024-02-29");
  CHECK_FALSE(parse_date("2026-02-29"));
  CHECK_FALSE(parse_date("2026-1-1"));
  CHECK(format_time(*parse_time("23:59:59.120")) == "23:59:59.120");
  CHECK_FALSE(parse_time("24:00:00"));
  CHECK(format_moment(*parse_datetime("1969-12-31T23:30:00.5-01:00"), 'T') ==
        "1970-01-01T00:30:00.5");
  CHECK(format_moment(*parse_naive("1969-12-31 23:59:59"), 'T') == "1969-12-31T23:59:59");
  CHECK_FALSE(parse_datetime("2026-01-01T00:00:00"));
  for (const char* text : {"P1Y2M3W4DT5H6M7S", "PT0S", "PT1.500000S", "P-1D", "PT-0.250000S"})
    CHECK(format_duration(*parse_duration(text)) == text);
  CHECK(parse_duration("-PT1H")->hours == -1);
  for (const char* text :
       {"", "P", "PT", "1H", "P1H", "PT1D", "P1D1Y", "PT1", "PT99999999999999999999S", "PT1.5M"})
    CHECK_FALSE_MESSAGE(parse_duration(text), text);
}

TEST_CASE("own functions, records and customisations take part by name") {
  Rules rules = Rules::standard();
  rules.add("even", [](const Term& actual, Comparison&) -> Result<Term> {
    return actual.kind() == TermKind::integer && actual.integer() % 2 == 0 ? Term()
                                                                           : Term::atom("even");
  });
  rules.add(RecordType{.name = "Port",
                       .fields = {{"number", Term()}, {"mode", Term::atom("on")}},
                       .kind = RecordKind::derived});
  const Term port = *make_record("Port", {{"number", Term::function("even")}}, rules);
  CHECK(difference(port, *make_record("Port", {{"number", Term::integer(4)}}, rules), noon, rules)
            ->is_nil());
  const Term residue =
      *difference(port, *make_record("Port", {{"number", Term::integer(5)}}, rules), noon, rules);
  CHECK(describe(residue) == "%Port{number: :even}");
  CHECK(*difference(port, Term(), noon, rules) == port);
  CHECK_FALSE(make_record("Port", {{"colour", Term()}}, rules));
}
