#include "outstanding/assignment.h"
#include "testing/expectations.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <numeric>

using namespace diffo;
using namespace diffo::outstanding;

namespace {

json::Value read(const char* text) {
  return json::read(text).value();
}

/// The residue as text; also holds the explanation against the count.
std::string residue_of(const char* expected, const char* actual) {
  const auto expectation = testing::compile_expectation(read(expected));
  REQUIRE(expectation);
  const json::Value found = read(actual);
  const auto evaluation = expectation->evaluate(&found, {.explain = Explain::yes});
  REQUIRE(evaluation);
  CHECK(evaluation->explanation.size() == evaluation->unmet);
  return evaluation->residue ? json::to_text(*evaluation->residue) : "nothing";
}

void refuses(const char* expected, const char* path) {
  const auto expectation = testing::compile_expectation(read(expected));
  REQUIRE_FALSE(expectation);
  CHECK(expectation.error().code == ErrorCode::invalid);
  CHECK(expectation.error().path == path);
}

/// The least sum of all assignments, by trying every one.
std::size_t least_sum(const std::vector<std::size_t>& missing, std::size_t columns,
                      const std::vector<Possibility>& possible, std::size_t row,
                      std::vector<bool>& taken) {
  if (row == missing.size())
    return static_cast<std::size_t>(std::count(taken.begin(), taken.end(), false));
  std::size_t best = missing[row] + least_sum(missing, columns, possible, row + 1, taken);
  for (const Possibility& one : possible) {
    if (one.row != row || taken[one.column])
      continue;
    taken[one.column] = true;
    best = std::min(best, one.cost + least_sum(missing, columns, possible, row + 1, taken));
    taken[one.column] = false;
  }
  return best;
}

} // namespace

TEST_CASE("items of a closed list take distinct actual items") {
  const char* two = R"({"relatedParty": {"$only": [{"role": "Customer"}, {"role": "Customer"}]}})";
  CHECK(residue_of(two, R"({"relatedParty": [{"role": "Customer", "id": "1"}]})") ==
        R"({"relatedParty":[{"role":"Customer"}]})");
  CHECK(residue_of(two, R"({"relatedParty": [{"role": "Customer", "id": "1"},
                                             {"role": "Customer", "id": "2"}]})") == "nothing");
  // The one that any would meet is left to the one that needs it.
  CHECK(
      residue_of(
          R"({"relatedParty": {"$only": [{"role": "Customer"}, {"role": "Customer", "id": "1"}]}})",
          R"({"relatedParty": [{"role": "Customer", "id": "1"}, {"role": "Customer", "id": "2"}]})") ==
      "nothing");
}

TEST_CASE("what no item of a closed list means is undesired, shown by its key") {
  const char* one = R"({"serviceCharacteristic": {"$only": [{"name": "a", "value": 1}]}})";
  CHECK(residue_of(one, R"({"serviceCharacteristic": [{"name": "a", "value": 1},
                                                      {"name": "b", "value": 2}]})") ==
        R"({"serviceCharacteristic":[{"name":"b","$absent":true}]})");
  CHECK(
      residue_of(
          one,
          R"({"serviceCharacteristic": [{"name": "b", "value": 2}, {"name": "a", "value": 2}]})") ==
      R"({"serviceCharacteristic":[{"name":"a","value":1},{"name":"b","$absent":true}]})");
  CHECK(
      residue_of(R"({"relatedParty": {"$only": []}})",
                 R"({"relatedParty": [{"role": "x", "id": "1"}, {"role": "x", "id": "2"},
                                        {"role": "y", "id": "3"}]})") ==
      R"({"relatedParty":[{"role":"x","id":"1","$absent":true},{"role":"x","id":"2","$absent":true},{"role":"y","$absent":true}]})");
  CHECK(
      residue_of(R"({"relatedParty": {"$only": []}})",
                 R"({"relatedParty": [{"role": "x", "partyOrPartyRole": {"id": "1"}},
                                        {"role": "x", "partyOrPartyRole": {"id": "2"}}]})") ==
      R"({"relatedParty":[{"role":"x","partyOrPartyRole":{"id":"1"},"$absent":true},{"role":"x","partyOrPartyRole":{"id":"2"},"$absent":true}]})");
  CHECK(
      residue_of(
          R"({"serviceCharacteristic": {"$only": []}})",
          R"({"serviceCharacteristic": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]})") ==
      R"({"serviceCharacteristic":[{"$eq":{"name":"a","value":1},"$absent":true},{"$eq":{"name":"a","value":2},"$absent":true}]})");
  CHECK(residue_of(R"({"tags": {"$only": ["a", "b"]}})", R"({"tags": ["b", "c"]})") ==
        R"({"tags":{"$keyed":["a",{"$eq":"c","$absent":true}]}})");
}

TEST_CASE("what is outstanding of a closed list is an expectation that says the same again") {
  const auto stays = [](const char* expected, const char* actual) {
    const std::string once = residue_of(expected, actual);
    CHECK(residue_of(once.c_str(), actual) == once);
    return once;
  };
  // Without a key, with members that no key has, with a null and with a pattern where the key is.
  CHECK(stays(R"({"serviceCharacteristic": {"$only": []}})",
              R"({"serviceCharacteristic": [{"value": 1}, {"name": null, "id": null},
                                            {"name": {"$gt": 1}}, null, 7, [{"name": "a"}]]})")
            .find(R"({"$eq":{"name":{"$gt":1}},"$absent":true})") != std::string::npos);
  // Equal to the last member: lists inside an item are no patterns either.
  CHECK(
      stays(R"({"serviceCharacteristic": {"$only": [{"name": "b"}]}})",
            R"({"serviceCharacteristic": [{"name": "a", "value": [1]}, {"name": "a", "value": [1]},
                                            {"name": "b"}]})") ==
      R"({"serviceCharacteristic":[{"$eq":{"name":"a","value":[1]},"$absent":true},{"$eq":{"name":"a","value":[1]},"$absent":true}]})");
  // Where a plain list would go by position: in a value, and in what is no list of the standard's.
  stays(R"({"serviceCharacteristic": [{"name": "a", "value": {"$only": [{"id": 1}]}}]})",
        R"({"serviceCharacteristic": [{"name": "a", "value": [{"id": 2}, {"id": 3, "x": 1}]}]})");
  stays(R"({"x": {"$only": [1, {"name": "a", "y": 2}]}})", R"({"x": [2, {"name": "a"}, [3]]})");
  stays(R"({"x": {"$only": [1]}})", R"({"x": "no list"})");
}

TEST_CASE("an item that is not to be there may be a literal") {
  const char* no_item = R"({"serviceCharacteristic": [{"$absent": true, "$eq": {"name": "a"}}]})";
  CHECK(residue_of(no_item, R"({"serviceCharacteristic": [{"name": "a", "value": 1}]})") ==
        "nothing");
  CHECK(residue_of(no_item, R"({"serviceCharacteristic": [{"name": "a"}]})") != "nothing");
}

TEST_CASE("a closed list of nothing is met by nothing") {
  CHECK(residue_of(R"({"note": {"$only": []}})", "{}") == "nothing");
  CHECK(residue_of(R"({"note": {"$only": []}})", R"({"note": []})") == "nothing");
  CHECK(residue_of(R"({"note": {"$only": [{"id": "1"}]}})", "{}") == R"({"note":[{"id":"1"}]})");
}

TEST_CASE("an item that is not to be there is outstanding while one has its key") {
  const char* no_mtu =
      R"({"serviceCharacteristic": [{"name": "mtu", "$absent": true}, {"name": "a"}]})";
  CHECK(residue_of(no_mtu, R"({"serviceCharacteristic": [{"name": "a"}]})") == "nothing");
  CHECK(residue_of(no_mtu, R"({"serviceCharacteristic": [{"name": "mtu"}, {"name": "a"}]})") ==
        R"({"serviceCharacteristic":[{"name":"mtu","$absent":true}]})");
  CHECK(residue_of(R"({"relatedParty": [{"role": "x", "id": "2", "$absent": true}]})",
                   R"({"relatedParty": [{"role": "x", "id": "1"}]})") == "nothing");
  CHECK(residue_of(R"({"relatedParty": [{"role": "x", "id": "2", "$absent": true}]})", "{}") ==
        "nothing");
  CHECK(
      residue_of(
          R"({"serviceRelationship": [{"relationshipType": "uses", "service": {"id": "s"}, "$absent": true}]})",
          R"({"serviceRelationship": [{"relationshipType": "uses", "service": {"id": "s"}}]})") ==
      R"({"serviceRelationship":[{"relationshipType":"uses","service":{"id":"s"},"$absent":true}]})");
}

TEST_CASE("beside $absent stands the key of an item alone") {
  refuses(R"({"serviceCharacteristic": [{"name": "a", "value": 1, "$absent": true}]})",
          "/serviceCharacteristic/0/value");
  refuses(R"({"serviceCharacteristic": [{"name": "a", "$absent": false}]})",
          "/serviceCharacteristic/0/$absent");
  refuses(R"({"serviceCharacteristic": [{"$absent": true}]})", "/serviceCharacteristic/0");
  refuses(R"({"serviceCharacteristic": [{"name": null, "$absent": true}]})",
          "/serviceCharacteristic/0");
  refuses(R"({"serviceRelationship": [{"service": {"id": "s", "state": "x"}, "$absent": true}]})",
          "/serviceRelationship/0/service");
  refuses(R"({"place": {"$only": {"role": "x"}}})", "/place/$only");
}

TEST_CASE("applying a closed list leaves just what it says") {
  const auto expectation = testing::compile_expectation(
      read(R"({"serviceCharacteristic": {"$only": [{"name": "a", "value": 1}, {"name": "b"}]}})"));
  const json::Value actual =
      read(R"({"serviceCharacteristic": [{"name": "c"}, {"name": "b", "value": 2}]})");
  const json::Value applied = expectation->apply_to(actual);
  CHECK(json::to_text(applied) ==
        R"({"serviceCharacteristic":[{"name":"a","value":1},{"name":"b","value":2}]})");
}

TEST_CASE("the assignment is the one with the least sum") {
  CHECK(rc::check([] {
    const auto pick = [](int below) {
      return static_cast<std::size_t>(*rc::gen::inRange(0, below));
    };
    const std::size_t columns = pick(5);
    std::vector<std::size_t> missing(pick(5));
    std::vector<Possibility> possible;
    for (std::size_t row = 0; row < missing.size(); ++row) {
      missing[row] = 1 + pick(4);
      for (std::size_t column = 0; column < columns; ++column)
        if (pick(3) != 0)
          possible.push_back({row, column, pick(static_cast<int>(missing[row]) + 1)});
    }
    const auto found = assign(missing, columns, possible);
    RC_ASSERT(found.has_value());
    std::vector<bool> taken(columns, false);
    std::size_t sum = columns;
    for (std::size_t row = 0; row < missing.size(); ++row) {
      const auto column = (*found)[row];
      if (!column) {
        sum += missing[row];
        continue;
      }
      RC_ASSERT(!taken[*column]);
      taken[*column] = true;
      const auto one = std::find_if(possible.begin(), possible.end(), [&](const auto& candidate) {
        return candidate.row == row && candidate.column == *column;
      });
      RC_ASSERT(one != possible.end());
      sum += one->cost;
      --sum;
    }
    std::vector<bool> none(columns, false);
    RC_ASSERT(sum == least_sum(missing, columns, possible, 0, none));
  }));
}

TEST_CASE("rows and columns that are all alike keep their order, and too many are refused") {
  std::vector<Possibility> possible;
  for (std::size_t row = 0; row < 20; ++row)
    for (std::size_t column = 0; column < 30; ++column)
      possible.push_back({row, column, 0});
  const auto found = assign(std::vector<std::size_t>(20, 1), 30, possible);
  REQUIRE(found);
  for (std::size_t row = 0; row < 20; ++row)
    CHECK((*found)[row] == row);
  CHECK_FALSE(assign(std::vector<std::size_t>(20, 1), 30, possible, {.max_work = 1000}));
}

TEST_CASE("closed lists of gigantic lists without keys end with an error instead of never") {
  json::Array wanted(3000, json::Value(json::Object{{"value", 1}}));
  json::Value actual = json::Object{{"serviceCharacteristic", wanted}};
  const auto expectation = testing::compile_expectation(
      json::Object{{"serviceCharacteristic", json::Object{{"$only", std::move(wanted)}}}});
  REQUIRE(expectation);
  const auto evaluation = expectation->evaluate(&actual, {});
  REQUIRE_FALSE(evaluation);
  CHECK(evaluation.error().code == ErrorCode::too_large);
}
