#include "base/url_text.h"
#include "query/condition.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::query;

namespace {

Reading by_value(std::span<const std::string>) {
  return Reading::value;
}

/// The conditions of a raw query string.
Result<std::vector<Condition>> conditions_of(std::string_view query) {
  std::vector<ConditionText> texts;
  for (const RawParameter& parameter : split_query(query)) {
    const std::string name = TRY(decode_query_text(parameter.name));
    const std::string value = TRY(decode_query_text(parameter.value));
    texts.push_back(TRY(parse_condition(name, value, parameter.has_value)));
  }
  return make_conditions(std::move(texts), by_value);
}

bool holds(std::string_view query, std::string_view document) {
  const json::Value value = json::read(document).value();
  const std::vector<Condition> conditions = conditions_of(query).value();
  for (const Condition& condition : conditions)
    if (!condition.holds(value))
      return false;
  return true;
}

struct Case {
  const char* query;
  bool found;
};

constexpr const char* line =
    R"({"id":"1","name":"line, 5\" wide","state":"active","rank":10,"ratio":2.5,
  "big":9007199254740993,"isBundle":false,"none":null,
  "startDate":"2013-05-04T10:20:30.123Z","day":"2013-05-04","local":"2013-05-04T12:20:30.123+02:00",
  "place":[{"role":"a","id":"p1"},{"role":"b","id":"p2"}],
  "note":[],
  "serviceCharacteristic":[{"name":"speed","value":100},{"name":"tags","value":["x","y"]},
                           {"name":"deep","value":{"a":{"b":true}}}]})";

void check_all(std::initializer_list<Case> cases) {
  for (const Case& item : cases) {
    CAPTURE(item.query);
    CHECK(holds(item.query, line) == item.found);
  }
}

} // namespace

TEST_CASE("equality finds scalars of any kind, and several conditions hold together") {
  check_all({{"state=active", true},
             {"state=inactive", false},
             {"state.eq=active", true},
             {"state=active&rank=10", true},
             {"state=active&rank=11", false},
             {"rank=10.0", true},
             {"rank=1e1", true},
             {"rank=ten", false},
             {"isBundle=false", true},
             {"isBundle=true", false},
             {"isBundle.lte=false", true},
             {"isBundle.gte=false", true},
             {"isBundle.lt=true", false},
             {"isBundle.gte=true", false},
             {"isBundle=False", false},
             {"big=9007199254740993", true},
             {"big=9007199254740992", false},
             {"none=null", true},
             {"none=%22null%22", false},
             {"note.exists=true", false},
             {"note.exists=false", true},
             {"place.exists=true", true},
             {"place.role.exists=true", true},
             {"place.name.exists=true", false},
             {"name.like=line*wide", true},
             {"name.like=Line*", false},
             {"name.ilike=Line*,x", true},
             {"state.like=act", false},
             {"rank.like=1*", true},
             {"unknown=1", false},
             {"state.deeper=active", false}});
}

TEST_CASE("alternatives come as repeated keys, commas and semicolons; quotes keep them together") {
  check_all({{"state=x&state=active", true},
             {"state=x&state=y", false},
             {"state=x,active", true},
             {"state=x;active", true},
             {"state=x%2Cactive", true},
             {"state=%22active%22", true},
             {"state=%22x%22,%22active%22", true},
             {"state=%22x,active%22", false},
             {"name=%22line,%205%5C%22%20wide%22", true},
             {"name=line,+5", false},
             {"name=line,+5%22+wide", true}}); // the whole as it stands
}

TEST_CASE("a path leads through objects and arrays to any element") {
  check_all({{"place.role=a", true},
             {"place.role=b", true},
             {"place.role=c", false},
             {"place.role=a&place.id=p2", true},
             {"serviceCharacteristic.value=100", true},
             {"serviceCharacteristic.value=y", true},
             {"serviceCharacteristic.value.a.b=true", true},
             {"serviceCharacteristic.name=speed&serviceCharacteristic.value.gt=99", true},
             {"serviceCharacteristic.value.gt=100", false}, // "x" is not above a number
             {"note.text=x", false},
             {"note=", false}});
}

TEST_CASE("order compares numbers as numbers and texts by code point") {
  check_all({{"rank.gt=9", true},
             {"rank.gt=10", false},
             {"rank.gte=10", true},
             {"rank.lt=100", true},
             {"rank.lte=9.99", false},
             {"ratio.gt=2&ratio.lt=3", true},
             {"big.gt=9007199254740992", true},
             {"state.gt=aardvark", true},
             {"state.lt=aardvark", false},
             {"isBundle.gt=false", false}});
}

TEST_CASE("operators may stand in the URL as signs, encoded or not") {
  check_all({{"rank%3E9", true},
             {"rank>9", true},
             {"rank%3E10", false},
             {"rank%3E=10", true},
             {"rank%3E%3D10", true},
             {"rank%3C=9", false},
             {"rank%3C11", true},
             {"rank!=9", true},
             {"rank!=10", false},
             {"rank%21%3D9", true},
             {"state*=^act", true},
             {"state%2A%3D^in", false},
             {"startDate%3E2012", true},
             {"startDate%3E2013", false},
             {"startDate%3E=2013", true}});
}

TEST_CASE("dates compare as instants at the precision given") {
  check_all({{"startDate=2013-05-04T10:20:30.123Z", true},
             {"startDate=2013-05-04T10:20:30.1234Z", false},
             {"startDate=2013-05-04T10:20:30Z", true},
             {"startDate=2013-05-04T10:20Z", true},
             {"startDate=2013-05-04T12:20:30%2B02:00", true},
             {"startDate=2013-05-04T12:20:30+02:00", true}, // the + became a space
             {"startDate=2013-05-04", true},
             {"startDate=2013-05", true},
             {"startDate=2013", true},
             {"startDate=2014", false},
             {"startDate.gt=2013-05-04", false},
             {"startDate.gt=2013-05-03", true},
             {"startDate.gte=2013-05-04", true},
             {"startDate.lt=2013-05-04", false},
             {"startDate.lte=2013-05-04", true},
             {"startDate.lt=2013-05-04T10:20:30.124Z", true},
             {"local=2013-05-04T10:20:30.123Z", true},
             {"day=2013-05-04", true},
             {"day.lt=2013-05-05", true},
             {"day=2013", false}, // a short text that is no date-time stays a text
             {"startDate=yesterday", false}});
}

TEST_CASE("a value with microseconds is found by its text in milliseconds") {
  const char* document = R"({"serviceDate":"2026-06-22T01:02:03.004005Z"})";
  CHECK(holds("serviceDate=2026-06-22T01:02:03.004Z", document));
  CHECK(holds("serviceDate=2026-06-22T01:02:03.004005Z", document));
  CHECK_FALSE(holds("serviceDate=2026-06-22T01:02:03.005Z", document));
  CHECK_FALSE(holds("serviceDate.gt=2026-06-22T01:02:03.004Z", document));
  CHECK(holds("serviceDate.gte=2026-06-22T01:02:03.004Z", document));
}

TEST_CASE("ne holds when there are values and none of them is an operand") {
  check_all({{"state.ne=inactive", true},
             {"state.ne=active", false},
             {"state.ne=inactive,active", false},
             {"place.role.ne=c", true},
             {"place.role.ne=a", false},
             {"unknown.ne=1", false},
             {"note.text.ne=x", false}});
}

TEST_CASE("a pattern is found anywhere and is not split at commas") {
  check_all({{"state.regex=tiv", true},
             {"state.regex=^tiv", false},
             {"name.regex=^line,", true},
             {"name.regex=^l.{1,3}e", true},
             {"rank.regex=^1", true},
             {"state.regex=^in&state.regex=^act", true}});
}

TEST_CASE("a text attribute does not compare as a date or number when it is declared as text") {
  auto text = parse_condition("name", "2013-05-04", true).value();
  const auto conditions =
      make_conditions({text}, [](std::span<const std::string>) { return Reading::text; }).value();
  CHECK_FALSE(conditions[0].holds(json::read(R"({"name":"2013-05-04T10:00:00Z"})").value()));
  CHECK(conditions[0].holds(json::read(R"({"name":"2013-05-04"})").value()));
}

TEST_CASE("malformed filters are refused and name their parameter") {
  const std::initializer_list<const char*> bad = {
      "name",         "%3E5",         ".name=1",          "name.=1",
      "a..b=1",       "name~=x",      "name%5E=x",        "name=%22open",
      "name.gt%3E=1", "name.regex=(", "name.regex=(?=a)", "name%3D%3Dx",
      "a%20b=1",      "name%3Ex=1",   "na(me=1"};
  for (const char* query : bad) {
    CAPTURE(query);
    const auto refused = conditions_of(query);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::invalid);
    CHECK_FALSE(refused.error().path.empty());
  }
  CHECK(conditions_of("name=" + std::string(max_value_bytes, 'x')).has_value());
  CHECK(conditions_of("name=" + std::string(max_value_bytes + 1, 'x')).error().path == "name");
  std::string patterns = "a.regex=x";
  for (std::size_t count = 0; count < max_patterns; ++count)
    patterns += "&a.regex=x";
  CHECK_FALSE(conditions_of(patterns).has_value());
}

TEST_CASE("query text decodes strictly") {
  CHECK(decode_query_text("a%20b+c%C3%A9").value() == "a b cé");
  for (const char* bad : {"%", "%2", "%zz", "%C3", "%ED%A0%80", "%00", "%C0%80", "%F8%88%80%80%80"})
    CHECK_FALSE(decode_query_text(bad).has_value());
  std::string out;
  append_percent_encoded(out, "a b/é~");
  CHECK(out == "a%20b%2F%C3%A9~");
  CHECK(decode_query_text(out).value() == "a b/é~");
}
