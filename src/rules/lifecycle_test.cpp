#include "rules/lifecycle.h"

#include "testing/declared_store.h"

#include <array>
#include <map>
#include <string>

using namespace diffo;
using namespace diffo::rules;
using testing::DeclaredStore;
using testing::key_of;

namespace {

constexpr std::string_view lines = R"(domain: Lines
kinds:
  Line:
    half: service
    specification: {id: 6c3f0d7e-1a34-4c1f-8d52-0a6b7c8d9e02, name: line}
    actions:
      recall: {update: true, transition: {from: [suspended, cancelled], to: reserved}}
)";

constexpr std::array<std::string_view, 8> states = {
    "initial", "feasibilityChecked", "reserved",  "inactive",
    "active",  "suspended",          "cancelled", "terminated"};

struct Row {
  std::string_view action;
  std::string_view from;
  std::string_view to;
  std::string_view operating_status;
};

/// domain.md §8.
constexpr Row rows[] = {
    {"feasibilityCheck", "initial", "feasibilityChecked", ""},
    {"reserve", "initial feasibilityChecked", "reserved", "pending"},
    {"activate", "initial feasibilityChecked reserved inactive suspended terminated", "active",
     "starting"},
    {"deactivate", "active reserved", "inactive", "configured"},
    {"suspend", "active", "suspended", "limited"},
    {"terminate", "active inactive suspended", "terminated", "stopping"},
    {"cancel", "initial feasibilityChecked reserved", "cancelled", "unknown"},
    {"recall", "suspended cancelled", "reserved", ""},
};

bool leaves(const Row& row, std::string_view state) {
  const std::string list = ' ' + std::string(row.from) + ' ';
  return list.find(' ' + std::string(state) + ' ') != std::string::npos;
}

} // namespace

TEST_CASE("each transition leaves the states of the table and no others") {
  const auto model = testing::model_of_yaml(lines);
  const model::DeclaredKind& kind = *model->declared().named("Line");
  for (const Row& row : rows) {
    CAPTURE(row.action);
    const auto transition = transition_named(kind, row.action);
    REQUIRE(transition);
    CHECK(transition->to == row.to);
    CHECK(transition->operating_status == row.operating_status);
    CHECK(transition->starts == (row.action == "activate"));
    CHECK(transition->stops == (row.action == "terminate" || row.action == "cancel"));
    for (const std::string_view state : states)
      CHECK((std::find(transition->from.begin(), transition->from.end(), state) !=
             transition->from.end()) == leaves(row, state));
  }
  CHECK_FALSE(transition_named(kind, "fly"));
}

TEST_CASE("between two states leads what the table says, and a refusal names where one can go") {
  const auto model = testing::model_of_yaml(lines);
  const model::DeclaredKind& kind = *model->declared().named("Line");
  for (const std::string_view from : states)
    for (const std::string_view to : states) {
      CAPTURE(from);
      CAPTURE(to);
      const bool allowed = std::any_of(std::begin(rows), std::end(rows), [&](const Row& row) {
        return row.to == to && leaves(row, from);
      });
      CHECK(transition_between(kind, from, to).has_value() == allowed);
      const std::string behind = ", " + states_behind(kind, from) + ',';
      CHECK((behind.find(", " + std::string(to) + ',') != std::string::npos) == allowed);
    }
  CHECK(states_behind(kind, "terminated") == "active");
}

TEST_CASE("a transition sets what belongs to it, every time") {
  DeclaredStore fixture(lines);
  const graph::Key line = key_of(fixture.build("Line", "{}"));
  CHECK(fixture.field(line, "state") == "initial");
  REQUIRE(fixture.act(line, "activate"));
  const std::string started = fixture.field(line, "startDate");
  CHECK(fixture.field(line, "operatingStatus") == "starting");
  CHECK(fixture.field(line, "endDate").empty());
  fixture.clock.advance_microseconds(1'000'000);
  REQUIRE(fixture.act(line, "terminate"));
  const std::string ended = fixture.field(line, "endDate");
  CHECK(fixture.field(line, "startDate") == started);
  CHECK(ended > started);
  fixture.clock.advance_microseconds(1'000'000);
  REQUIRE(fixture.act(line, "activate"));
  CHECK(fixture.field(line, "startDate") > ended);
  CHECK(fixture.field(line, "endDate") == ended); // it has been terminated once
  const auto refused = fixture.act(line, "cancel");
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(refused.error().path == "/state");
  CHECK(fixture.field(line, "state") == "active");
}
